"""The process apart in which Captum runs."""

import importlib.util
import sys

import pytest

from benchmarks import worker


def test_a_worker_that_cannot_start_says_why():
    if importlib.util.find_spec("captum") is None:
        with pytest.raises(RuntimeError, match=r"No module named '(captum|torch)'"):
            worker.Worker(sys.executable, "mlp-relu")
    else:
        ready = worker.Worker(sys.executable, "mlp-relu")
        assert all(name.startswith("captum") for name in ready.methods)
        ready.close()


def test_an_interpreter_that_is_not_there_is_an_error_of_the_system():
    with pytest.raises(OSError, match="nowhere"):
        worker.Worker("/nowhere/python", "mlp-relu")
