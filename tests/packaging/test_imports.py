"""What may be imported where TensorFlow is not installed: a server that only shows logs needs none."""

import pkgutil
import subprocess
import sys

import pytest

import tb_explain_plugin

WITHOUT_TENSORFLOW = """
import importlib, sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("tensorflow", "keras"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
importlib.import_module(sys.argv[1])
"""


def import_without_tensorflow(module):
    command = [sys.executable, "-c", WITHOUT_TENSORFLOW, module]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("module", [module.name for module in pkgutil.iter_modules(tb_explain_plugin.__path__) if not module.ispkg])
def test_the_server_side_needs_no_tensorflow(module):
    result = import_without_tensorflow(f"tb_explain_plugin.{module}")
    assert result.returncode == 0, result.stderr


def test_the_callbacks_say_what_to_install():
    result = import_without_tensorflow("tb_explain_plugin.callbacks")
    assert result.returncode != 0
    assert 'pip install "tb-explain-plugin[tensorflow]"' in result.stderr
