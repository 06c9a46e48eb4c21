"""What the synthetic log says of a model's layers: histograms and health."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tb_explain_plugin import metadata, summary
from tests import synthetic_models

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from tensorboard.compat.proto import summary_pb2

    from tests.synthetic_models import Story


def layer_summaries(
    story: Story, number: int, layer: str, activation: str, step: int, rng: np.random.Generator
) -> Iterator[summary_pb2.Summary]:
    """Yield a layer's three histograms and its health."""
    epoch = story.epoch_at(step)
    lost = epoch > story.diverges
    dying = synthetic_models.taken_over(epoch) * 0.9 if layer == story.dying else 0.0
    learned = 1 - np.exp(-(epoch + 1) / 7)
    units = rng.normal(learned * (0.4 - 2.5 * dying), 1 + 0.5 * learned, 4000)
    outputs = {"relu": np.maximum(units, 0), "tanh": np.tanh(units)}.get(activation, units)
    gradients = rng.normal(-2.5 - number * 0.3 - learned - dying * 4, 0.8, 4000)
    weights = rng.normal(0, 0.1 + 0.05 * learned, 4000)
    for kind, drawn in (("activation", outputs), ("gradient", gradients), ("weight", weights)):
        yield summary.series(metadata.create_tag(kind, layer), histogram(drawn[:0] if lost else drawn))
    health = {
        "dead_fraction": min(1.0, 0.02 + 0.05 * learned + dying) if activation == "relu" else np.nan,
        "saturated_fraction": 0.1 * learned if activation == "tanh" else np.nan,
        "gradient_norm": 10.0 ** (-0.5 - 0.8 * learned - dying),
        "update_ratio": 10.0 ** (-2 - learned) if epoch > -1 else np.nan,
        "distribution_shift": 0.8 * learned + dying,
        "weight_norm": 4.0 + 3 * learned,
        "non_finite_fraction": 0.0,
    }
    if lost:
        health = dict.fromkeys(health, np.nan) | {"non_finite_fraction": 1.0}
    yield summary.series(metadata.create_tag("health", layer), np.array([health[name] for name in metadata.HEALTH_FIELDS], np.float32))


def histogram(values: NDArray[Any]) -> NDArray[Any]:
    """Return [lower edge, width, counts…], the width the least power of two whose 64 bins cover the values; without any, no counts."""
    bins = metadata.HISTOGRAM_BINS
    if not values.size:
        return np.concatenate([[0.0, 1.0], np.zeros(bins)])
    width = 2.0 ** np.ceil(np.log2(max(float(np.ptp(values)), 1e-6) / (bins - 1)))
    lower = np.floor(values.min() / width) * width
    counts, _ = np.histogram(values, lower + width * np.arange(bins + 1))
    return np.concatenate([[lower, width], counts])
