"""Blocks cover everything once, so that sums survive."""

from __future__ import annotations

import numpy as np
import pytest

from tb_explain_plugin.callbacks.explainers.regions import block_slices, block_sum, grid


@pytest.mark.parametrize(
    ("shape", "most", "expected"), [((28, 28), 32, (28, 28)), ((224, 100), 32, (32, 25)), ((33, 5), 32, (17, 5)), ((8, 8), 4, (4, 4))]
)
def test_grid(shape, most, expected):
    assert grid(shape, most) == expected


@pytest.mark.parametrize(("shape", "most"), [((30, 33), 8), ((7, 5), 4), ((64, 48), 32)])
def test_sums_are_those_of_the_slices(shape, most):
    values = np.random.default_rng(0).normal(size=(3, *shape))
    blocks = grid(shape, most)
    summed = block_sum(values, blocks)
    assert summed.shape == (3, *blocks)
    each = [values[(slice(None), *where)].sum(axis=(1, 2)) for where in block_slices(shape, blocks)]
    np.testing.assert_allclose(summed.reshape(3, -1), np.stack(each, axis=1))
    np.testing.assert_allclose(summed.sum(axis=(1, 2)), values.sum(axis=(1, 2)))
