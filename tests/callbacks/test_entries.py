"""Inputs that are no floats: text, codes and pixels, from the probe to the log."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tb_explain_plugin.callbacks import Explain, Probe
from tb_explain_plugin.callbacks.explainers import Scorer, integrated_gradients, kernel_shap, lime, lrp, occlusion, smooth_grad
from tests.callbacks import logs, models

GENERATOR = np.random.default_rng(0)
WORDS = ("good", "bad", "film", "plot", "dull")
TEXT = np.array([" ".join(GENERATOR.choice(WORDS, size)) for size in GENERATOR.integers(1, 5, 24)], dtype=object)
LABELS = GENERATOR.integers(0, 2, 24)
CODES = GENERATOR.integers(0, 4, (24, 3))
COLOURS = GENERATOR.choice(["red", "green", "violet"], (24, 2)).astype(object)
MEAN = "values:input"


def vectorizer(**options):
    layer = layers.TextVectorization(**({"output_sequence_length": 4} if not options else {}), **options)
    layer.adapt(TEXT)
    return layer


def tokenized(shape=(), **embedding):
    """Text, as its tokens' embeddings."""
    text = keras.Input(shape, dtype="string")
    return text, layers.Flatten()(layers.Embedding(8, 3, **embedding)(vectorizer()(text)))


def classifier(inputs, features):
    model = keras.Model(inputs, layers.Dense(2, activation="softmax")(features))
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model


def explained(tmp_path, model, x, **options):
    """Train for an epoch on what TensorFlow has for NumPy's strings, and return the log."""
    data = tf.data.Dataset.from_tensor_slices((x, LABELS)).batch(12)
    model.fit(data, verbose=0, shuffle=False, callbacks=[Explain(str(tmp_path), Probe(x, LABELS, **options), on_error="raise")])
    log = logs.read(tmp_path)
    assert logs.steps(log, "attribution/integrated_gradients") == [-1, 0]
    assert log["attribution/integrated_gradients"][0]["completeness_error"].max() < 1e-3
    return log, logs.manifest(log).inputs[0]


def encoded(layer, shape, dtype):
    """Codes, as columns."""
    codes = keras.Input(shape, dtype=dtype)
    return classifier(codes, layers.Flatten()(layer(codes)))


@pytest.mark.parametrize("shape", [(), (1,)])
def test_text_has_one_value_a_token(tmp_path, shape):
    x = TEXT.reshape(-1, *shape)
    log, described = explained(tmp_path, classifier(*tokenized(shape)), x)
    assert (described.kind, described.dtype, list(described.shape), list(described.cells)) == ("text", "string", [4], [4])
    assert described.vocabulary[:2] == ["", "[UNK]"]
    ids = log["inputs"][-1]["input:input"]
    assert ids.shape == (24, 4)
    assert [" ".join(described.vocabulary[i] for i in row if i) for row in ids] == list(TEXT)
    values = log["attribution/integrated_gradients"][0]["values:input"]
    assert values.shape == (24, 4)
    assert (values[ids == 0] == 0).all()  # padding is its own baseline
    assert np.abs(values[ids != 0]).min() > 0
    assert log["importance/integrated_gradients/input"][0].shape == log["importance/gradient/input"][0].shape == (3, 4)
    assert log["importance/permutation/input"][0].shape == (3, 1)  # whole texts are dealt anew


@pytest.mark.parametrize("explain", [integrated_gradients, kernel_shap, lime, lrp, occlusion, smooth_grad])
def test_tokens_of_text_are_attributed_as_the_tokens_themselves(explain):
    """Text through TextVectorization gives what its ids give without it."""
    text, features = tokenized()
    model = classifier(text, features)
    ids = keras.Input((4,), dtype="int64")
    embedding = next(layer for layer in model.layers if isinstance(layer, layers.Embedding))
    bare = classifier(ids, layers.Flatten()(embedding(ids)))
    bare.layers[-1].set_weights(model.layers[-1].get_weights())
    tokens = next(layer for layer in model.layers if isinstance(layer, layers.TextVectorization))(TEXT).numpy()
    np.testing.assert_allclose(explain(model, TEXT, LABELS).values, explain(bare, tokens, LABELS).values, atol=1e-5)


def test_masked_tokens_have_no_value():
    text = keras.Input((), dtype="string")
    model = classifier(text, layers.LSTM(3)(layers.Embedding(8, 3, mask_zero=True)(vectorizer()(text))))
    scorer = Scorer(model, TEXT, LABELS)
    (ids,) = scorer.codes(TEXT)
    values = integrated_gradients(scorer, TEXT, LABELS).values
    assert (values[ids == 0] == 0).all()
    assert (np.abs(values[ids != 0]) > 0).all()


def test_a_vocabulary_of_ones_own_wins(tmp_path):
    vocabulary = [f"word {k}" for k in range(8)]
    _, described = explained(tmp_path, classifier(*tokenized()), TEXT, vocabulary=vocabulary)
    assert list(described.vocabulary) == vocabulary


def test_words_are_not_logged_where_inputs_are_not(tmp_path):
    log, described = explained(tmp_path, classifier(*tokenized()), TEXT, log_inputs=False)
    assert "inputs" not in log
    assert not described.vocabulary


@pytest.mark.parametrize("mode", ["multi_hot", "count", "tf_idf"])
def test_a_bag_of_words_has_one_value_a_word(tmp_path, mode):
    log, described = explained(tmp_path, encoded(vectorizer(output_mode=mode), (1,), "string"), TEXT[:, None])
    assert described.kind == "tabular"
    assert described.feature_names[0] == "[UNK]"
    assert set(described.feature_names[1:]) == set(WORDS)
    counts = log["inputs"][-1]["input:input"]
    values = log["attribution/integrated_gradients"][0]["values:input"]
    for k, word in enumerate(described.feature_names[1:], start=1):
        present = np.array([word in text for text in TEXT])
        np.testing.assert_array_equal(counts[:, k] > 0, present)
        np.testing.assert_array_equal(values[:, k] != 0, present)  # the baseline is a text without words


LOOKUP = {"vocabulary": ["red", "green"]}
CODED = {
    "StringLookup one_hot": (layers.StringLookup(**LOOKUP, output_mode="one_hot"), COLOURS, (2,)),
    "StringLookup one_hot, a column": (layers.StringLookup(**LOOKUP, output_mode="one_hot"), COLOURS[:, :1], (1,)),
    "StringLookup multi_hot": (layers.StringLookup(**LOOKUP, output_mode="multi_hot"), COLOURS, (3,)),
    "Hashing one_hot, a column": (layers.Hashing(5, output_mode="one_hot"), COLOURS[:, :1], (1,)),
    "IntegerLookup one_hot": (layers.IntegerLookup(vocabulary=[1, 2], output_mode="one_hot"), CODES, (3,)),
    "IntegerLookup multi_hot": (layers.IntegerLookup(vocabulary=[1, 2], output_mode="multi_hot"), CODES, (3,)),
    "CategoryEncoding one_hot": (layers.CategoryEncoding(4, output_mode="one_hot"), CODES, (3,)),
    "CategoryEncoding one_hot, a column": (layers.CategoryEncoding(4, output_mode="one_hot"), CODES[:, :1], (1,)),
    "CategoryEncoding one_hot, no axis": (layers.CategoryEncoding(4, output_mode="one_hot"), CODES[:, 0], ()),
    "CategoryEncoding multi_hot": (layers.CategoryEncoding(4, output_mode="multi_hot"), CODES, (4,)),
    "CategoryEncoding multi_hot, as many": (layers.CategoryEncoding(4, output_mode="multi_hot"), GENERATOR.integers(0, 4, (24, 4)), (4,)),
    "one_hot": (lambda codes: keras.ops.one_hot(codes, 4), CODES, (3,)),
    "Discretization": (layers.Discretization([1.0, 2.0], output_mode="one_hot"), CODES, (3,)),
    "Discretization of floats": (layers.Discretization([1.0, 2.0], output_mode="one_hot"), CODES.astype("f4"), (3,)),
}


@pytest.mark.parametrize("name", CODED)
def test_codes_have_one_value_each_unless_they_are_counted_together(tmp_path, name):
    layer, x, elements = CODED[name]
    dtype = "string" if x.dtype == object else x.dtype.name
    log, described = explained(tmp_path, encoded(layer, x.shape[1:], dtype), x)
    counted = "multi_hot" in name
    assert described.kind == "tabular"
    assert tuple(described.shape) == elements
    values = log["attribution/integrated_gradients"][0]["values:input"]
    assert values.shape == (24, *(elements or (1,)))
    assert log["importance/gradient/input"][0].shape == (3, *(elements or (1,)))
    assert log["importance/permutation/input"][0].shape == (3, 1 if counted else int(np.prod(elements)))
    shown = log["inputs"][-1]["input:input"]
    assert shown.shape == values.shape
    if counted:
        assert set(np.unique(shown)) == {0.0, 1.0}
        assert (values[shown == 0] == 0).all()
        assert (np.abs(values[shown == 1]) > 0).all()
    else:
        assert (np.abs(values) > 0).all()
        if x.dtype != object:
            np.testing.assert_array_equal(shown, x.reshape(shown.shape))
    if "Lookup multi_hot" in name:
        assert list(described.feature_names) == [str(word) for word in layer.get_vocabulary()]


@pytest.mark.parametrize("layer", [layers.StringLookup(**LOOKUP), layers.Hashing(7)], ids=["lookup", "hashing"])
def test_categories_that_are_embedded_are_tokens(tmp_path, layer):
    colours = keras.Input((2,), dtype="string")
    model = classifier(colours, layers.Flatten()(layers.Embedding(8, 3)(layer(colours))))
    log, described = explained(tmp_path, model, COLOURS)
    assert (described.kind, list(described.cells)) == ("text", [2])
    assert log["attribution/integrated_gradients"][0]["values:input"].shape == (24, 2)
    np.testing.assert_array_equal(log["inputs"][-1]["input:input"], layer(COLOURS).numpy())
    assert list(described.vocabulary) == (["[UNK]", "red", "green"] if isinstance(layer, layers.StringLookup) else [])
    assert log["importance/permutation/input"][0].shape == (3, 2)


@pytest.mark.parametrize(("baseline", "value"), [("mean", None), ("zero", -1.0)])
def test_pixels_start_at_their_mean_or_at_black(baseline, value):
    """In what Rescaling makes of them: [-1, 1], where 0 would be grey."""
    x = GENERATOR.integers(0, 256, (24, 4, 4, 1)).astype(np.uint8)
    image = keras.Input((4, 4, 1), dtype="uint8")
    model = keras.Model(image, layers.Dense(1)(layers.Flatten()(layers.Rescaling(1 / 127.5, offset=-1.0)(image))))
    seen = x / 127.5 - 1
    start = seen.mean(axis=0) if value is None else value
    expected = (seen - start) * model.layers[-1].kernel.numpy().reshape(4, 4, 1)
    np.testing.assert_allclose(integrated_gradients(model, x, baseline=baseline).values, expected, atol=1e-5)


def test_floating_columns_before_normalization_are_explained_themselves():
    x = GENERATOR.normal(3, 2, (24, 5)).astype("f4")
    normalization = layers.Normalization()
    normalization.adapt(x)
    table = keras.Input((5,))
    model = keras.Model(table, layers.Dense(1)(normalization(table)))
    expected = (x - x.mean(axis=0)) / x.std(axis=0) * model.layers[-1].kernel.numpy()[:, 0]
    np.testing.assert_allclose(integrated_gradients(model, x).values, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("unroll", [False, True])
def test_a_masking_layer_sees_the_samples_own_padding(unroll):
    """Points between a sample and its baseline are not padding, but what they belong to is."""
    x = GENERATOR.normal(size=(24, 5, 2)).astype("f4")
    padded = np.arange(5) >= GENERATOR.integers(2, 6, (24, 1))
    x[padded] = 0
    signal = keras.Input((5, 2))
    model = classifier(signal, layers.GRU(3, unroll=unroll)(layers.Masking()(signal)))
    attribution = integrated_gradients(model, x, LABELS)
    assert (attribution.values[padded] == 0).all()
    assert (attribution.values[~padded] != 0).all()
    assert attribution.completeness_error.max() < 1e-3


@pytest.mark.parametrize("dtype", ["bool", "int32"])
def test_a_mask_is_kept_as_it_is(dtype):
    ids, mask = keras.Input((4,), dtype="int32", name="ids"), keras.Input((4,), dtype=dtype, name="mask")
    tokens = layers.Embedding(5, 4)(ids)
    attended = layers.MultiHeadAttention(1, 4)(tokens, tokens, attention_mask=keras.ops.expand_dims(mask, 1))
    model = classifier({"ids": ids, "mask": mask}, layers.GlobalAveragePooling1D()(attended))
    given = {"ids": GENERATOR.integers(1, 5, (24, 4)), "mask": np.arange(4) < GENERATOR.integers(1, 5, (24, 1))}
    attribution = integrated_gradients(model, given, LABELS, steps=32)
    assert (attribution.values["mask"] == 0).all()
    assert attribution.completeness_error.max() < 1e-3
    direct = integrated_gradients(model, {**given, "mask": np.ones((24, 4), bool)}, LABELS)
    assert np.abs(attribution.values["ids"] - direct.values["ids"]).max() > 1e-4  # it does steer


def test_text_pixels_columns_and_a_mask_in_one_model(tmp_path):
    shapes = {
        "colour": ((1,), "string"),
        "image": ((4, 4, 1), "uint8"),
        "keep": ((4,), "bool"),
        "review": ((), "string"),
        "rows": ((3,), "float32"),
    }
    inputs = {name: keras.Input(shape, dtype=dtype, name=name) for name, (shape, dtype) in shapes.items()}
    tokens = layers.Embedding(8, 3)(vectorizer()(inputs["review"]))
    read = layers.GRU(3)(tokens, mask=inputs["keep"])
    seen = layers.Flatten()(layers.Rescaling(1 / 255)(inputs["image"]))
    columns = layers.StringLookup(**LOOKUP, output_mode="one_hot")(inputs["colour"])
    model = classifier(inputs, layers.Concatenate()([read, seen, layers.Identity()(columns), inputs["rows"]]))
    x = {
        "colour": COLOURS[:, :1],
        "image": GENERATOR.integers(0, 256, (24, 4, 4, 1)).astype(np.uint8),
        "keep": np.arange(4) < GENERATOR.integers(1, 5, (24, 1)),
        "review": TEXT,
        "rows": GENERATOR.normal(size=(24, 3)).astype("f4"),
    }
    log, _ = explained(tmp_path, model, x)
    described = {i.name: (i.kind, tuple(i.cells)) for i in logs.manifest(log).inputs}
    assert described == {
        "colour": ("tabular", (1,)),
        "image": ("image", (4, 4)),
        "keep": ("tabular", (4,)),
        "review": ("text", (4,)),
        "rows": ("tabular", (3,)),
    }
    frame = log["attribution/integrated_gradients"][0]
    for name, (_, cells) in described.items():
        assert frame[f"values:{name}"].shape == (24, *cells)
        assert np.abs(frame[f"values:{name}"]).max() > 0 or name == "keep"
        assert f"importance/permutation/{name}" in log
    assert (frame["values:keep"] == 0).all()
    assert (frame["values:review"][~x["keep"]] == 0).all()


REFUSED = {
    "no fixed length": (
        lambda: (layers.TextVectorization(vocabulary=["good"]), layers.Embedding(3, 2), layers.GlobalAveragePooling1D()),
        "string",
        TEXT,
        r"input 'input' has samples whose length in 'embedding.*' depends on the others of their batch.*output_sequence_length",
    ),
    "sparse": (
        lambda: (layers.CategoryEncoding(4, output_mode="one_hot", sparse=True),),
        "int32",
        CODES[:, :1],
        r"input 'input' becomes a SparseTensor in 'category_encoding.*make it dense \(sparse=False",
    ),
    "read as integers": (lambda: (), "int32", CODES, r"input 'input' is read as integers by 'head', .*put Rescaling\(1.0\) before it"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_entries_that_cannot_be_explained_are_named_before_the_first_batch(tmp_path, name):
    make, dtype, x, message = REFUSED[name]
    model = keras.Sequential([keras.Input(x.shape[1:], dtype=dtype), *make(), layers.Dense(1, name="head")])
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match=message):
        models.fit(model, (tf.constant(x), tf.constant(LABELS)), [Explain(str(tmp_path), Probe(x, LABELS))], 1)


def test_codes_joined_with_numbers_are_named():
    age, codes = keras.Input((2,), name="age"), keras.Input((3,), dtype="int32", name="codes")
    model = keras.Model([age, codes], layers.Dense(1)(layers.Concatenate(name="both")([age, codes])))
    with pytest.raises(ValueError, match=r"input 'codes' is joined with other values in 'both' before it is floating.*dtype='float32'"):
        Scorer(model, [CODES[:, :2].astype("f4"), CODES])


def test_an_input_that_is_embedded_twice_says_which_is_explained():
    ids = keras.Input((3,), dtype="int32", name="ids")
    deep, wide = (layers.Embedding(4, n, name=name)(ids) for n, name in ((3, "deep"), (1, "wide")))
    model = keras.Model(ids, layers.Dense(1)(layers.Flatten()(layers.Concatenate()([deep, wide]))))
    with pytest.warns(UserWarning, match="input 'ids' is embedded by 'deep' and by 'wide': its attributions are those of the first"):
        Scorer(model, CODES)
