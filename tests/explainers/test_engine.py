"""What the engine says of ordinary models, and that it leaves them as they were."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tb_explain_plugin.callbacks.explainers import Scorer, integrated_gradients
from tb_explain_plugin.callbacks.explainers.engine import default_rows
from tb_explain_plugin.callbacks.explainers.network import build_model


def image_model(*, softmax=True):
    keras.utils.set_random_seed(2)
    model = keras.Sequential(
        [
            keras.layers.Input((8, 8, 1)),
            keras.layers.Conv2D(4, 3, activation="relu", name="conv"),
            keras.layers.BatchNormalization(name="norm"),
            keras.layers.Dropout(0.5),
            keras.layers.Flatten(),
            keras.layers.Dense(3, activation="softmax" if softmax else None, name="head"),
        ]
    )
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=not softmax), metrics=["accuracy"])
    return model


@pytest.fixture(scope="module")
def images():
    generator = np.random.default_rng(0)
    return generator.random((50, 8, 8, 1), dtype=np.float32), generator.integers(0, 3, 50)


@pytest.fixture(scope="module")
def model(images):
    model = image_model()
    model.fit(*images, epochs=1, verbose=0)  # moves the normalization's statistics off their start
    return model


def test_losses_are_those_of_evaluate(model, images):
    x, y = images
    scorer = Scorer(model, x, y, batch_size=16)
    losses = scorer.losses_of(x, y)
    assert losses.shape == (50,)
    assert losses.mean() == pytest.approx(model.evaluate(x, y, verbose=0)[0], rel=1e-5)


def test_predictions_are_those_of_predict(model, images):
    x, y = images
    scorer = Scorer(model, x, y, batch_size=16)
    observation = scorer.observe(x, scorer.readout.resolve_targets(y, 50), y)
    np.testing.assert_allclose(observation.outputs[0], model.predict(x, verbose=0), atol=1e-6)


@pytest.mark.parametrize("weight", [None, np.linspace(0.1, 2, 50)])
def test_weight_gradients_are_those_of_the_mean_loss(model, images, weight):
    x, y = images
    scorer = Scorer(model, x, y, batch_size=16)
    observation = scorer.observe(x, scorer.readout.resolve_targets(y, 50), y, sample_weight=weight, weight_gradients=True)
    share = np.full(50, 1 / 50) if weight is None else weight / weight.sum()
    with tf.GradientTape() as tape:
        each = keras.losses.sparse_categorical_crossentropy(y, model(x, training=False))
        loss = tf.reduce_sum(each * share.astype("f4"))
    for got, expected in zip(observation.weight_gradients, tape.gradient(loss, [v.value for v in model.trainable_variables]), strict=True):
        np.testing.assert_allclose(got, expected, atol=1e-5)


def embedded(*, mask_zero=False):
    tokens = keras.Input((6,), dtype="int32", name="tokens")
    return tokens, keras.layers.Embedding(9, 4, mask_zero=mask_zero)(tokens)


def averaged():
    tokens, meaning = embedded()
    return keras.Model(tokens, keras.layers.Dense(3)(keras.layers.GlobalAveragePooling1D()(meaning)))


def masked():
    tokens, meaning = embedded(mask_zero=True)
    return keras.Model(tokens, keras.layers.Dense(3)(keras.layers.LSTM(5)(meaning)))


def beside_a_table():
    tokens, meaning = embedded()
    table = keras.Input((2,), name="table")
    joined = keras.layers.Concatenate()([keras.layers.Flatten()(meaning), keras.layers.Dense(3, activation="relu")(table)])
    return keras.Model([tokens, table], keras.layers.Dense(3)(joined))


@pytest.mark.parametrize("build", [averaged, masked, beside_a_table])
def test_weights_before_the_entries_have_their_gradients_beside_those_of_the_score(build):
    generator = np.random.default_rng(0)
    model, tokens, y = build(), generator.integers(0, 9, (20, 6)).astype(np.int32), generator.integers(0, 3, 20)
    x = [tokens, generator.random((20, 2), dtype=np.float32)] if len(model.inputs) > 1 else tokens
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    scorer = Scorer(model, x, y, batch_size=8)
    targets = scorer.readout.resolve_targets(y, 20)
    observation = scorer.observe(x, targets, y, gradients=True, weight_gradients=True)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(y, model(x), from_logits=True))
    expected = tape.gradient(loss, [v.value for v in model.trainable_variables])
    for got, wanted in zip(observation.weight_gradients, expected, strict=True):
        assert np.abs(tf.convert_to_tensor(wanted)).max() > 0
        np.testing.assert_allclose(got, tf.convert_to_tensor(wanted), atol=1e-6)
    for got, wanted in zip(observation.gradients, scorer.observe(x, targets, y, gradients=True).gradients, strict=True):
        np.testing.assert_allclose(got, wanted, atol=1e-6)


def test_gradients_are_those_of_the_score(model, images):
    x, y = images
    scorer = Scorer(model, x, y, score="probability", batch_size=16)
    observation = scorer.observe(x, scorer.readout.resolve_targets(y, 50), gradients=True)
    points = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(points)
        score = tf.reduce_sum(tf.gather(model(points, training=False), y, axis=1, batch_dims=1))
    np.testing.assert_allclose(observation.gradients[0], tape.gradient(score, points), atol=1e-5)


def test_activations_are_those_of_the_layers(model, images):
    x, y = images
    scorer = Scorer(model, x, y, batch_size=16)
    seen = {"conv": [], "norm": []}
    scorer.observe(x, scorer.readout.resolve_targets(y, 50), activations={name: parts.append for name, parts in seen.items()})
    conv = model.layers[0](x)
    np.testing.assert_allclose(np.concatenate(seen["conv"]), conv, atol=1e-5)
    np.testing.assert_allclose(np.concatenate(seen["norm"]), model.layers[1](conv, training=False), atol=1e-5)


def test_layers_are_free_again_after_a_pass(model, images):
    x, y = images
    scorer = Scorer(model, x, y)
    scorer.observe(x, scorer.readout.resolve_targets(y, 50), activations={"conv": lambda _: None})
    assert not any("call" in vars(layer) for layer in model.layers)


def test_layers_are_free_again_after_a_fault():
    class Breaks(keras.layers.Layer):
        def call(self, x):
            raise ValueError("on purpose")

    broken = Breaks()
    model = keras.Sequential([keras.layers.Dense(2), broken])
    with pytest.raises(ValueError, match=r"(?s)the samples do not fit the model .* received .*on purpose"):
        Scorer(model, np.ones((3, 4), "f4"))
    assert "call" not in vars(broken)


def test_asking_changes_nothing(images):
    """Not the statistics, not a counter in the forward pass, not a seed, not any global generator."""

    class Counts(keras.layers.Layer):
        def build(self, shape):
            self.calls = self.add_weight(name="calls", shape=(), initializer="zeros", trainable=False)
            self.noise = keras.random.SeedGenerator(7)

        def call(self, x):
            self.calls.assign_add(1.0)
            return x + 0.0 * keras.random.normal(keras.ops.shape(x), seed=self.noise) + 0.0 * tf.random.normal(tf.shape(x))

    x, y = images
    keras.utils.set_random_seed(2)
    model = keras.Sequential(
        [
            keras.layers.Input((8, 8, 1)),
            Counts(),
            keras.layers.BatchNormalization(),
            keras.layers.Flatten(),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("sgd", "sparse_categorical_crossentropy")
    before = [v.numpy() for v in model.variables]
    numpy_state = np.random.get_state()[1].copy()  # noqa: NPY002 (the global generator is what must not move)
    tf.random.set_seed(11)
    expected = tf.random.normal((3,)).numpy()
    tf.random.set_seed(11)
    scorer = Scorer(model, x, y)
    scorer.observe(x, scorer.readout.resolve_targets(y, 50), y, gradients=True, weight_gradients=True)
    integrated_gradients(scorer, x, y, steps=2)
    for value, variable in zip(before, model.variables, strict=True):
        np.testing.assert_array_equal(value, variable.numpy())
    np.testing.assert_array_equal(numpy_state, np.random.get_state()[1])  # noqa: NPY002
    np.testing.assert_array_equal(expected, tf.random.normal((3,)).numpy())


def test_building_runs_nothing():
    class Counts(keras.layers.Layer):
        def build(self, shape):
            self.calls = self.add_weight(name="calls", shape=(), initializer="zeros", trainable=False)

        def call(self, x):
            self.calls.assign_add(1.0)
            return x

    counts = Counts()
    model = keras.Sequential([counts, keras.layers.Dense(2)])
    build_model(model, np.ones((9, 4), "f4"))
    assert model.built
    assert model.layers[-1].kernel.shape == (4, 2)
    assert counts.calls.numpy() == 0


def test_a_reloaded_sequential_has_gradients(model, images, tmp_path):
    x, y = images
    model.save(tmp_path / "model.keras")
    reloaded = keras.models.load_model(tmp_path / "model.keras")
    expected = integrated_gradients(model, x, y).values
    np.testing.assert_allclose(integrated_gradients(reloaded, x, y).values, expected, atol=1e-5)
    assert np.abs(expected).max() > 0.01


def test_a_nested_model_is_opened(images):
    x, y = images
    keras.utils.set_random_seed(0)
    body = keras.Sequential([keras.layers.Input((8, 8, 1)), keras.layers.Conv2D(2, 3, name="conv"), keras.layers.Flatten()], name="body")
    inputs = keras.Input((8, 8, 1), name="picture")
    model = keras.Model(inputs, keras.layers.Dense(3, activation="softmax", name="head")(body(inputs)))
    model.compile("sgd", "sparse_categorical_crossentropy")
    scorer = Scorer(model, x, y)
    assert {"body/conv", "head"} <= {leaf.name for leaf in scorer.network.leaves}
    assert scorer.network.input_names == ["picture"]
    assert integrated_gradients(scorer, x, y).completeness_error.max() < 1e-4


def reads_from(scorer):
    """Return what each layer reads from, by name."""
    names = {id(leaf.layer): leaf.name for leaf in scorer.network.leaves}
    return {names[layer]: [names[other] for other in inbound] for layer, inbound in scorer.network.inbound.items()}


def test_what_reads_from_what_is_followed_through_inputs_and_operations(images):
    x, y = images
    picture, row = keras.Input((8, 8, 1), name="picture"), keras.Input((3,), dtype="int32", name="row")
    stem = keras.layers.Conv2D(4, 3, padding="same", name="stem")(picture)
    summed = keras.layers.Flatten(name="flatten")(keras.ops.relu(stem + keras.layers.Conv2D(4, 1, name="beside")(stem)))
    coded = keras.layers.Flatten(name="codes")(keras.layers.Embedding(5, 2, name="embedding")(row))
    inner = keras.Input((262,))
    head = keras.Model(inner, keras.layers.Dense(3, name="dense")(inner), name="head")
    model = keras.Model([picture, row], head(keras.layers.Concatenate(name="both")([summed, coded])))
    rows = np.random.default_rng(1).integers(0, 5, (50, 3))
    found = reads_from(Scorer(model, [x, rows], y))
    assert found == {
        "stem": ["picture"],
        "beside": ["stem"],
        "flatten": ["stem", "beside"],
        "embedding": ["row"],
        "codes": ["embedding"],
        "both": ["flatten", "codes"],
        "head/dense": ["both"],
    }


def test_mixed_precision_answers_in_float32(images):
    x, y = images
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.layers.Input((8, 8, 1)),
            keras.layers.Conv2D(4, 3, dtype="mixed_float16"),
            keras.layers.Flatten(),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("sgd", "sparse_categorical_crossentropy")
    attribution = integrated_gradients(model, x, y)
    assert attribution.values.dtype == attribution.score.dtype == np.float32
    assert np.isfinite(attribution.values).all()
    assert attribution.completeness_error.max() < 0.05  # half precision carries three digits


@pytest.mark.parametrize("eager", [False, True])
def test_a_subclassed_model_that_is_not_built(images, eager):
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.flatten = keras.layers.Flatten()
            self.dense = keras.layers.Dense(3, activation="softmax", kernel_initializer=keras.initializers.GlorotUniform(1))

        def call(self, x, *, training=False):
            return self.dense(self.flatten(x))

    x, y = images
    model = Net()
    model.compile("sgd", "sparse_categorical_crossentropy", run_eagerly=eager)
    build_model(model, x)
    assert integrated_gradients(model, x, y).completeness_error.max() < 1e-4


def test_several_outputs_sum_over_those_that_have_targets(images):
    x, y = images
    keras.utils.set_random_seed(0)
    inputs = keras.Input((8, 8, 1))
    flat = keras.layers.Flatten()(inputs)
    outputs = {"shape": keras.layers.Dense(3, activation="softmax", name="shape")(flat), "size": keras.layers.Dense(1, name="size")(flat)}
    model = keras.Model(inputs, outputs)
    model.compile("sgd", {"shape": "sparse_categorical_crossentropy", "size": "mse"}, loss_weights={"shape": 2.0, "size": 0.5})
    sizes = x.mean(axis=(1, 2, 3))
    both = {"shape": y, "size": sizes}
    scorer = Scorer(model, x, both)
    one, two = (Scorer(model, x, {name: both[name]}) for name in ("shape", "size"))
    parts = [s.scores(x, s.readout.resolve_targets(t, 50)) for s, t in ((one, {"shape": y}), (two, {"size": sizes}))]
    np.testing.assert_allclose(scorer.scores(x, scorer.readout.resolve_targets(both, 50)), parts[0] + parts[1], atol=1e-5)
    assert scorer.losses_of(x, both).mean() == pytest.approx(model.evaluate(x, both, verbose=0)[0], rel=1e-5)


def test_samples_that_do_not_fit_say_so(model):
    with pytest.raises(
        ValueError, match=r"the samples do not fit the model .*expects inputs of shape .*\(None, 8, 8, 1\).*received .*\(None, 9, 9, 1\)"
    ):
        Scorer(model, np.zeros((4, 9, 9, 1), "f4"), np.zeros(4, int))


def test_a_loss_that_reduces_by_itself_says_so(images):
    x, y = images
    model = image_model()
    model.compile("sgd", lambda target, output: keras.ops.mean(output))
    scorer = Scorer(model, x, y)
    with pytest.raises(ValueError, match="returns one number a batch"):
        scorer.losses_of(x, y)


@pytest.mark.parametrize(
    ("size", "memory", "most", "rows"),
    [
        (40, 2**30, 4096, 4096),
        (200_000, 2**30, 4096, 512),
        (200_000, 2**30, 256, 256),
        (2**20, 2**30, 256, 64),
        (100 * 2**20, 2**30, 256, 1),
        (2**20, 2**24, 256, 8),
        (10**12, 2**30, 256, 1),
    ],
)
def test_batches_fit_cache_and_memory(size, memory, most, rows):
    assert default_rows(size, memory, most) == rows


def test_a_batch_that_does_not_fit_is_halved(model, images):
    x, y = images
    scorer = Scorer(model, x, y, batch_size=16)
    targets = scorer.readout.resolve_targets(y, len(x))
    expected = scorer.scores(x, targets)
    answer = scorer._functions["scores:False"]

    def short_of_memory(*tensors):
        if len(tensors[0]) > 4:
            raise tf.errors.ResourceExhaustedError(None, None, "out of memory")
        return answer(*tensors)

    scorer._functions["scores:False"] = short_of_memory
    np.testing.assert_allclose(scorer.scores(x, targets), expected, rtol=1e-6)
    assert scorer.batch_size == 4
