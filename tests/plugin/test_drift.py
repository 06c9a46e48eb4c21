"""Held to closed forms, and to slow twins written from the definitions: loops over Python floats."""

import math
import runpy
from pathlib import Path

import numpy as np
import pytest

from tb_explain_plugin import drift


def slow_cosine(a, b):
    inner = sum(x * y for x, y in zip(a, b, strict=True))
    lengths = math.sqrt(sum(x * x for x in a)) * math.sqrt(sum(y * y for y in b))
    if lengths == 0:
        return 1.0 if not any(a) and not any(b) else 0.0
    return inner / lengths


def slow_shares(values):
    sizes = [sum(abs(row[j]) for row in values) / len(values) for j in range(len(values[0]))]
    return [size / sum(sizes) for size in sizes]


def slow_share_shift(current, reference):
    return sum(abs(t - r) for t, r in zip(slow_shares(current), slow_shares(reference), strict=True)) / 2


def jackknife_error(statistic, *samples):
    """The standard error from leaving out one sample at a time, of all arguments at once as they are paired."""
    count = len(samples[0])
    left_out = [statistic(*(np.delete(side, i, axis=0).tolist() for side in samples)) for i in range(count)]
    mean = sum(left_out) / count
    return math.sqrt((count - 1) / count * sum((value - mean) ** 2 for value in left_out))


def bootstrap_error(statistic, current, reference, draws, seed):
    rng = np.random.default_rng(seed)
    values = []
    for _ in range(draws):
        chosen = rng.integers(0, len(current), len(current))
        values.append(statistic(current[chosen].tolist(), reference[chosen].tolist()))
    return np.std(values, ddof=1)


@pytest.fixture
def pair():
    rng = np.random.default_rng(3)
    reference = rng.normal(size=(60, 8)) * np.array([5, 3, 2, 1, 1, 1, 0.5, 0.1])
    current = reference * np.array([1, 0.4, 2, 1.5, 0.2, 3, 1, 4]) + rng.normal(0, 0.1, reference.shape)
    return current, reference


def test_local_drift_is_one_minus_the_cosine_of_each_sample(pair):
    expected = [1 - slow_cosine(a, b) for a, b in zip(*(side.tolist() for side in pair), strict=True)]
    np.testing.assert_allclose(drift.local_drift(*pair), expected, atol=1e-14)


def test_local_drift_of_known_vectors():
    reference = np.array([[1, 0], [1, 0], [1, 0], [1, 1]], np.float32)
    current = np.array([[3, 0], [0, 2], [-5, 0], [1, 0]], np.float32)
    np.testing.assert_allclose(drift.local_drift(current, reference), [0, 1, 2, 1 - math.sqrt(0.5)], atol=1e-15)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 20, 257])
def test_quantiles_are_those_of_numpy(count):
    values = np.random.default_rng(count).normal(size=count)
    levels = (0, 0.05, 0.25, 0.5, 0.75, 0.95, 1)
    np.testing.assert_allclose(drift.quantiles(values, levels), np.quantile(values, levels), rtol=1e-12, atol=1e-15)


def test_equal_attributions_have_no_local_drift_at_all():
    values = np.random.default_rng(0).lognormal(0, 5, (5000, 7)).astype(np.float32)
    np.testing.assert_array_equal(drift.local_drift(values, values.copy()), 0)


def test_local_drift_of_zero_vectors():
    zero, other = np.zeros((1, 3)), np.ones((1, 3))
    assert drift.local_drift(zero, zero) == [0.0]
    assert drift.local_drift(zero, other) == [1.0]
    assert drift.local_drift(other, zero) == [1.0]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_sample_that_is_not_finite_has_no_local_drift_and_harms_no_other(bad):
    current = np.array([[1.0, 2.0], [bad, 1.0]])
    found = drift.local_drift(current, np.ones((2, 2)))
    assert np.isnan(found[1])
    assert found[0] == pytest.approx(1 - 3 / math.sqrt(10))


def test_local_drift_does_not_depend_on_scale():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 5, 7)).astype(np.float32)
    np.testing.assert_allclose(drift.local_drift(a * np.float32(1e-30), b * np.float32(1e30)), drift.local_drift(a, b), atol=1e-6)


def test_quartiles_leave_out_nan():
    assert drift.quartiles([4, np.nan, 1, 2, 3, 5]) == (3.0, 2.0, 4.0)
    assert all(math.isnan(value) for value in drift.quartiles([np.nan, np.nan]))
    assert all(math.isnan(value) for value in drift.quartiles([]))


def test_shares_sum_to_one_and_equal_their_definition(pair):
    for values in pair:
        np.testing.assert_allclose(drift.shares(values), slow_shares(values.tolist()), rtol=1e-13)
        assert drift.shares(values).sum() == pytest.approx(1)


@pytest.mark.parametrize("values", [np.zeros((3, 2)), np.array([[1.0, np.nan], [1.0, 1.0]]), np.array([[np.inf, 1.0]])])
def test_without_anything_to_share_there_are_no_shares(values):
    assert np.isnan(drift.shares(values)).all()
    assert np.isnan(drift.share_errors(values)).all()
    assert math.isnan(drift.effective_features(drift.shares(values)))
    assert np.isnan(drift.share_shift(values, np.ones_like(values))).all()


def test_share_shift_of_known_shares():
    everything_on_the_first, even = np.array([[2.0, 0.0]] * 4), np.array([[1.0, -1.0]] * 4)
    shift = drift.share_shift(everything_on_the_first, even)
    assert shift.value == 0.5
    assert shift.standard_error == pytest.approx(0, abs=1e-15)  # all samples agree
    assert drift.share_shift(even, even) == (0.0, 0.0)
    assert drift.share_shift(np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])).value == 1.0


def test_share_shift_equals_its_definition(pair):
    assert drift.share_shift(*pair).value == pytest.approx(slow_share_shift(*(side.tolist() for side in pair)), rel=1e-13)


def test_the_error_of_a_share_shift_is_that_of_leaving_samples_out(pair):
    assert drift.share_shift(*pair).standard_error == pytest.approx(jackknife_error(slow_share_shift, *pair), rel=0.05)


def test_the_error_of_a_share_shift_is_that_of_a_paired_bootstrap(pair):
    expected = bootstrap_error(slow_share_shift, *pair, draws=600, seed=0)
    assert drift.share_shift(*pair).standard_error == pytest.approx(expected, rel=0.12)


def test_the_error_of_a_share_shift_is_paired():
    """Samples differ much, but each moves alike: the change is known far better than either share."""
    rng = np.random.default_rng(1)
    reference = rng.exponential(size=(200, 2)) + 0.1
    current = reference * np.array([1.0, 1.2])
    paired = drift.share_shift(current, reference).standard_error
    unpaired = drift.share_shift(current, reference[::-1]).standard_error
    assert paired < unpaired / 5


def test_the_error_of_a_share_is_that_of_leaving_samples_out(pair):
    expected = [jackknife_error(lambda values, j=j: slow_shares(values)[j], pair[0]) for j in range(8)]
    np.testing.assert_allclose(drift.share_errors(pair[0]), expected, rtol=0.05)


def test_the_error_of_a_shares_change_is_that_of_leaving_pairs_out(pair):
    def change(j):
        return lambda current, reference: slow_shares(current)[j] - slow_shares(reference)[j]

    expected = [jackknife_error(change(j), *pair) for j in range(8)]
    np.testing.assert_allclose(drift.share_change_errors(*pair), expected, rtol=0.05)
    unpaired = np.hypot(*(drift.share_errors(side) for side in pair))
    assert (drift.share_change_errors(*pair) < unpaired).sum() >= 6


def test_one_sample_has_no_standard_error():
    assert np.isnan(drift.share_errors([[1.0, 2.0]])).all()
    assert np.isnan(drift.share_change_errors([[1.0, 2.0]], [[2.0, 1.0]])).all()
    assert math.isnan(drift.share_shift([[1.0, 2.0]], [[2.0, 1.0]]).standard_error)


def test_effective_features_count_equal_shares():
    assert drift.effective_features([0.25] * 4) == pytest.approx(4)
    assert drift.effective_features([1.0, 0.0, 0.0]) == 1
    assert drift.effective_features([0.5, 0.5, 0.0]) == pytest.approx(2)
    assert drift.effective_features([0.9, 0.1]) == pytest.approx(math.exp(-0.9 * math.log(0.9) - 0.1 * math.log(0.1)))


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_mean_cosines_are_the_means_of_all_pairs(dtype, monkeypatch):
    rng = np.random.default_rng(5)
    explanations = [rng.normal(size=(7, 6)).astype(dtype) for _ in range(4)]
    explanations[1][2] = 0
    explanations[2][2] = 0
    explanations[3][4, 1] = np.nan
    references = [*explanations[:2], rng.normal(size=(7, 6)).astype(dtype)]
    for block in (1, 10**6):  # sample by sample, and all at once
        monkeypatch.setattr(drift, "_BLOCK_BYTES", block)
        found = drift.mean_cosines(explanations, references)
        for s, explanation in enumerate(explanations):
            for r, reference in enumerate(references):
                pairs = [
                    slow_cosine(a, b)
                    for a, b in zip(explanation.astype(float).tolist(), reference.astype(float).tolist(), strict=True)
                    if np.isfinite([*a, *b]).all()
                ]
                assert found[s, r] == pytest.approx(sum(pairs) / len(pairs), abs=1e-6)


def test_mean_cosines_of_one_run_with_itself_have_a_diagonal_of_ones():
    rng = np.random.default_rng(5)
    explanations = [(rng.normal(size=(5, 6)) * 10.0**power).astype(np.float32) for power in (-30, 0, 30)]
    found = drift.mean_cosines(explanations, explanations)
    np.testing.assert_allclose(np.diag(found), 1, atol=1e-6)
    np.testing.assert_array_equal(found, found.T)


def test_mean_cosines_with_nothing_finite_are_nan():
    lost = [np.full((2, 3), np.nan, np.float16)]
    assert np.isnan(drift.mean_cosines(lost, [np.ones((2, 3), np.float16)])).all()


def slow_regions(image, rows, columns, height, width):
    """Blocks of elements, one by one: the region in which a cell's first element lies takes all of the cell."""
    sums = [[0.0] * columns for _ in range(rows)]
    for y, line in enumerate(image):
        for x, value in enumerate(line):
            first_y = min(y * math.ceil(height / len(image)), height - 1)
            first_x = min(x * math.ceil(width / len(line)), width - 1)
            sums[first_y // math.ceil(height / rows)][first_x // math.ceil(width / columns)] += value
    return sums


@pytest.mark.parametrize(
    ("cells", "regions", "lengths"),
    [
        ((28, 28), (7, 7), (28, 28)),
        ((30, 30), (8, 8), (30, 30)),  # the last region is smaller
        ((28, 28), (1, 28), (28, 28)),
        ((32, 25), (8, 8), (224, 50)),  # cells of 7 and of 2 pixels; regions of 28 and of 7
        ((7, 7), (3, 7), (10, 10)),  # more cells than blocks of equal size need
    ],
)
def test_region_sums_add_up_the_cells_of_each_region(cells, regions, lengths):
    images = np.random.default_rng(2).normal(size=(3, *cells))
    found = drift.region_sums(images, regions, lengths)
    for image, sums in zip(images.tolist(), found, strict=True):
        np.testing.assert_allclose(sums, slow_regions(image, *regions, *lengths), atol=1e-12)
    np.testing.assert_allclose(found.sum((1, 2)), images.sum((1, 2)))


def test_regions_are_those_that_the_callbacks_sum_over():
    regions = runpy.run_path(str(Path(__file__).parents[2] / "callbacks/explainers/regions.py"))  # without TensorFlow
    for side in (8, 16, 28, 30, 32):
        pixels = np.random.default_rng(side).normal(size=(2, side, side))
        blocks = regions["grid"]((side, side), regions["MOST_REGIONS"])
        np.testing.assert_allclose(drift.region_sums(pixels, blocks, (side, side)), regions["block_sum"](pixels, blocks))


def test_region_sums_of_a_table_are_its_columns():
    table = np.arange(12.0).reshape(3, 4)
    np.testing.assert_array_equal(drift.region_sums(table, (4,), (4,)), table)
