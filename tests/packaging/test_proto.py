import filecmp
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    output = tmp_path_factory.mktemp("generated")
    runpy.run_path(str(ROOT / "scripts/generate_proto.py"))["generate"](output)
    return output / "tb_explain_plugin"


@pytest.mark.parametrize("name", ["plugin_data_pb2.py", "plugin_data_pb2.pyi"])
def test_generated_code_is_what_the_compiler_makes_of_the_proto(generated, name):
    committed = ROOT / "tb_explain_plugin" / name
    assert filecmp.cmp(generated / name, committed, shallow=False), f"{name} is stale; run `make proto`"
