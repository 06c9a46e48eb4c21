"""What two explanations say of each other, where the answer is known in closed form."""

import numpy as np
import pytest

from tb_explain_plugin import drift_figures

VALUES = np.array([[3.0, -1.0, 0.5], [1.0, 2.0, -0.5]])
SHARES = np.array([0.5, 0.375, 0.125])


def test_an_explanation_does_not_drift_from_itself():
    found = drift_figures.between(VALUES, VALUES, (SHARES, SHARES), signed=True)
    assert found.local_drift == pytest.approx((0, 0, 0), abs=1e-15)
    assert found.share_shift == pytest.approx((0, 0, 0, 0, 0), abs=1e-15)
    assert (found.jensen_shannon, found.sign_flip_mass) == pytest.approx((0, 0), abs=1e-15)
    assert (found.rank_correlation, found.top_overlap, found.rank_biased_overlap) == pytest.approx((1, 1, 1))


def test_the_opposite_explanation_has_other_signs_and_the_same_shares():
    found = drift_figures.between(-VALUES, VALUES, (SHARES, SHARES), signed=True)
    assert found.local_drift == pytest.approx((2, 2, 2))
    assert found.sign_flip_mass == 1
    assert found.share_shift.value == found.share_shift.noise == 0


def test_explanations_with_nothing_in_common_are_as_far_apart_as_can_be():
    found = drift_figures.between([[1.0, 0.0]] * 4, [[0.0, 1.0]] * 4, tuple(np.eye(2)), signed=True)
    assert found.local_drift == pytest.approx((1, 1, 1))
    assert found.share_shift == pytest.approx((1, 0, 1, 1, 0), abs=1e-7)
    assert found.jensen_shannon == pytest.approx(1)
    assert (found.rank_correlation, found.top_overlap) == (-1, 0)
    assert found.rank_biased_overlap == pytest.approx(0.2 * 0.8 + 0.8**2)


def test_a_method_without_a_sign_has_nothing_to_flip():
    assert np.isnan(drift_figures.between(-VALUES, VALUES, (SHARES, SHARES), signed=False).sign_flip_mass)


def test_without_a_reference_nothing_is_known():
    flat = [*drift_figures.UNKNOWN.local_drift, *drift_figures.UNKNOWN.share_shift, *drift_figures.UNKNOWN[2:]]
    assert np.isnan(flat).all()
    assert len(flat) == 3 + 5 + 5


@pytest.mark.parametrize(("features", "k"), [(1, 1), (2, 1), (4, 1), (8, 2), (14, 4), (15, 5), (1000, 5)])
def test_the_top_is_five_or_a_third(features, k):
    assert drift_figures.places(features) == k
    assert drift_figures.chances(features)["top_overlap"] == {"k": k, "by_chance": pytest.approx(k / features)}
