import configparser
import os
import re
import shutil
import tarfile
import zipfile
from pathlib import Path
from subprocess import CalledProcessError

import pyproject_hooks
import pytest
from build import BuildBackendException, ProjectBuilder
from build.env import DefaultIsolatedEnv

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "tb_explain_plugin"
NOT_IN_GIT = shutil.ignore_patterns(".*", "*.egg-info", "__pycache__", "build", "dist", "logs", "node_modules", "static")
BUNDLE = "tb_explain_plugin/static/index.js"


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """Builds (sources, distribution) as pip does, with the build requirements alone and no Node.js of the machine."""
    broken_node = tmp_path_factory.mktemp("broken_node")
    for name in ("node", "npm", "npx"):
        (broken_node / name).write_text("#!/bin/sh\nexit 1\n")
        (broken_node / name).chmod(0o755)
    with pytest.MonkeyPatch.context() as patch, DefaultIsolatedEnv() as environment:
        patch.setenv("PATH", f"{broken_node}{os.pathsep}{os.environ['PATH']}")
        builder = ProjectBuilder.from_isolated_env(environment, ROOT)
        environment.install(builder.build_system_requires)

        def build_in_environment(sources, distribution):
            runner = pyproject_hooks.quiet_subprocess_runner
            builder = ProjectBuilder.from_isolated_env(environment, sources, runner)
            try:
                return Path(builder.build(distribution, sources.parent))
            except BuildBackendException as failure:
                if isinstance(failure.exception, CalledProcessError):
                    raise RuntimeError(failure.exception.output.decode()) from failure
                raise

        yield build_in_environment


def copy_sources(directory):
    return shutil.copytree(ROOT, directory / "sources", symlinks=True, ignore=NOT_IN_GIT)


@pytest.fixture(scope="module")
def sdist(build, tmp_path_factory):
    """The sdist of a fresh checkout, unpacked."""
    sources = copy_sources(tmp_path_factory.mktemp("checkout"))
    archive = build(sources, "sdist")
    with tarfile.open(archive) as file:
        file.extractall(sources.parent, filter="data")
    return archive.with_name(archive.name.removesuffix(".tar.gz"))


@pytest.fixture(scope="module")
def wheel(build, sdist):
    """The wheel made from the sdist: `{name: content}`. Its bundle ends with a mark that no compiler would write."""
    with (sdist / BUNDLE).open("a") as file:
        file.write("// from the sdist")
    with zipfile.ZipFile(build(sdist, "wheel")) as file:
        return {name: file.read(name) for name in file.namelist()}


def test_the_sdist_carries_the_bundle_and_the_sources_it_came_from(sdist):
    assert (sdist / BUNDLE).stat().st_size > 0
    assert (sdist / "frontend/package-lock.json").exists()
    assert (sdist / "tb_explain_plugin/plugin_data.proto").exists()
    assert not (sdist / "frontend/node_modules").exists()


def test_the_wheel_takes_the_bundle_of_the_sdist(wheel):
    assert wheel[BUNDLE].endswith(b"// from the sdist")


def test_the_wheel_holds_every_script_that_another_asks_for(wheel):
    static = BUNDLE.removesuffix("index.js")
    scripts = {name: content.decode() for name, content in wheel.items() if name.startswith(static) and name.endswith(".js")}
    asked = {static + name for content in scripts.values() for name in re.findall(r"""["'`]\./([\w-]+\.js)["'`]""", content)}
    assert len(asked) > 5  # each view's, and what they share
    assert asked - {BUNDLE} == scripts.keys() - {BUNDLE}


def test_the_wheel_holds_every_module(wheel):
    modules = {f"tb_explain_plugin/{path.relative_to(PACKAGE)}" for path in PACKAGE.glob("*.py")}
    callbacks = ROOT / "callbacks"
    modules |= {f"tb_explain_plugin/callbacks/{path.relative_to(callbacks)}" for path in callbacks.rglob("*.py")}
    assert modules == {name for name in wheel if name.endswith(".py")}


def test_the_wheel_installs_one_top_level_package(wheel):
    top_level = {name.split("/")[0] for name in wheel}
    assert {name for name in top_level if not name.endswith(".dist-info")} == {"tb_explain_plugin"}


@pytest.mark.parametrize("name", ["py.typed", "http_api.md", "plugin_data.proto", "plugin_data_pb2.pyi"])
def test_the_wheel_holds_what_goes_with_the_modules(wheel, name):
    assert f"tb_explain_plugin/{name}" in wheel


def test_the_wheel_holds_the_licence(wheel):
    (licence,) = [content for name, content in wheel.items() if name.endswith(".dist-info/licenses/LICENSE")]
    assert licence == (ROOT / "LICENSE").read_bytes()


def test_the_wheel_tells_tensorboard_where_the_plugin_is(wheel):
    (text,) = [content for name, content in wheel.items() if name.endswith(".dist-info/entry_points.txt")]
    entry_points = configparser.ConfigParser()
    entry_points.read_string(text.decode())
    assert dict(entry_points["tensorboard_plugins"]) == {"explain": "tb_explain_plugin.loader:ExplainLoader"}


@pytest.mark.filterwarnings("ignore:Editable installation")  # advice that setuptools always gives
def test_an_editable_install_compiles_the_frontend_in_place(build, tmp_path):
    sources = copy_sources(tmp_path)
    build(sources, "editable")
    assert (sources / BUNDLE).stat().st_size > 0


@pytest.mark.parametrize("distribution", ["sdist", "wheel", "editable"])
def test_a_frontend_that_cannot_be_compiled_fails_the_build(build, tmp_path, distribution):
    sources = copy_sources(tmp_path)
    (sources / "frontend/package-lock.json").unlink()
    with pytest.raises(RuntimeError, match="npm could not install the frontend's dependencies"):
        build(sources, distribution)


def test_code_that_vite_refuses_fails_the_build(build, tmp_path):
    sources = copy_sources(tmp_path)
    (sources / "frontend/src/index.ts").write_text("export const = ;\n")
    with pytest.raises(RuntimeError, match="Vite could not compile the frontend"):
        build(sources, "editable")
