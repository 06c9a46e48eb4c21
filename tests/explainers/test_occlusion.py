"""Occlusion, against its slow twin and what is known of simple models."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

from tb_explain_plugin.callbacks.explainers import occlusion
from tests.explainers import reference


def test_values_are_those_of_the_twin(classifier, samples):
    x, y = samples
    twin = reference.DenseTwin.of(classifier)
    baseline = x.mean(axis=0, dtype=np.float64)
    attribution = occlusion(classifier, x, y)
    expected = [
        reference.occlusion(lambda v, t=t: reference.log_odds(twin.logits(v), t), row, baseline) for row, t in zip(x, y, strict=True)
    ]
    np.testing.assert_allclose(attribution.values, expected, atol=5e-6)
    at_baseline = [reference.log_odds(twin.logits(baseline), t) for t in y]
    np.testing.assert_allclose(attribution.baseline_score, at_baseline, atol=5e-6)


def test_a_linear_models_values_are_weight_times_distance(rows):
    model = keras.Sequential([layers.Input((5,)), layers.Dense(1)])
    attribution = occlusion(model, rows, baseline="zero", score=lambda outputs, _: outputs[:, 0])
    np.testing.assert_allclose(attribution.values, rows * model.get_weights()[0][:, 0], atol=1e-5)


def test_what_another_player_can_do_alone_is_worth_nothing():
    """The known weakness, which is why Shapley values average over all coalitions."""
    x = np.array([[1, 1], [1, 0]], np.float32)
    model = keras.Sequential([layers.Input((2,)), layers.Lambda(lambda v: keras.ops.max(v, axis=1, keepdims=True))])
    attribution = occlusion(model, x, baseline="zero", score=lambda outputs, _: outputs[:, 0])
    np.testing.assert_allclose(attribution.values, [[0, 0], [1, 0]])


def test_a_blocks_drop_is_shared_by_its_pixels_and_channels(pictures):
    model = keras.Sequential([layers.Input((6, 6, 2)), layers.Flatten(), layers.Dense(1)])
    attribution = occlusion(model, pictures, baseline="zero", players=(2, 3), score=lambda outputs, _: outputs[:, 0])
    drops = (pictures * model.get_weights()[0].reshape(6, 6, 2)).reshape(3, 2, 3, 3, 2, 2).sum(axis=(2, 4, 5))
    for i in range(6):
        for j in range(6):
            np.testing.assert_allclose(attribution.values[:, i, j], drops[:, i // 3, j // 2, None].repeat(2, axis=1) / 12, atol=1e-5)
