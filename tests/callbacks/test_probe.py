"""What a probe takes, what it draws, what it refuses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from tb_explain_plugin.callbacks import Probe
from tb_explain_plugin.callbacks.probe import classes_of


def test_a_draw_is_balanced_fixed_and_named_by_position():
    y = np.repeat([0, 1, 2], [900, 90, 10])
    x = np.arange(1000.0)[:, None]
    probe = Probe.stratified(x, y, size=60)
    assert np.bincount(probe.targets).tolist() == [30, 20, 10]
    assert [int(n[1:]) for n in probe.sample_names] == probe.inputs[:, 0].tolist() == sorted(probe.inputs[:, 0])
    assert Probe.stratified(x, y, size=60).hash == probe.hash
    assert Probe.stratified(x, y, size=60, seed=1).hash != probe.hash


def test_what_is_drawn_is_still_what_it_was():
    generator = np.random.default_rng(0)
    x, y, w = generator.normal(size=(500, 3)), generator.integers(0, 5, 500), generator.random(500)
    probe = Probe.stratified({"a": x}, y, sample_weight=w, groups=[f"g{k}" for k in range(500)], size=50)
    where = [int(n[1:]) for n in probe.sample_names]
    np.testing.assert_array_equal(probe.inputs["a"], x[where])
    np.testing.assert_array_equal(probe.targets, y[where])
    np.testing.assert_allclose(probe.sample_weight, w[where], rtol=1e-6)
    assert probe.groups == [f"g{k}" for k in where]


@pytest.mark.parametrize("y", [None, np.linspace(0, 1, 400)])
def test_without_classes_the_draw_is_uniform(y):
    probe = Probe.stratified(np.arange(400.0)[:, None], y, size=100)
    assert probe.size == 100
    assert 150 < probe.inputs.mean() < 250


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (np.array([3, 5, 3, 3]), [0, 1, 0, 0]),
        (np.array([0.0, 1.0, 1.0]), [0, 1, 1]),
        (np.eye(3)[[2, 0, 2]], [2, 0, 2]),
        (np.array([[1], [0], [1]]), [1, 0, 1]),
        (np.array([0.5, 1.5]), None),
        (np.arange(10), None),
        (np.array([[0.2, 0.8]]), None),
        (None, None),
    ],
)
def test_classes(labels, expected):
    found = classes_of(labels)
    assert found is expected if expected is None else found.tolist() == expected


def test_a_dataset_of_batches():
    x, y = np.arange(700.0, dtype="f4")[:, None], np.arange(700) % 2
    probe = Probe.of(tf.data.Dataset.from_tensor_slices((x, y)).batch(64))
    assert probe.size == 256
    assert np.bincount(probe.targets).tolist() == [128, 128]
    np.testing.assert_array_equal(probe.inputs[:, 0] % 2, probe.targets)


def test_a_dataset_of_dicts():
    data = {"a": np.zeros((5, 2), "f4"), "b": np.ones((5, 3), "f4")}
    probe = Probe.of(tf.data.Dataset.from_tensor_slices((data, np.arange(5))).batch(2))
    assert {name: values.shape for name, values in probe.inputs.items()} == {"a": (5, 2), "b": (5, 3)}


def test_a_frame_brings_its_names():
    frame = pd.DataFrame({"age": [1.0, 2.0], "height": [3, 4]})
    probe = Probe(frame, pd.Series([0, 1]))
    assert probe.feature_names == ["age", "height"]
    np.testing.assert_array_equal(probe.inputs, [[1, 3], [2, 4]])
    assert Probe.of((frame, pd.Series([0, 1]))).feature_names == ["age", "height"]


def test_lists_are_several_inputs_or_numbers():
    assert Probe([[1.0, 2.0], [3.0, 4.0]]).inputs.shape == (2, 2)
    assert [v.shape for v in Probe([np.zeros((3, 2)), np.zeros((3, 4))]).inputs] == [(3, 2), (3, 4)]


def test_the_hash_names_the_content():
    x, y = np.arange(6.0).reshape(3, 2), np.array([0, 1, 1])
    same = Probe(x.copy(), y.copy(), class_names=["a", "b"]).hash
    assert Probe(x, y).hash == same
    assert len({same, Probe(x + 1e-9, y).hash, Probe(x, 1 - y).hash, Probe(x.astype("f4"), y).hash, Probe(x).hash}) == 5


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((np.zeros((0, 3)),), ValueError, "the probe's x is empty; pass at least one sample"),
        ((np.zeros((5, 3)), np.zeros(4)), ValueError, "the probe's y has 4 samples, its first input has 5"),
        (([np.zeros((5, 3)), np.zeros((4, 3))],), ValueError, "the probe's x has 4 samples, its first input has 5"),
        (
            (np.array([[1.0], [np.nan], [np.inf]]),),
            ValueError,
            "NaN or infinite values in 2 of 3 samples, the first is sample 1; fill or drop them",
        ),
        ((np.zeros((2, 1)), np.array([0.0, np.nan])), ValueError, "the probe's y has NaN"),
        ((pd.DataFrame({"a": [1, object()]}),), TypeError, "columns that are no numbers .*encode categories"),
        ((np.zeros((2, 1), complex),), TypeError, "holds complex128 values"),
    ],
)
def test_what_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        Probe(*arguments)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sample_weight": [1.0]}, "sample_weight has 1 entries, the probe has 3 samples"),
        ({"sample_names": ["a", "b"]}, "sample_names has 2 entries"),
        ({"kinds": "video"}, r"unknown kind 'video'; expected one of \('tabular', 'image', 'text', 'sequence'\)"),
        ({"kinds": {"a": "video"}}, "unknown kind 'video'"),
        ({"task": "ranking"}, "unknown task 'ranking'"),
    ],
)
def test_options_that_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        Probe(np.zeros((3, 2)), **options)


def test_draws_that_are_refused():
    with pytest.raises(ValueError, match="size is 0"):
        Probe.stratified(np.zeros((3, 1)), size=0)
    with pytest.raises(ValueError, match="the probe's x is empty"):
        Probe.of((np.zeros((0, 2)), np.zeros(0)))
    with pytest.raises(ValueError, match="probe is a tuple of 4"):
        Probe.of((1, 2, 3, 4))
    with pytest.raises(ValueError, match="batch it as for fit"):
        Probe.of(tf.data.Dataset.from_tensor_slices(np.arange(3.0)))
    with pytest.raises(ValueError, match="Dataset is empty"):
        Probe.of(tf.data.Dataset.from_tensor_slices(np.zeros((0, 2))).batch(2))


TEXTS = ["a film", "a dull plot", "good", "bad"]


@pytest.mark.parametrize(
    "x",
    [TEXTS, np.array(TEXTS), np.array(TEXTS, dtype=object), np.array([t.encode() for t in TEXTS]), tf.constant(TEXTS), pd.Series(TEXTS)],
    ids=["list", "U", "O", "S", "tensor", "series"],
)
def test_text_in_every_form_is_the_same_text(x):
    probe = Probe(x)
    assert probe.inputs.tolist() == TEXTS
    assert probe.hash == Probe(TEXTS).hash != Probe(TEXTS[::-1]).hash


def test_text_is_drawn_class_by_class():
    texts, labels = [f"text {k}" for k in range(300)], np.arange(300) % 3 == 0
    probe = Probe.stratified(texts, labels.astype(int), size=64)
    assert probe.targets.sum() == 32
    assert all((int(text.split()[1]) % 3 == 0) == label for text, label in zip(probe.inputs, probe.targets, strict=True))


def test_text_of_a_dataset():
    data = tf.data.Dataset.from_tensor_slices((TEXTS, [0, 1, 1, 0])).batch(2)
    assert Probe.of(data).hash == Probe(TEXTS, np.array([0, 1, 1, 0], np.int32)).hash


def test_one_long_text_does_not_lengthen_all():
    assert Probe.stratified(["short", "long" * 100_000]).inputs.nbytes < 100


@pytest.mark.parametrize(
    "samples", [tf.ragged.constant([[1.0], [1.0, 2.0]]), tf.sparse.from_dense([[0.0, 1.0], [1.0, 0.0]])], ids=["ragged", "sparse"]
)
def test_datasets_that_are_not_dense_are_refused(samples):
    data = tf.data.Dataset.from_tensor_slices(samples).batch(2)
    with pytest.raises(TypeError, match="ragged and sparse samples are not explained"):
        Probe.of(data)


def test_rows_of_unequal_length_are_refused():
    with pytest.raises(TypeError, match=r"the samples are not of one shape: .*Pad them to one length"):
        Probe([[1.0], [1.0, 2.0]])
