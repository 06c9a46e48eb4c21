"""The deletion gap, held to a loop from its definition and to the closed form of linear models."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

from tb_explain_plugin.callbacks.explainers import Attribution, Scorer, deletion_gap, integrated_gradients, saliency
from tests.explainers import reference


def curves(score, x, baseline, attribution, keys, stages):
    """Scores of one sample [stages + 1], deleted by attribution and by random keys, cells on the first axis of each array."""
    cells = [j for j in range(len(x)) if np.any(x[j] != baseline[j])]
    both = []
    for order in (sorted(cells, key=lambda j: (-attribution[j], keys[j])), sorted(cells, key=lambda j: keys[j])):
        curve = []
        for stage in range(stages + 1):
            mixed = np.array(x, np.float64)
            for j in order[: int(np.floor(stage * len(cells) / stages + 0.5))]:
                mixed[j] = baseline[j]
            curve.append(score(mixed))
        both.append(curve)
    return both


def twin(score, x, baseline, attribution, *, stages, seed=0, others=0):
    """Mean, standard error, per sample, both mean curves; ``score(i, sample)``. ``others``: cells of other inputs, which are kept."""
    keys = np.random.default_rng(seed).random((len(x), attribution.shape[1] + others))
    found = np.array(
        [curves(lambda v, i=i: score(i, v), x[i], baseline[i], attribution[i], keys[i], stages) for i in range(len(x))]
    )  # [N, 2, stages + 1]
    lost = np.abs(found[:, 1, 0] - found[:, 1, -1])
    per_sample = (found[:, 1, 1:] - found[:, 0, 1:]).mean(axis=1) / lost.mean()
    residuals = per_sample - per_sample.mean() * lost / lost.mean()
    return per_sample.mean(), residuals.std(ddof=1) / np.sqrt(len(x)), per_sample, *found.mean(axis=0)


def assert_is(gap, expected, tolerance=2e-5):
    for name, value in zip(("mean", "standard_error", "per_sample", "attribution_curve", "random_curve"), expected, strict=True):
        np.testing.assert_allclose(getattr(gap, name), value, rtol=tolerance, atol=tolerance, err_msg=name)


def linear(shape=(12,), seed=0):
    """A linear model of samples, its weights shaped as a sample."""
    model = keras.Sequential([layers.Input(shape, name="x"), layers.Flatten(), layers.Dense(1)])
    weight = np.random.default_rng(seed).normal(size=shape).astype("f4")
    model.set_weights([weight.reshape(-1, 1), np.full(1, 0.3, "f4")])
    return model, weight


def normal(*shape, seed=1):
    return np.random.default_rng(seed).normal(size=shape).astype("f4")


def attributed(values):
    return Attribution(values=values, score=np.zeros(len(values), "f4"))


def contributions(x, weight):
    return (x - x.mean(axis=0, dtype=np.float64)) * weight.astype(np.float64)


# What it is -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("stages", "seed"), [(5, 0), (3, 4)])
def test_it_equals_a_loop(classifier, samples, stages, seed):
    x, y = samples
    network = reference.DenseTwin.of(classifier)
    attribution = integrated_gradients(classifier, x, y)
    baseline = np.broadcast_to(x.mean(axis=0, dtype=np.float64).astype("f4"), x.shape)
    score = lambda i, v: reference.log_odds(network.logits(v), y[i])  # noqa: E731 (the argument's name says it)
    expected = twin(score, x, baseline, attribution.values, stages=stages, seed=seed)
    assert_is(deletion_gap(classifier, x, y, attribution, stages=stages, seed=seed), expected)


def test_the_closed_form_of_a_linear_model():
    """The curve falls by the largest w·(x − x′) first; by chance it falls by their mean."""
    model, weight = linear()
    x = normal(400, 12)
    gap = deletion_gap(model, x, stages=12)
    parts = contributions(x, weight)
    falls = np.cumsum(-np.sort(-parts, axis=1), axis=1)
    total = parts.sum(axis=1, keepdims=True)
    at_start = parts.sum(axis=1).mean() + x.mean(axis=0) @ weight + 0.3
    np.testing.assert_allclose(gap.attribution_curve, at_start - np.append(0, falls.mean(axis=0)), atol=1e-5)
    by_chance = total * np.arange(1, 13) / 12
    expected = (falls - by_chance).mean() / np.abs(total).mean()
    assert expected > 0.3
    assert abs(gap.mean - expected) < 4 * gap.standard_error
    assert gap.standard_error < expected / 10


def test_the_error_is_that_of_other_samples():
    """Over 40 probes of the same model the gaps deviate by what each says of itself."""
    model, _ = linear()
    scorer = Scorer(model, normal(60, 12))
    gaps = [deletion_gap(scorer, normal(60, 12, seed=k), baseline="zero", seed=k) for k in range(40)]
    assert np.std([g.mean for g in gaps], ddof=1) == pytest.approx(np.mean([g.standard_error for g in gaps]), rel=0.35)


def test_parts_of_what_is_lost_forget_the_size_of_scores():
    model, weight = linear()
    x = normal(50, 12)
    before = deletion_gap(model, x)
    model.set_weights([7 * weight[:, None], np.zeros(1, "f4")])
    after = deletion_gap(model, x)
    assert after.mean == pytest.approx(before.mean, rel=1e-4)
    np.testing.assert_allclose(np.ptp(after.random_curve), 7 * np.ptp(before.random_curve), rtol=1e-4)


# What it tells apart --------------------------------------------------------------------------------------------------------------


def test_chance_is_zero_and_an_inverted_order_below():
    model, weight = linear((40,))
    x = normal(300, 40)
    parts = contributions(x, weight).astype("f4")
    right, chance, wrong = (deletion_gap(model, x, attribution=attributed(v)) for v in (parts, normal(*x.shape, seed=7), -parts))
    assert right.mean > 20 * right.standard_error
    assert abs(chance.mean) < 3 * chance.standard_error
    assert wrong.mean < -20 * wrong.standard_error
    np.testing.assert_array_equal(right.random_curve, wrong.random_curve)


def test_ties_are_chance():
    model, _ = linear()
    gap = deletion_gap(model, normal(30, 12), attribution=attributed(np.zeros((30, 12), "f4")))
    assert gap.mean == 0
    np.testing.assert_array_equal(gap.attribution_curve, gap.random_curve)


def test_knowing_where_samples_equal_the_baseline_is_no_merit():
    model, weight = linear((30,))
    x = normal(50, 30) * (np.random.default_rng(2).random((50, 30)) < 0.4)
    scorer = Scorer(model, x)
    assert deletion_gap(scorer, x, attribution=attributed((x != 0).astype("f4")), baseline="zero").mean == 0
    expected = twin(lambda _, v: v @ weight.astype(float) + 0.3, x, np.zeros_like(x), x * weight, stages=10)
    assert_is(deletion_gap(scorer, x, attribution=attributed(x * weight), baseline="zero"), expected)


def test_magnitudes_of_unsigned_methods():
    model, weight = linear()
    x = normal(60, 12)
    sensitivities = np.broadcast_to(weight, x.shape)
    unsigned = deletion_gap(model, x, attribution=attributed(sensitivities), signed=False)
    again = deletion_gap(model, x, attribution=attributed(np.abs(sensitivities)))
    assert unsigned.mean == again.mean == deletion_gap(model, x, attribution=saliency(model, x), signed=False).mean
    assert unsigned.mean != deletion_gap(model, x, attribution=attributed(sensitivities)).mean


# What a cell is -------------------------------------------------------------------------------------------------------------------


def test_a_pixel_is_deleted_with_all_its_channels():
    model, weight = linear((5, 4, 3))
    x = normal(20, 5, 4, 3)
    values = (x * weight).astype("f4")
    gap = deletion_gap(model, x, attribution=attributed(values), baseline="zero")
    pixels = x.reshape(20, 20, 3)
    expected = twin(
        lambda _, v: (v.reshape(5, 4, 3) * weight).sum() + 0.3, pixels, np.zeros_like(pixels), values.reshape(20, 20, 3).sum(-1), stages=10
    )
    assert_is(gap, expected)


def test_large_images_lose_blocks():
    model, weight = linear((70, 40, 1))
    x = normal(6, 70, 40, 1)
    values = (x * weight).astype("f4")
    gap = deletion_gap(model, x, attribution=attributed(values), baseline="zero", stages=4)
    blocks = [(slice(3 * i, 3 * i + 3), slice(2 * j, 2 * j + 2)) for i in range(24) for j in range(20)]  # 70 and 40 by at most 32
    pieces = np.array([[[(image * weight)[b].sum()] for b in blocks] for image in x.astype(float)])
    expected = twin(lambda _, v: v.sum() + 0.3, pieces, np.zeros_like(pieces), pieces[..., 0], stages=4)
    assert_is(gap, expected, tolerance=1e-4)


def test_cells_can_be_chosen():
    model, weight = linear((8, 3))
    x = normal(15, 8, 3)
    values = (x * weight).astype("f4")
    gap = deletion_gap(model, x, attribution=attributed(values), baseline="zero", cells={"x": (4,)}, stages=4)
    pairs, weights = (v.reshape(*v.shape[:-2], 4, 6) for v in (x, weight))
    expected = twin(lambda _, v: (v * weights).sum() + 0.3, pairs, np.zeros_like(pairs), (pairs * weights).sum(-1), stages=4)
    assert_is(gap, expected)


def test_a_deleted_token_is_padding():
    keras.utils.set_random_seed(0)
    tokens = keras.Input((9,), dtype="int32", name="tokens")
    model = keras.Model(tokens, layers.Dense(1)(layers.GRU(4)(layers.Embedding(20, 5)(tokens))))
    x = np.random.default_rng(0).integers(0, 20, (12, 9)).astype("i4")
    attribution = integrated_gradients(model, x)
    expected = twin(lambda _, v: float(model(v[None].astype("i4"))[0, 0]), x, np.zeros_like(x), attribution.values, stages=5)
    assert_is(deletion_gap(model, x, attribution=attribution, stages=5), expected, tolerance=1e-4)


def test_two_inputs_are_in_one_order():
    inputs = {"a": keras.Input((4,), name="a"), "b": keras.Input((), name="b")}
    joined = layers.Concatenate()([inputs["a"], keras.ops.expand_dims(inputs["b"], -1)])
    model = keras.Model(inputs, layers.Dense(1)(joined))
    weight = np.array([0.5, -1.0, 2.0, 0.1, 1.5], "f4")
    model.layers[-1].set_weights([weight[:, None], np.zeros(1, "f4")])
    x = normal(40, 5)
    values = x * weight
    attribution = Attribution(values={"a": values[:, :4], "b": values[:, 4]}, score=values.sum(axis=1))
    gap = deletion_gap(model, {"a": x[:, :4], "b": x[:, 4]}, attribution=attribution, baseline="zero", stages=5)
    assert_is(gap, twin(lambda _, v: v @ weight.astype(float), x, np.zeros_like(x), values, stages=5))


def test_a_mask_is_kept():
    values, mask = keras.Input((6,), name="values"), keras.Input((6,), dtype="bool", name="mask")
    model = keras.Model([values, mask], layers.Dense(1)(keras.ops.where(mask, values, 0.0)))
    x = [normal(25, 6), np.random.default_rng(0).random((25, 6)) < 0.7]
    weight = model.layers[-1].kernel.numpy()[:, 0].astype(float)
    attribution = integrated_gradients(model, x, baseline="zero")
    kept = lambda i, v: (v * x[1][i]) @ weight  # noqa: E731 (the argument's name says it)
    expected = twin(kept, x[0], np.zeros_like(x[0]), attribution.values[0], stages=6, others=6)
    assert_is(deletion_gap(model, x, attribution=attribution, baseline="zero", stages=6), expected)


# What does not depend on what -----------------------------------------------------------------------------------------------------


def test_batches_and_repetition_change_nothing(classifier, samples):
    x, y = samples
    first, again = (deletion_gap(classifier, x, y, seed=3, batch_size=size) for size in (None, 7))
    assert_is(again, (first.mean, first.standard_error, first.per_sample, first.attribution_curve, first.random_curve))
    assert deletion_gap(classifier, x, y, seed=4).mean != first.mean


def test_fewer_cells_than_stages(classifier, samples):
    x, y = samples
    assert_is(deletion_gap(classifier, x, y, stages=50), tuple(vars(deletion_gap(classifier, x, y, stages=5)).values()))


@pytest.mark.parametrize("weight", [np.nan, np.inf])
def test_a_model_that_broke_has_no_gap(weight):
    model, _ = linear()
    model.set_weights([np.full((12, 1), weight, "f4"), np.zeros(1, "f4")])
    x = normal(10, 12)
    gap = deletion_gap(model, x, attribution=integrated_gradients(model, x))
    assert np.isnan(gap.mean)
    assert np.isnan(gap.standard_error)


def test_where_nothing_is_lost_or_in_order_there_is_no_gap():
    model, weight = linear()
    x = normal(10, 12)
    assert np.isnan(deletion_gap(model, x, baseline=x).mean)
    model.set_weights([0 * weight[:, None], np.zeros(1, "f4")])
    assert np.isnan(deletion_gap(model, x).mean)
    single, _ = linear((1,))
    alone = deletion_gap(single, x[:, :1])
    assert np.isnan(alone.mean)
    assert np.isnan(alone.per_sample).all()


def test_samples_without_an_order_are_left_out():
    model, weight = linear()
    x = normal(30, 12)
    x[:10] = 0
    x[5:10, 3] = 1.0
    gap = deletion_gap(model, x, attribution=attributed(x * weight), baseline="zero")
    np.testing.assert_array_equal(np.isnan(gap.per_sample), np.arange(30) < 10)
    assert gap.mean == pytest.approx(gap.per_sample[10:].mean())


def test_one_sample_has_no_error():
    model, _ = linear()
    gap = deletion_gap(model, normal(1, 12), baseline="zero")
    assert np.isfinite(gap.mean)
    assert np.isnan(gap.standard_error)


# What is refused ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"stages": 1}, ValueError, "stages is 1; expected at least 2"),
        ({"attribution": np.zeros((6, 12), "f4")}, TypeError, "attribution is ndarray; expected an Attribution"),
        (
            {"attribution": attributed(np.zeros((5, 12), "f4"))},
            ValueError,
            r"values of shape \[\(5, 12\)\]; expected \[\(6, 12\)\], one number an element of the inputs \['x'\]",
        ),
        ({"cells": {"y": (3,)}}, ValueError, r"cells name inputs \['y'\] that the model does not have; its inputs are \['x'\]"),
        ({"cells": {"x": (13,)}}, ValueError, r"cells of input 'x' are \(13,\); its samples have shape \(12,\)"),
        ({"cells": {"x": (5,)}}, ValueError, r"cells of input 'x' are \(5,\)"),
        ({"baseline": "median"}, ValueError, "baseline is 'median'; expected one of"),
    ],
)
def test_what_is_refused(options, error, message):
    model, _ = linear()
    with pytest.raises(error, match=message):
        deletion_gap(model, normal(6, 12), **options)


def test_a_scorer_at_a_layer_is_refused(classifier, samples):
    at_layer = Scorer(classifier, *samples).at(classifier.layers[0].name)
    with pytest.raises(ValueError, match="cells of the inputs are deleted: pass the model's own scorer"):
        deletion_gap(at_layer, *samples)
