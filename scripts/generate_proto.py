"""Compiles plugin_data.proto to Python code and type stubs.

    python -m scripts.generate_proto [output directory]

The compiler is protoc 31.1, the counterpart of the oldest protobuf runtime that TensorBoard 2.21 admits: a runtime
refuses code that a newer compiler wrote. It comes inside a wheel of grpcio-tools, which is unpacked into a temporary
directory, because its requirements would hold the environment back at that old runtime.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROTO = "tb_explain_plugin/plugin_data.proto"  # relative to ROOT, as it is named in the descriptor
COMPILER = "grpcio-tools==1.76.0"
VERSION = "libprotoc 31.1"


def generate(output: Path) -> None:
    """Writes plugin_data_pb2.py and .pyi below `output`, in the folder that the proto lies in.

    Raises:
        RuntimeError: The compiler is not protoc 31.1.
        subprocess.CalledProcessError: The compiler cannot be installed, or the proto has an error.
    """
    with tempfile.TemporaryDirectory() as compiler:
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", compiler, COMPILER]
        subprocess.run(install, check=True)
        run = "from grpc_tools import protoc; sys.exit(protoc.main(sys.argv))"
        protoc = [sys.executable, "-c", f"import sys; sys.path.insert(0, {compiler!r}); {run}"]
        version = subprocess.run([*protoc, "--version"], check=True, capture_output=True, text=True).stdout.strip()
        if version != VERSION:
            raise RuntimeError(f"expected {VERSION} in {COMPILER}, received {version}; pin the release that has it")
        subprocess.run(
            [*protoc, f"--proto_path={ROOT}", f"--python_out={output}", f"--pyi_out={output}", PROTO],
            check=True,
            cwd=ROOT,
        )


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT)
