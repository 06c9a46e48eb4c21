"""What counts as memory that explaining adds."""

import sys

import numpy as np
import pytest

from benchmarks import memory

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
MB = 2**20


def test_the_peak_is_seen_after_it_has_passed():
    before, most = memory.peak(lambda: np.ones(64 * MB, np.uint8).sum())
    assert 60 * MB < most - before < 90 * MB
    assert memory.resident("VmRSS") - before < 20 * MB


def test_an_earlier_peak_does_not_count():
    np.ones(128 * MB, np.uint8).sum()
    before, most = memory.peak(lambda: np.ones(16 * MB, np.uint8).sum())
    assert most - before < 40 * MB


def test_what_failed_in_its_own_process_is_said_and_none(capsys):
    assert memory.measured(["--case", "cnn-relu", "no such method", "1", "1"]) is None
    assert "no such method" in capsys.readouterr().err
