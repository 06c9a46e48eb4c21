"""What the tests of layer-wise relevance propagation share."""

from __future__ import annotations

import numpy as np


def close(values, expected, tolerance=1e-5):
    """To the tolerance, of the sample's greatest relevance."""
    for got, want in zip(values, expected, strict=True):
        np.testing.assert_allclose(got, want, atol=tolerance * max(np.abs(want).max(), 1e-12))


def shaken(model):
    """Give every weight a value, biases and statistics too."""
    generator = np.random.default_rng(9)
    for variable in model.weights:
        if variable.dtype == "float32":
            values = generator.normal(0.1, 0.6, variable.shape)
            variable.assign(np.abs(values) + 0.2 if "variance" in variable.name else values)
    return model


def arrays(layer):
    return [np.asarray(w, np.float64) for w in layer.get_weights()]
