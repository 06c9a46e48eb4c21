"""Held to closed forms, to SciPy, and to the definitions."""

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon

from tb_explain_plugin import similarity


def test_sign_flip_mass_is_the_part_that_changed_sides():
    current = np.array([[3.0, -1.0], [4.0, 2.0]])
    reference = np.array([[-3.0, -1.0], [4.0, 0.0]])
    assert similarity.sign_flip_mass(current, reference) == pytest.approx((3 / 10 + 3 / 8) / 2)
    assert similarity.sign_flip_mass(current, -current) == pytest.approx(1)
    assert similarity.sign_flip_mass(current, current) == 0


def test_sign_flip_mass_does_not_depend_on_scale():
    a, b = np.random.default_rng(0).normal(size=(2, 10, 4))
    assert similarity.sign_flip_mass(1e200 * a, 1e-200 * b) == pytest.approx(similarity.sign_flip_mass(a, b))


def test_zero_does_not_flip():
    assert similarity.sign_flip_mass(np.zeros((2, 2)), np.ones((2, 2))) == 0
    assert similarity.sign_flip_mass(np.zeros((2, 2)), np.zeros((2, 2))) == 0


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_has_no_sign_flip_mass(bad):
    assert np.isnan(similarity.sign_flip_mass([[1.0, bad]], [[1.0, 2.0]]))


def test_jensen_shannon_is_the_square_of_scipys_distance():
    p, q = np.random.default_rng(1).dirichlet(np.full(7, 0.3), (2, 5))
    np.testing.assert_allclose(similarity.jensen_shannon(p, q), jensenshannon(p, q, base=2, axis=-1) ** 2, atol=1e-12)


def test_jensen_shannon_reaches_both_ends():
    assert similarity.jensen_shannon([0.5, 0.5, 0], [0.5, 0.5, 0]) == 0
    assert similarity.jensen_shannon([1, 0], [0, 1]) == 1
    assert similarity.jensen_shannon([1.0], [1.0]) == 0


def test_jensen_shannon_takes_counts():
    np.testing.assert_allclose(similarity.jensen_shannon([2, 6], [1, 1]), similarity.jensen_shannon([0.25, 0.75], [0.5, 0.5]))


@pytest.mark.parametrize("bad", [[0.0, 0.0], [np.nan, 1.0], [np.inf, 1.0], [-1.0, 2.0]])
def test_what_is_no_distribution_has_no_divergence(bad):
    assert np.isnan(similarity.jensen_shannon(bad, [0.5, 0.5]))


def slow_cka(x, y):
    x, y = x - x.mean(0), y - y.mean(0)
    return np.linalg.norm(y.T @ x) ** 2 / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y))


def slow_unbiased_hsic(k, m):
    """Song et al. 2012, equation 5."""
    k, m = k - np.diag(np.diag(k)), m - np.diag(np.diag(m))
    n = len(k)
    return (np.trace(k @ m) + k.sum() * m.sum() / ((n - 1) * (n - 2)) - 2 / (n - 2) * k.sum(0) @ m.sum(0)) / (n * (n - 3))


@pytest.fixture
def layers():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(20, 6))
    return x, x @ rng.normal(size=(6, 9)) + rng.normal(size=(20, 9)) + 5


def test_linear_cka_is_its_definition(layers):
    assert similarity.linear_cka(*layers) == pytest.approx(slow_cka(*layers))


def test_debiased_cka_is_its_definition(layers):
    k, m = (layer @ layer.T for layer in layers)
    expected = slow_unbiased_hsic(k, m) / np.sqrt(slow_unbiased_hsic(k, k) * slow_unbiased_hsic(m, m))
    assert similarity.debiased_cka(*layers) == pytest.approx(expected)


@pytest.mark.parametrize("cka", [similarity.linear_cka, similarity.debiased_cka])
def test_cka_ignores_rotation_scale_and_shift(cka, layers):
    x, _ = layers
    rotation, _ = np.linalg.qr(np.random.default_rng(3).normal(size=(6, 6)))
    assert cka(x, 1e30 * x @ rotation + 3) == pytest.approx(1)


def test_cka_takes_activations_of_any_rank():
    x = np.random.default_rng(4).normal(size=(8, 3, 3, 2)).astype(np.float16)
    assert similarity.linear_cka(x, x.reshape(8, -1)) == pytest.approx(1)


def test_unrelated_wide_layers_are_alike_only_before_debiasing():
    x, y = np.random.default_rng(5).normal(size=(2, 64, 1000))
    assert similarity.linear_cka(x, y) > 0.9
    assert abs(similarity.debiased_cka(x, y)) < 0.05


@pytest.mark.parametrize("cka", [similarity.linear_cka, similarity.debiased_cka])
@pytest.mark.parametrize("layer", [np.zeros((5, 2)), np.full((5, 2), 0.1), np.full((5, 2), np.nan), np.full((5, 2), np.inf)])
def test_a_layer_that_tells_no_samples_apart_resembles_nothing(cka, layer):
    other = np.random.default_rng(6).normal(size=(5, 3))
    assert np.isnan(cka(layer, other))
    assert np.isnan(cka(layer, layer))


def test_too_few_samples_have_no_cka():
    one, three = np.ones((1, 2)), np.random.default_rng(7).normal(size=(3, 2))
    assert np.isnan(similarity.linear_cka(one, one))
    assert np.isnan(similarity.debiased_cka(three, three))


def test_layers_of_other_samples_are_refused():
    with pytest.raises(ValueError, match="4 and 5 samples"):
        similarity.linear_cka(np.ones((4, 2)), np.ones((5, 2)))
