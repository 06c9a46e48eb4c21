"""What counts as memory that explaining adds."""

import subprocess
import sys
import textwrap

import pytest

from benchmarks import memory

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
MB = 2**20


def in_a_process_of_its_own(code):
    """What other tests take and give back meanwhile is none of the call's."""
    code = f"import numpy as np\nfrom benchmarks import memory\n{textwrap.dedent(code)}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return [int(number) / MB for number in done.stdout.split()]


def test_the_peak_is_seen_after_it_has_passed():
    added, kept = in_a_process_of_its_own("""
        before, most = memory.peak(lambda: np.ones(64 << 20, np.uint8).sum())
        print(most - before, memory.resident("VmRSS") - before)
    """)
    assert 60 < added < 90
    assert kept < 20


def test_an_earlier_peak_does_not_count():
    [added] = in_a_process_of_its_own("""
        np.ones(128 << 20, np.uint8).sum()
        before, most = memory.peak(lambda: np.ones(16 << 20, np.uint8).sum())
        print(most - before)
    """)
    assert 14 < added < 40


def test_what_failed_in_its_own_process_is_said_and_none(capsys):
    assert memory.measured(["--case", "cnn-relu", "no such method", "1", "1"]) is None
    assert "no such method" in capsys.readouterr().err
