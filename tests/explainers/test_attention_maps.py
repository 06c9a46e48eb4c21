"""Attention weights against float64 twins made of the layers' own variables; entropy, rollout, pooling; in every kind of model."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tb_explain_plugin.callbacks.explainers import Scorer, attention_maps
from tb_explain_plugin.callbacks.explainers.positions import Positions, positions_of
from tests.explainers import attention_reference as reference
from tests.explainers import model_zoo as zoo

TOKENS, PADDED = 7, 2


@pytest.fixture(scope="module")
def words():
    ids = np.random.default_rng(0).integers(1, 12, (5, TOKENS)).astype(np.int32)
    ids[:2, -PADDED:] = 0
    return ids


def ended(inputs, features, **options):
    model = keras.Model(inputs, layers.Dense(3, "softmax", name="head")(layers.GlobalAveragePooling1D()(features)), **options)
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model


def sharpened(model, factor=1.5):
    """Weights so large that attention is far from even."""
    generator = np.random.default_rng(1)
    for variable in model.trainable_variables:
        variable.assign(factor * generator.normal(size=variable.shape) / np.sqrt(max(variable.shape[0], 2)))
    return model


@pytest.fixture(scope="module")
def transformer():
    """Two self-attentions with their residual, then grouped queries. Padding is masked in the first: Keras drops the mask behind it."""
    keras.utils.set_random_seed(0)
    x = keras.Input((TOKENS,), dtype="int32", name="words")
    h = layers.Embedding(12, 6, mask_zero=True, name="embedding")(x)
    h = layers.Add(name="added")([h, layers.MultiHeadAttention(2, 3, name="first")(h, h, use_causal_mask=True)])
    h = layers.Add(name="again")([h, layers.MultiHeadAttention(3, 2, name="second")(h, h)])
    return sharpened(ended(x, layers.GroupQueryAttention(4, 4, 2, name="third")(h, h, use_causal_mask=True)))


def outputs_of(model, name, inputs):
    return keras.Model(model.inputs[0], model.get_layer(name).output)(inputs).numpy().astype(np.float64)


def allowed(words):
    real, causal = words != 0, np.tri(TOKENS, dtype=bool)
    return {
        "first": real[:, :, None] & real[:, None, :] & causal,
        "second": np.ones((len(words), TOKENS, TOKENS), bool),
        "third": np.stack([causal] * len(words)),
    }


@pytest.fixture(scope="module")
def twins(transformer, words):
    """By layer, weights [N, H, T, T] and what each query may look at."""
    read = {"first": "embedding", "second": "added", "third": "again"}
    found = {}
    for name, source in read.items():
        may = allowed(words)[name]
        layer, h = transformer.get_layer(name), outputs_of(transformer, source, words)
        found[name] = np.stack([reference.of_heads(layer, x, x, a) for x, a in zip(h, may, strict=True)]), may
    return found


def test_weights_are_those_of_the_twin(transformer, words, twins):
    maps = attention_maps(transformer, words)
    assert list(maps.layers) == ["first", "second", "third"]
    for name, (weights, _) in twins.items():
        np.testing.assert_allclose(maps.layers[name].weights, weights, atol=1e-5)
    sums = maps.layers["first"].weights.sum(axis=-1)
    np.testing.assert_allclose(sums, np.broadcast_to((words != 0)[:, None], sums.shape), atol=1e-6)


def test_entropy_is_that_of_the_twin(transformer, words, twins):
    few = attention_maps(transformer, words, samples=[3])
    for name, (weights, may) in twins.items():
        np.testing.assert_allclose(few.layers[name].entropy, reference.entropy(weights, may), atol=1e-5)
        assert 0.05 < few.layers[name].entropy.min() < few.layers[name].entropy.max() < 0.99


def test_rollout_is_that_of_the_twin(transformer, words, twins):
    maps = attention_maps(transformer, words, samples=[0, 4], layers=["third"])
    assert maps.rolled == ["first", "second", "third"]
    assert list(maps.layers) == ["third"]
    for k, sample in enumerate((0, 4)):
        expected = reference.rollout([twins[name][0][sample] for name in maps.rolled])
        np.testing.assert_allclose(maps.rollout[k], expected, atol=1e-5)
    np.testing.assert_allclose(maps.rollout.sum(axis=-1), 1, atol=1e-5)


def test_entropy_of_even_and_of_sharp_attention(words):
    """Of no query kernel it is even over what is not masked; of a large one all on one key."""
    x = keras.Input((TOKENS,), dtype="int32")
    h = layers.Embedding(12, 4, mask_zero=True)(x)
    model = ended(x, layers.MultiHeadAttention(2, 4, name="attention")(h, h))
    kernel, bias, *rest = model.get_layer("attention").get_weights()
    model.get_layer("attention").set_weights([0 * kernel, bias, *rest])
    even = attention_maps(model, words).layers["attention"]
    np.testing.assert_allclose(even.entropy, 1, atol=1e-6)
    np.testing.assert_allclose(even.weights[0, :, 0, 0], 1 / (TOKENS - PADDED), atol=1e-6)
    model.get_layer("attention").set_weights([1e6 * kernel, bias, *rest])
    assert attention_maps(model, 1 + np.arange(TOKENS)[None]).layers["attention"].entropy.max() < 1e-3


def test_other_layers_of_keras():
    """Attention (scaled, causal) and AdditiveAttention, masked: their scores are sums that the test writes out."""
    generator = np.random.default_rng(3)
    x = generator.normal(size=(4, 5, 3)).astype(np.float32)
    x[1, 3:] = 0
    given = keras.Input((5, 3), name="signal")
    h = layers.Masking()(given)
    dot = layers.Attention(use_scale=True, name="dot")
    additive = layers.AdditiveAttention(name="additive")
    seen = layers.Concatenate()([dot([h, h], use_causal_mask=True), additive([h, h])])
    model = ended(given, seen)
    dot.scale.assign(0.7)
    maps = attention_maps(model, x)
    real = (np.abs(x) > 0).any(axis=2)
    scale = additive.scale.numpy()
    for n in range(4):
        for q in range(5):
            keys = [0.7 * float(x[n, q] @ x[n, k]) for k in range(5)]
            expected = reference.softmax(keys, [real[n, k] and k <= q for k in range(5)])
            np.testing.assert_allclose(maps.layers["dot"].weights[n, 0, q], expected, atol=1e-6)
            keys = [float(scale @ np.tanh(x[n, q] + x[n, k])) for k in range(5)]
            np.testing.assert_allclose(maps.layers["additive"].weights[n, 0, q], reference.softmax(keys, real[n]), atol=1e-6)
    may = real[:, None] & real[:, :, None]
    for name, mask in (("dot", may & np.tri(5, dtype=bool)), ("additive", may)):
        expected = reference.entropy(maps.layers[name].weights.astype(np.float64), mask)
        np.testing.assert_allclose(maps.layers[name].entropy, expected, atol=1e-6)
    assert maps.layers["dot"].keys == Positions("positions", 5, "signal")


def test_pooled_keys_are_summed_and_queries_averaged(transformer, words):
    whole, few = attention_maps(transformer, words), attention_maps(transformer, words, most=4)
    blocks = [[0, 1], [2, 3], [4, 5], [6]]
    for name, layer in few.layers.items():
        assert layer.keys == layer.queries == Positions("tokens", 4, "words", pooled=2)
        for n, h in np.ndindex(layer.weights.shape[:2]):
            np.testing.assert_allclose(layer.weights[n, h], reference.pooled(whole.layers[name].weights[n, h], blocks, blocks), atol=1e-6)
        np.testing.assert_array_equal(layer.entropy, whole.layers[name].entropy)
    for n in range(len(words)):
        np.testing.assert_allclose(few.rollout[n], reference.pooled(whole.rollout[n], blocks, blocks), atol=1e-6)


IMAGE = {"image": ("image", (8, 12, 3))}


@pytest.mark.parametrize(
    ("count", "inputs", "grids", "expected"),
    [
        (9, {"words": ("text", (9,))}, [], Positions("tokens", 9, "words")),
        (9, {"table": ("tabular", (9,)), "words": ("text", (9,))}, [], Positions("tokens", 9, "words")),
        (9, {"signal": ("sequence", (9, 2))}, [], Positions("positions", 9, "signal")),
        (8, {"words": ("text", (9,))}, [], Positions("positions", 8)),
        (6, IMAGE, [], Positions("patches", 6, "image", 2, 3)),
        (7, IMAGE, [], Positions("patches", 7, "image", 2, 3)),
        (96, IMAGE, [], Positions("patches", 96, "image", 8, 12)),
        (15, IMAGE, [(3, 5)], Positions("patches", 15, "image", 3, 5)),
        (16, IMAGE, [(3, 5)], Positions("patches", 16, "image", 3, 5)),
        (11, IMAGE, [(3, 5)], Positions("positions", 11)),
    ],
)
def test_what_positions_are(count, inputs, grids, expected):
    assert positions_of(count, inputs, grids) == expected


def test_patches_are_pooled_in_squares_and_a_class_token_stays():
    positions, belongs = Positions("patches", 1 + 5 * 6, "image", 5, 6).pooling(10)
    assert positions == Positions("patches", 10, "image", 3, 3, pooled=2)
    assert belongs[0].tolist() == [1] + [0] * 9
    for row in range(5):
        for column in range(6):
            assert belongs[1 + 6 * row + column].argmax() == 1 + 3 * (row // 2) + column // 2
    np.testing.assert_array_equal(belongs.sum(axis=1), 1)
    wide, _ = Positions("patches", 4 * 64, "image", 4, 64).pooling(64)
    assert (wide.rows, wide.columns, wide.count) == (2, 32, 64)


@keras.saving.register_keras_serializable("test_attention_maps")
class ClassToken(layers.Layer):
    def build(self, shape):
        self.token = self.add_weight((1, 1, shape[-1]), name="token")

    def call(self, x):
        return keras.ops.concatenate([keras.ops.repeat(self.token, keras.ops.shape(x)[0], axis=0), x], axis=1)


def vision_transformer():
    image = keras.Input((8, 8, 1), name="image")
    patches = layers.Reshape((16, 4))(layers.Conv2D(4, 2, strides=2)(image))
    h = ClassToken()(patches)
    return ended(image, layers.Add()([h, layers.MultiHeadAttention(2, 2, name="attention")(h, h)]))


def test_patches_of_an_image_behind_a_class_token():
    keras.utils.set_random_seed(2)
    pictures = np.random.default_rng(2).uniform(size=(3, 8, 8, 1)).astype(np.float32)
    maps = attention_maps(vision_transformer(), pictures)
    assert maps.layers["attention"].keys == maps.positions == Positions("patches", 17, "image", 4, 4)
    assert maps.layers["attention"].weights.shape == (3, 2, 17, 17)


def test_attention_over_rows_and_columns_is_over_their_product():
    keras.utils.set_random_seed(2)
    image = keras.Input((4, 6, 3), name="image")
    attention = layers.MultiHeadAttention(2, 2, attention_axes=(1, 2), flash_attention=True, name="both")
    h = attention(image, image)
    rows = layers.MultiHeadAttention(2, 2, attention_axes=(2,), name="rows")(h, h)
    model = keras.Model(image, layers.Dense(2)(layers.GlobalAveragePooling2D()(rows)))
    x = np.random.default_rng(2).normal(size=(2, 4, 6, 3)).astype(np.float32)
    maps = attention_maps(model, x)
    assert attention._flash_attention
    assert maps.layers["both"].keys == Positions("patches", 24, "image", 4, 6)
    expected = reference.of_heads(attention, x[1].reshape(24, 3), x[1].reshape(24, 3), np.ones((24, 24), bool))
    np.testing.assert_allclose(maps.layers["both"].weights[1], expected, atol=1e-6)
    seen = attention(x, x).numpy()[1]
    by_row = [reference.of_heads(model.get_layer("rows"), row, row, np.ones((6, 6), bool)) for row in seen]
    np.testing.assert_allclose(maps.layers["rows"].weights[1], np.mean(by_row, axis=0), atol=1e-6)
    np.testing.assert_allclose(maps.layers["rows"].weights.sum(axis=-1), 1, atol=1e-5)


def test_cross_attention_of_two_texts_is_not_rolled_out():
    """Keys are of the text that is read; of another one's queries only that they are positions is said."""
    asked, told = (keras.Input((n,), dtype="int32", name=name) for n, name in ((4, "asked"), (4, "told")))
    q, k = layers.Embedding(9, 4)(asked), layers.Embedding(9, 4)(told)
    k = layers.MultiHeadAttention(1, 4, name="within")(k, k)
    model = ended([asked, told], layers.MultiHeadAttention(2, 4, name="across")(q, k, k + 1.0))
    ids = np.random.default_rng(0).integers(0, 9, (2, 3, 4)).astype(np.int32)
    maps = attention_maps(sharpened(model), [*ids])
    across = maps.layers["across"]
    assert (across.queries, across.keys) == (Positions("positions", 4), Positions("tokens", 4, "told"))
    assert maps.rolled == ["within"]


class Quiet(layers.MultiHeadAttention):
    """A subclass that opens nothing."""


class Own(layers.Layer):
    """Averages what came before, and says so when asked."""

    def call(self, x, return_attention_scores=False):
        length = x.shape[1]
        weights = tf.linalg.band_part(tf.ones((length, length)), -1, 0)
        weights = tf.repeat((weights / tf.reduce_sum(weights, axis=1, keepdims=True))[None], tf.shape(x)[0], axis=0)
        return (weights @ x, weights) if return_attention_scores else weights @ x


def test_layers_of_ones_own_are_read_and_called_as_before():
    signal = keras.Input((5, 3))
    h = Quiet(2, 2, name="quiet")(signal, signal)
    model = ended(signal, Own(name="own")(h))
    x = np.random.default_rng(0).normal(size=(2, 5, 3)).astype(np.float32)
    before = model(x).numpy()
    maps = attention_maps(model, x)
    expected = reference.of_heads(model.get_layer("quiet"), x[0], x[0], np.ones((5, 5), bool))
    np.testing.assert_allclose(maps.layers["quiet"].weights[0], expected, atol=1e-6)
    np.testing.assert_allclose(maps.layers["own"].weights[:, 0], np.tile(np.tri(5) / np.arange(1, 6)[:, None], (2, 1, 1)), atol=1e-6)
    np.testing.assert_array_equal(model(x), before)
    assert "call" not in vars(model.get_layer("quiet"))


def test_a_layer_that_is_called_twice_has_two_names():
    signal = keras.Input((5, 3))
    shared = layers.MultiHeadAttention(1, 2, name="shared")
    model = ended(signal, shared(*[shared(signal, signal)] * 2))
    x = np.random.default_rng(0).normal(size=(2, 5, 3)).astype(np.float32)
    maps = attention_maps(sharpened(model), x)
    assert maps.rolled == list(maps.layers) == ["shared", "shared:1"]
    assert not np.allclose(maps.layers["shared"].weights, maps.layers["shared:1"].weights)
    assert list(attention_maps(model, x, layers=["shared:1"]).layers) == ["shared:1"]


@pytest.mark.parametrize("build", ["functional", "subclassed", "eager"])
def test_every_build_of_a_model(build):
    """A composite layer's own attention, called by a model that is nothing but its `call`; and one that cannot be traced."""
    model = zoo.make("subclassed" if build == "eager" else build, "softmax", "tokens", run_eagerly=build == "eager")
    ids = zoo.inputs_of("functional", "tokens")
    if build == "eager":
        called = model.call

        def call(x, **options):
            assert int(tf.reduce_max(x)) < 9  # a value, which a trace does not have
            return called(x, **options)

        model.call = call
    maps = attention_maps(model, ids)
    (name,) = maps.layers
    layer = next(x for x in model._flatten_layers() if isinstance(x, layers.MultiHeadAttention))
    embedded = next(x for x in model._flatten_layers() if isinstance(x, layers.Embedding))(ids).numpy().astype(np.float64)
    expected = np.stack([reference.of_heads(layer, x, x, np.ones((5, 5), bool)) for x in embedded])
    np.testing.assert_allclose(maps.layers[name].weights, expected, atol=1e-6)
    assert maps.layers[name].keys == Positions("tokens", 5, "tokens" if build == "functional" else "input")
    assert maps.rolled == [name]


def test_nested_and_reloaded(tmp_path, words, transformer, twins):
    outer = keras.Input((TOKENS,), dtype="int32", name="words")
    model = keras.Model(outer, transformer(outer))
    maps = attention_maps(model, words)
    ((name, layer), *_) = maps.layers.items()
    assert name.endswith("/first")
    np.testing.assert_allclose(layer.weights, twins["first"][0], atol=1e-5)
    transformer.save(tmp_path / "model.keras")
    again = attention_maps(keras.models.load_model(tmp_path / "model.keras"), words)
    np.testing.assert_allclose(again.layers["third"].weights, twins["third"][0], atol=1e-5)
    assert again.rolled == ["first", "second", "third"]


def test_mixed_precision_answers_in_float32():
    keras.utils.set_random_seed(2)
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        half = vision_transformer()
    finally:
        keras.config.set_dtype_policy("float32")
    exact = vision_transformer()
    exact.set_weights(half.get_weights())
    pictures = np.random.default_rng(2).uniform(size=(3, 8, 8, 1)).astype(np.float32)
    maps, expected = attention_maps(half, pictures), attention_maps(exact, pictures)
    assert maps.layers["attention"].weights.dtype == maps.rollout.dtype == np.float32
    assert maps.rolled == ["attention"]
    np.testing.assert_allclose(maps.layers["attention"].weights, expected.layers["attention"].weights, atol=0.02)


def test_the_same_answer_again_in_any_batch_and_all_as_it_was(transformer, words):
    weights = transformer.get_weights()
    state = np.random.get_state()[1].copy()  # noqa: NPY002 (the generator that a user may draw from)
    scorer = Scorer(transformer, words, np.zeros(5, int))
    first, second, third = attention_maps(scorer, words), attention_maps(scorer, words), attention_maps(transformer, words, batch_size=2)
    np.testing.assert_array_equal(first.rollout, second.rollout)
    np.testing.assert_allclose(first.rollout, third.rollout, atol=1e-6)
    for name, layer in first.layers.items():
        np.testing.assert_allclose(layer.entropy, third.layers[name].entropy, rtol=1e-5)
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002
    for before, after in zip(weights, transformer.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)


def test_a_diverged_layer_has_nan_for_weights():
    """Without an error or a warning; a scorer made in better days goes on."""
    model = vision_transformer()
    pictures = np.random.default_rng(2).uniform(size=(3, 8, 8, 1)).astype(np.float32)
    scorer = Scorer(model, pictures, np.zeros(3, int))
    assert np.isfinite(attention_maps(scorer, pictures).rollout).all()
    attention = model.get_layer("attention")
    attention.set_weights([np.full_like(w, np.nan) for w in attention.get_weights()])
    maps = attention_maps(scorer, pictures)
    assert np.isnan(maps.layers["attention"].weights).all()
    assert np.isnan(maps.layers["attention"].entropy).all()
    assert np.isnan(maps.rollout).all()


def test_a_query_without_a_choice_has_no_entropy():
    signal = keras.Input((1, 3))
    model = ended(signal, layers.MultiHeadAttention(2, 2, name="attention")(signal, signal))
    assert np.isnan(attention_maps(model, np.ones((2, 1, 3), np.float32)).layers["attention"].entropy).all()


def test_what_is_wrong_says_what_was_expected(transformer, words, classifier, samples):
    with pytest.raises(ValueError, match=r"has no attention layer: attention_maps reads Multi.*its layers are \['Dense'\].*Leave"):
        attention_maps(classifier, samples[0])
    with pytest.raises(ValueError, match=r"no attention layers \['secnd'\]; did you mean \['second'\]\? Its attention layers are"):
        attention_maps(transformer, words, layers=["secnd"])
    with pytest.raises(ValueError, match=r"samples are \[5\]; expected indices of the 5 inputs"):
        attention_maps(transformer, words, samples=[5])
    with pytest.raises(ValueError, match="most is 1; expected at least 2"):
        attention_maps(transformer, words, most=1)


def test_nothing_larger_than_what_is_answered_leaves_a_batch(transformer, words, monkeypatch):
    """Of long sequences and many samples: maps are pooled, and entropies summed, where they are made."""
    scorer = Scorer(transformer, words, np.zeros(5, int), batch_size=2)
    made = []
    trace = scorer.network.traced

    def spied(function, **options):
        traced = trace(function, **options)

        def call(*tensors):
            results = traced(*tensors)
            made.extend((len(tensors[0]), tuple(r.shape)) for r in results)
            return results

        return call

    attention_maps(scorer, words, most=2)  # which finds the layers
    monkeypatch.setattr(scorer.network, "traced", spied)
    attention_maps(scorer, words, most=3)
    assert {rows for rows, _ in made} == {2}
    assert {shape for _, shape in made} == {(2, heads, 3, 3) for heads in (2, 3, 4)} | {(2, 3, 3)} | {(2, heads) for heads in (2, 3, 4)}
