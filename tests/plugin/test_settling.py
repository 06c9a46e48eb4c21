import numpy as np
import pytest

from tb_explain_plugin.settling import settled

STEPS = np.arange(100)


@pytest.mark.parametrize("time_constant", [3.0, 8.0, 15.0])
def test_an_exponential_settles_after_three_time_constants(time_constant):
    """It is within a twentieth of its way after ln 20 = 3.0 of them."""
    expected = np.ceil(np.log(20) * time_constant)
    assert settled(np.exp(-STEPS / time_constant)) == pytest.approx(expected, abs=1)
    assert settled(1 - np.exp(-STEPS / time_constant)) == pytest.approx(expected, abs=1)


def test_scale_and_offset_change_nothing():
    curve = np.exp(-STEPS / 8)
    assert settled(curve) == settled(1e6 * curve - 3) == settled(-1e-6 * curve)


def test_a_wider_band_is_reached_earlier():
    curve = np.exp(-STEPS / 8)
    assert settled(curve, band=0.2) == np.ceil(np.log(5) * 8)


def test_one_step_outside_of_the_band_counts_from_there():
    curve = np.where(STEPS < 10, 1.0, 0.0)
    assert settled(curve) == 10
    curve[40] = 0.3
    assert settled(curve) == 41


def test_what_noise_moves_is_no_unrest():
    curve = np.where(STEPS < 10, 0.9, 0.97) + 0.005 * (-1.0) ** STEPS
    assert settled(curve) is None  # the way is .07, and a twentieth of it less than the noise
    assert settled(curve, least=0.01) == 10


def test_a_curve_that_still_moves_has_not_settled():
    assert settled(STEPS) is None
    assert settled(np.where(STEPS < 90, 1.0, 0.0)) is None


def test_a_curve_that_never_moves_has_settled_at_once():
    assert settled(np.full(10, 0.3)) == 0


def test_values_that_are_not_finite_are_passed_over():
    curve = np.where(STEPS < 10, 1.0, 0.0)
    curve[[0, 5, 10, 99]] = [np.nan, np.inf, np.nan, -np.inf]
    assert settled(curve) == 11
    assert settled(np.full(50, np.nan)) is None


def test_six_values_are_the_fewest_that_can_settle():
    assert settled([1.0, 1.0, 0.0, 0.0, 0.0]) is None
    assert settled([1.0, 1.0, 0.0, 0.0, 0.0, 0.0]) == 2
