"""Saliency, gradient × input, SmoothGrad and expected gradients, held to closed forms and to float64 twins."""

from __future__ import annotations

import tracemalloc

import keras
import numpy as np
import pytest

from tb_explain_plugin.callbacks.explainers import Scorer, expected_gradients, gradient_times_input, saliency, smooth_grad
from tb_explain_plugin.callbacks.explainers.quadrature import gauss_legendre
from tests.explainers import reference


def linear_model(features):
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.layers.Input((features,)), keras.layers.Dense(1)])


def squares(*shape):
    """F(x) = Σ x², whose gradient 2x says where it was asked for."""
    inputs = keras.Input(shape)
    return keras.Model(inputs, keras.ops.sum(keras.layers.Flatten()(inputs) ** 2, axis=-1, keepdims=True))


def tokens_model():
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.layers.Input((6,), dtype="int32"),
            keras.layers.Embedding(20, 4, mask_zero=True),
            keras.layers.GlobalAveragePooling1D(),
            keras.layers.Dense(1),
        ]
    )


TOKENS = np.array([[3, 4, 5, 0, 0, 0], [7, 8, 9, 10, 11, 12]])


# One gradient ---------------------------------------------------------------------------------------------------------------------


def test_saliency_is_the_magnitude_of_the_gradient(classifier, samples):
    x, y = samples
    attribution = saliency(classifier, x, y)
    twin = reference.DenseTwin.of(classifier)
    for i, target in enumerate(y):
        np.testing.assert_allclose(attribution.values[i], np.abs(twin.gradient(x[i].astype(float), target)), atol=1e-5)
        assert attribution.score[i] == pytest.approx(reference.log_odds(twin.logits(x[i]), target), abs=1e-4)
    assert attribution.baseline_score is None
    assert attribution.completeness_error is None


def test_saliency_of_a_token_is_the_sum_of_magnitudes_over_its_embedding():
    model = tokens_model()
    weight = np.abs(model.layers[-1].kernel.numpy()).sum()
    np.testing.assert_allclose(saliency(model, TOKENS).values, [[weight / 3] * 3 + [0] * 3, [weight / 6] * 6], rtol=1e-6)


def test_gradient_times_input_of_a_linear_model_is_weight_times_input(samples):
    x, _ = samples
    model = linear_model(5)
    weight = model.layers[0].kernel.numpy()[:, 0].astype(np.float64)
    np.testing.assert_allclose(gradient_times_input(model, x).values, weight * x, atol=1e-6)


def test_gradient_times_input_equals_its_float64_twin(classifier, samples):
    x, y = samples
    values = gradient_times_input(classifier, x, y).values
    twin = reference.DenseTwin.of(classifier)
    for i, target in enumerate(y):
        np.testing.assert_allclose(values[i], x[i] * twin.gradient(x[i].astype(float), target), atol=1e-5)


def test_gradient_times_input_of_relus_without_biases_sums_to_the_score(samples):
    x, _ = samples
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [keras.layers.Input((5,)), keras.layers.Dense(9, activation="relu", use_bias=False), keras.layers.Dense(1, use_bias=False)]
    )
    attribution = gradient_times_input(model, x)
    np.testing.assert_allclose(attribution.values.sum(axis=1), attribution.score, atol=1e-5)


def test_gradient_times_input_counts_tokens_from_the_padding():
    model = tokens_model()
    embedding, weight = model.layers[0].embeddings.numpy(), model.layers[-1].kernel.numpy()[:, 0]
    lengths = np.count_nonzero(TOKENS, axis=1, keepdims=True)
    expected = (embedding[TOKENS] - embedding[0]) @ weight / lengths
    np.testing.assert_allclose(gradient_times_input(model, TOKENS).values, expected, atol=1e-6)


def test_gradient_times_input_counts_pixels_from_black_wherever_rescaling_puts_it():
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.layers.Input((3, 3, 1), dtype="uint8"),
            keras.layers.Rescaling(1 / 127.5, offset=-1),
            keras.layers.Flatten(),
            keras.layers.Dense(1),
        ]
    )
    pixels = np.random.default_rng(0).integers(0, 256, (4, 3, 3, 1)).astype(np.uint8)
    weight = model.layers[-1].kernel.numpy().reshape(3, 3, 1)
    np.testing.assert_allclose(gradient_times_input(model, pixels).values, weight * pixels / 127.5, atol=1e-5)


# SmoothGrad -----------------------------------------------------------------------------------------------------------------------


def test_smooth_grad_of_a_linear_model_is_its_weight(samples):
    x, _ = samples
    model = linear_model(5)
    np.testing.assert_allclose(smooth_grad(model, x).values, np.broadcast_to(model.layers[0].kernel.numpy()[:, 0], x.shape), rtol=1e-6)


def test_smooth_grad_equals_its_float64_twin(classifier, samples):
    x, y = samples
    values = smooth_grad(classifier, x, y, samples=7, noise=0.3, seed=4).values
    sigma = 0.3 * (x.max(axis=0) - x.min(axis=0))
    generator = np.random.default_rng(4)
    noises = sigma * np.stack([generator.standard_normal(x.shape, np.float32) for _ in range(7)])
    twin = reference.DenseTwin.of(classifier)
    for i, target in enumerate(y):
        expected = reference.smooth_grad(lambda z, t=target: twin.gradient(z, t), x[i].astype(float), noises[:, i])
        np.testing.assert_allclose(values[i], expected, atol=2e-5)


def deviations(values, x, draws):
    """The noise's standard deviation, from the mean of ``draws`` gradients 2(x + ε)."""
    return (values / 2 - x) * np.sqrt(draws)


def test_the_noise_of_an_image_is_a_share_of_its_own_range():
    generator = np.random.default_rng(1)
    x = generator.random((3, 40, 40, 1), dtype=np.float32) * np.array([1, 10, 100], np.float32).reshape(3, 1, 1, 1)
    noise = deviations(smooth_grad(squares(40, 40, 1), x, noise=0.2, samples=4).values, x, 4)
    np.testing.assert_allclose(noise.std(axis=(1, 2, 3)), [0.2, 2, 20], rtol=0.1)


def test_the_noise_of_a_table_is_a_share_of_each_columns_range():
    generator = np.random.default_rng(1)
    x = (generator.random((1500, 3)) * [1, 10, 0]).astype(np.float32)
    noise = deviations(smooth_grad(squares(3), x, noise=0.2, samples=4).values, x, 4)
    np.testing.assert_allclose(noise.std(axis=0), [0.2, 2, 0], rtol=0.1, atol=1e-6)


def test_another_seed_draws_other_noise():
    x = np.random.default_rng(0).random((4, 6, 6, 1), dtype=np.float32)
    first, again, other = (smooth_grad(squares(6, 6, 1), x, seed=seed).values for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)


# Expected gradients ---------------------------------------------------------------------------------------------------------------


def test_expected_gradients_of_a_linear_model_is_exact_once_every_baseline_has_come(samples):
    x, _ = samples
    model, background = linear_model(5), np.random.default_rng(2).normal(size=(8, 5)).astype(np.float32)
    attribution = expected_gradients(model, x, background=background, samples=16)
    weight = model.layers[0].kernel.numpy()[:, 0]
    np.testing.assert_allclose(attribution.values, weight * (x - background.mean(axis=0)), atol=1e-5)
    np.testing.assert_allclose(attribution.baseline_score, (background @ weight).mean(), atol=1e-5)
    assert attribution.completeness_error.max() < 1e-5


def test_by_default_the_samples_are_each_others_background(samples):
    x, _ = samples
    model = linear_model(5)
    weight = model.layers[0].kernel.numpy()[:, 0]
    np.testing.assert_allclose(expected_gradients(model, x, samples=len(x)).values, weight * (x - x.mean(axis=0)), atol=1e-5)


def test_nodes_are_stratified():
    """Of F = a·b from zero, the gradients' mean is the mean node times the other factor; one node in each of 10 parts: .5 ± .05."""
    inputs = keras.Input((2,))
    model = keras.Model(inputs, inputs[:, :1] * inputs[:, 1:])
    x = np.random.default_rng(0).uniform(1, 2, (200, 2)).astype(np.float32)
    values = expected_gradients(model, x, background=np.zeros((1, 2), np.float32), samples=10).values
    mean_node = values[:, 0] / (x[:, 0] * x[:, 1])
    assert np.abs(mean_node - 0.5).max() <= 0.05
    assert mean_node.std() > 1e-3  # drawn, not the midpoints: otherwise biased


def test_expected_gradients_tends_to_the_mean_of_integrated_gradients(classifier, samples):
    x, y = samples
    background = np.random.default_rng(9).normal(size=(6, 5)).astype(np.float32)
    twin = reference.DenseTwin.of(classifier)
    nodes, weights = gauss_legendre(24)
    exact = []
    for point, target in zip(x[:12].astype(float), y, strict=False):
        gradient = lambda z, t=target: twin.gradient(z, t)  # noqa: E731
        exact.append(reference.expected_gradients(gradient, point, background.astype(float), nodes, weights))
    scorer = Scorer(classifier, x[:12], y[:12])
    few, many = (expected_gradients(scorer, x[:12], y[:12], background=background, samples=k) for k in (24, 960))
    few_error, many_error = (np.abs(a.values - exact).sum() / np.abs(exact).sum() for a in (few, many))
    assert few_error < 0.2
    assert many_error < 0.02
    assert many_error < few_error / 3
    from_background = [np.mean([reference.log_odds(twin.logits(b), t) for b in background]) for t in y[:12]]
    np.testing.assert_allclose(many.baseline_score, from_background, atol=1e-4)
    assert many.completeness_error.max() < 0.05


def test_the_background_fits_the_inputs(classifier, samples):
    x, y = samples
    with pytest.raises(ValueError, match=r"background of input 'table' has shape \(3, 4\); expected M samples, of shape \(None, 5\)"):
        expected_gradients(classifier, x, y, background=np.zeros((3, 4), np.float32))
    with pytest.raises(ValueError, match=r"background is not as the inputs are: .*empty"):
        expected_gradients(classifier, x, y, background=x[:0])
    with pytest.raises(ValueError, match=r"background is not as the inputs are: .*another structure"):
        expected_gradients(classifier, x, y, background={"table": x})
    with pytest.raises(ValueError, match=r"background of input 'input' has shape \(2, 4\); expected M samples, of shape \(None, 6\)"):
        expected_gradients(tokens_model(), TOKENS, background=TOKENS[:, :4])


def test_a_mask_that_is_an_input_is_neither_moved_nor_explained():
    steps, mask = keras.Input((5, 2), name="steps"), keras.Input((5,), dtype="bool", name="mask")
    model = keras.Model({"steps": steps, "mask": mask}, keras.layers.Dense(1)(keras.layers.GlobalAveragePooling1D()(steps, mask=mask)))
    weight = model.layers[-1].kernel.numpy()[:, 0]
    generator = np.random.default_rng(0)
    kept = np.array([[1, 1, 1, 0, 0], [1, 1, 0, 0, 0], [1, 1, 1, 1, 1]], bool)
    x = {"steps": generator.normal(size=(3, 5, 2)).astype(np.float32), "mask": kept}
    share = (kept / kept.sum(axis=1, keepdims=True))[..., None] * weight
    expected = {
        saliency: np.abs(share),
        gradient_times_input: share * x["steps"],
        smooth_grad: share,
        expected_gradients: share * (x["steps"] - x["steps"].mean(axis=0)),
    }
    for explain, values in expected.items():
        options = {"samples": 3} if explain in (smooth_grad, expected_gradients) else {}
        attribution = explain(model, x, **options)
        np.testing.assert_allclose(attribution.values["steps"], values, atol=1e-6)
        assert not attribution.values["mask"].any()


# All ------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("explain", [smooth_grad, expected_gradients])
def test_memory_does_not_grow_with_the_draws(explain):
    inputs = keras.Input((64, 64, 1))
    model = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Flatten()(inputs)))
    x = np.random.default_rng(0).random((32, 64, 64, 1), dtype=np.float32)
    scorer = Scorer(model, x, batch_size=64)  # two draws at a time
    peaks = []
    for draws in (4, 4, 40):  # the first one traces
        tracemalloc.start()
        explain(scorer, x, samples=draws)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] < 1.1 * peaks[1]


@pytest.mark.parametrize("explain", [smooth_grad, expected_gradients])
@pytest.mark.parametrize("batch_size", [40, 80, 120, 4096])
def test_draws_that_share_a_batch_are_draws_of_their_own(classifier, samples, explain, batch_size):
    x, y = samples  # 40 of them: 1, 2 (the last batch filled up), 3 or 7 draws a batch
    scorer = Scorer(classifier, x, y, batch_size=batch_size)
    apart = explain(Scorer(classifier, x, y, batch_size=8), x, y, samples=7)
    together = explain(scorer, x, y, samples=7)
    np.testing.assert_allclose(together.values, apart.values, atol=1e-5)
    if apart.baseline_score is not None:
        np.testing.assert_allclose(together.baseline_score, apart.baseline_score, atol=1e-5)
    assert len(scorer._functions["gradients"].traces) == 1


def test_a_scorer_traces_each_question_once_for_the_whole_family(classifier, samples):
    x, y = samples
    scorer = Scorer(classifier, x, y, batch_size=16)
    for explain in (saliency, gradient_times_input, smooth_grad, expected_gradients):
        explain(scorer, x, y)
    assert {key: len(function.traces) for key, function in scorer._functions.items()} == {"gradients": 1, "scores:True": 1}
