import subprocess
import sys

import pytest
from tensorboard.backend import application
from tensorboard.plugins import base_plugin
from tensorboard.plugins.core import core_plugin

from tb_explain_plugin import loader as loader_module
from tb_explain_plugin import plugin
from tests.plugin.conftest import parse_flags


def test_every_step_is_kept_by_default():
    assert parse_flags("--logdir", "x").samples_per_plugin == {"explain": 0}


def test_the_users_own_choice_wins():
    flags = parse_flags("--logdir", "x", "--samples_per_plugin", "images=3,explain=50")
    assert flags.samples_per_plugin == {"images": 3, "explain": 50}


def test_what_the_user_chose_for_others_stays():
    assert parse_flags("--logdir", "x", "--samples_per_plugin", "images=3").samples_per_plugin == {"images": 3, "explain": 0}


def test_the_entry_point_is_this_loader():
    from tensorboard import default

    assert loader_module.ExplainLoader in default.get_dynamic_plugins()


def run_python(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_the_entry_point_imports_next_to_nothing():
    code = """
import sys
from tensorboard.plugins import base_plugin
before = set(sys.modules)
import tb_explain_plugin.loader
print(sorted(name for name in set(sys.modules) - before if name.partition(".")[0] not in sys.stdlib_module_names))
"""
    result = run_python(code)
    assert result.stdout.strip() == "['tb_explain_plugin', 'tb_explain_plugin.loader']", result.stderr


def test_neither_loading_nor_answering_imports_tensorflow(synthetic):
    """With TensorFlow and Keras forbidden, every route answers all the same, in TensorBoard with its own stand-in for TensorFlow."""
    code = f"""
import sys

class Forbidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("tensorflow", "keras"):
            raise AssertionError(f"imported {{name}}")

sys.modules["tensorboard.compat.notf"] = type(sys)("tensorboard.compat.notf")  # TensorBoard's own switch
sys.meta_path.insert(0, Forbidden())
from pathlib import Path
from tests.plugin.conftest import open_log
from tests.plugin.test_routes import ROUTES, ask
with open_log(Path({str(synthetic)!r}), "python") as opened:
    client = opened.client()
    last = ["drift", "drift_matrix", "compare", "alarms"]  # ranks, phases, regions
    for route, parameters in sorted(ROUTES.items(), key=lambda item: item[0] in last):
        assert route in last or "scipy" not in sys.modules, "only where it is used"
        assert ask(client, route, **parameters).status_code == 200, route
assert not {{"tensorflow", "keras"}} & set(sys.modules)
print("answered", len(ROUTES))
"""
    result = run_python(code)
    assert result.stdout.strip() == "answered 10", result.stderr


def test_a_plugin_that_cannot_be_loaded_leaves_tensorboard_running(monkeypatch, caplog):
    def broken(context):
        raise ImportError("a dependency is missing")

    monkeypatch.setattr(plugin, "ExplainPlugin", broken)
    flags = parse_flags("--logdir", "x")
    app = application.TensorBoardWSGIApp(flags, [core_plugin.CorePluginLoader(), loader_module.ExplainLoader])
    assert [each.plugin_name for each in app._plugins] == ["core"]
    assert "a dependency is missing" in caplog.text


@pytest.mark.parametrize("context", [base_plugin.TBContext(), base_plugin.TBContext(logdir="x")])
def test_the_plugin_is_made_without_reading_anything(context):
    made = loader_module.ExplainLoader().load(context)
    assert made.plugin_name == "explain"
    assert made.is_active() is False
    assert {"/groups", "/frame", "/*"} <= made.get_plugin_apps().keys()
