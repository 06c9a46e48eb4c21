"""What other methods say of the synthetic models: made from the values of integrated gradients, so that they agree in the main."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tb_explain_plugin import plugin_data_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Values = NDArray[np.float64]

INTEGRATED_GRADIENTS = "integrated_gradients"
COARSE = 4
"""Places a side of the map that Grad-CAM makes."""


class Method(NamedTuple):
    """How a method is described, what it makes of integrated gradients' values, and which figures its frames have beside them."""

    description: pb.Method
    values: Callable[[Values, np.random.Generator], Values]
    figures: tuple[str, ...] = ("score",)


def _nearly(spread: float) -> Callable[[Values, np.random.Generator], Values]:
    return lambda values, rng: values * rng.lognormal(0, spread, values.shape)


def _coarse(values: Values, _: np.random.Generator) -> Values:
    """Sum an image's values over a coarse grid, keep what speaks for the label, and spread it over the cells again."""
    samples, high, wide = values.shape
    blocks = np.maximum(values.reshape(samples, COARSE, high // COARSE, COARSE, wide // COARSE).sum((2, 4)), 0)
    return blocks.repeat(high // COARSE, 1).repeat(wide // COARSE, 2) * COARSE**2 / (high * wide)


COMPLETE = ("score", "baseline_score", "completeness_error")
METHODS = {
    method.description.name: method
    for method in (
        Method(
            pb.Method(
                name=INTEGRATED_GRADIENTS,
                signed=True,
                score="log_odds",
                parameters={"steps": "16", "baseline": "mean"},
                baseline_hash="b1d2c3",
                unit="nats of log-odds",
            ),
            lambda values, _: values,
            COMPLETE,
        ),
        Method(pb.Method(name="saliency", score="log_odds", unit="nats of log-odds per unit of input"), lambda values, _: np.abs(values)),
        Method(pb.Method(name="gradient_times_input", signed=True, score="log_odds", unit="nats of log-odds"), _nearly(0.2)),
        Method(
            pb.Method(
                name="smooth_grad",
                signed=True,
                score="log_odds",
                parameters={"samples": "32", "noise": "0.15", "seed": "0"},
                unit="nats of log-odds per unit of input",
            ),
            _nearly(0.1),
        ),
        Method(
            pb.Method(name="grad_cam", score="log_odds", parameters={"layer": "backbone/conv_2"}, unit="log-odds per activation, above 0"),
            _coarse,
        ),
        Method(
            pb.Method(
                name="lrp", signed=True, score="logit", parameters={"composite": "epsilon_plus_flat", "epsilon": "1e-06"}, unit="logit"
            ),
            _nearly(0.3),
            ("score", "completeness_error"),
        ),
        Method(
            pb.Method(name="lrp_2", signed=True, score="logit", parameters={"composite": "alpha2_beta1"}, unit="logit"),
            _nearly(0.5),
            ("score", "completeness_error"),
        ),
        Method(
            pb.Method(name="what_the_neighbours say", signed=True, score="log_odds", parameters={"neighbours": "5"}, unit=""), _nearly(0.4)
        ),
    )
}
IMAGES = tuple(name for name in METHODS if name not in {"what_the_neighbours say", "gradient_times_input"})
TABLES = (INTEGRATED_GRADIENTS, "saliency", "gradient_times_input", "what_the_neighbours say")
TEXTS = (INTEGRATED_GRADIENTS, "saliency", "smooth_grad", "lrp")
