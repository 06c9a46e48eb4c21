"""Activation maximization against closed forms and a float64 twin of the ascent, in every kind of model."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers, ops

from tb_explain_plugin.callbacks.explainers import Scorer, activation_maximization
from tests.explainers import ascent_reference as reference


def compiled(model, loss="mse", **options):
    model.compile("sgd", loss, **options)
    return model


def bent(x, units=2):
    """A small smooth network whose unit u is Σ_h v_hu tanh(x · w_h + b_h)."""
    keras.utils.set_random_seed(11)
    given = keras.Input(x.shape[1:], name="x")
    flat = layers.Flatten()(given) if x.ndim > 2 else given
    hidden = layers.Dense(4, "tanh", bias_initializer="normal", name="hidden")(flat)
    return compiled(keras.Model(given, layers.Dense(units, use_bias=False, name="out")(hidden)))


def slope_of(model, unit):
    """∂ unit / ∂x of one flat sample, and the unit over samples, float64."""
    (w, b), (v,) = ([np.asarray(a, np.float64) for a in model.get_layer(n).get_weights()] for n in ("hidden", "out"))
    activation = lambda x: np.tanh(x.reshape(len(x), -1) @ w + b) @ v[:, unit]  # noqa: E731
    return lambda x: w @ (v[:, unit] * (1 - np.tanh(x @ w + b) ** 2)), activation


# Closed forms ------------------------------------------------------------------------------------------------------------------------


def test_a_linear_unit_is_maximal_where_its_weight_and_the_prior_agree(rows):
    """x̄ + σ · √n w σ / (2 λ s), cut at the samples' range."""
    given = keras.Input((5,))
    model = compiled(keras.Model(given, layers.Dense(3)(given)))
    weights = model.layers[-1].kernel.numpy().astype(np.float64)
    x = rows.astype(np.float64) * [1, 5, 1, 0.2, 1] + [0, 1, 2, 3, 4]
    x[:, 4] = 4.0
    cut = 0
    for smoothness in (0.3, 1.0):
        found = activation_maximization(model, x.astype("f4"), smoothness=smoothness, steps=1500)
        for u in range(3):
            spread, deviation = (x @ weights[:, u]).std(), x.std(axis=0)
            inner = x.mean(axis=0) + np.sqrt(5) * weights[:, u] * deviation**2 / (2 * smoothness * spread)
            expected = np.clip(inner, x.min(axis=0), x.max(axis=0))
            cut += np.sum(inner != expected)
            np.testing.assert_allclose(found.inputs["input"][u], expected, atol=2e-3 * np.ptp(x))
    assert 0 < cut < 20
    assert (found.layer, found.unit, found.units.tolist()) == (model.layers[-1].name, "unit", [0, 1, 2])


def test_a_linear_unit_without_a_prior_goes_to_the_corners(pictures):
    given = keras.Input((6, 6, 2), name="image")
    model = compiled(keras.Model(given, layers.Dense(2)(layers.Flatten()(given))))
    found = activation_maximization(model, pictures, smoothness=0, jitter=0)
    weights = model.layers[-1].kernel.numpy()
    for u in range(2):
        expected = np.where(weights[:, u] > 0, pictures.max(), pictures.min()).reshape(6, 6, 2)
        np.testing.assert_allclose(found.inputs["image"][u], expected, atol=1e-5)
        np.testing.assert_allclose(found.activation[u], expected.ravel() @ weights[:, u], rtol=1e-4)
    np.testing.assert_allclose(found.reference, (pictures.reshape(3, -1) @ weights).max(axis=0), rtol=1e-5)


class Peaks(layers.Layer):
    """−Σ (x − m)² for two m."""

    def call(self, x):
        return ops.stack([-ops.sum((x - m) ** 2, axis=-1) for m in (0.5, -0.25)], axis=-1)


@pytest.mark.parametrize("rate", [0.05, 0.2])
def test_a_quadratic_unit_is_maximal_at_its_peak(rows, rate):
    given = keras.Input((5,))
    model = compiled(keras.Model(given, Peaks(name="peaks")(given)))
    x = np.tile(np.linspace(-2, 2, 9, dtype=np.float32)[:, None], 5)
    found = activation_maximization(model, x, smoothness=0, steps=600, rate=rate)
    np.testing.assert_allclose(found.inputs["input"], np.tile([[0.5], [-0.25]], 5), atol=2e-3)
    np.testing.assert_allclose(found.activation, 0, atol=1e-4)


# The twin ----------------------------------------------------------------------------------------------------------------------------


def test_a_table_climbs_as_its_twin_does(rows):
    model = bent(rows)
    found = activation_maximization(model, rows, steps=20, smoothness=0.5, seed=3)
    x = rows.astype(np.float64)
    low, wide = x.min(axis=0), np.ptp(x, axis=0)
    center, deviations = (x.mean(axis=0) - low) / wide, wide / x.std(axis=0)
    start = np.clip(center + 0.1 * np.random.default_rng(3).normal(size=5), 0, 1)
    for u in range(2):
        slope, activation = slope_of(model, u)
        spread = activation(x).std()

        def uphill(_, t, slope=slope, spread=spread):
            return wide * slope(low + wide * t) / spread - 0.5 * 2 * deviations**2 * (t - center) / np.sqrt(5)

        t = reference.climbed(start, uphill, steps=20, rate=0.05, in_box=True)
        np.testing.assert_allclose(found.inputs["x"][u], low + wide * t, atol=2e-4)
        np.testing.assert_allclose(found.activation[u], activation((low + wide * t)[None])[0], atol=2e-4)


@pytest.mark.parametrize("parameterization", ["pixels", "fourier"])
@pytest.mark.parametrize("shape", [(4, 5, 1), (5, 4)])
def test_an_image_climbs_as_its_twin_does(parameterization, shape):
    images = np.random.default_rng(2).uniform(-1, 3, (6, *shape)).astype(np.float32)
    model = bent(images, 1)
    options = {"parameterization": parameterization, "kinds": {"x": "image"}, "jitter": 2, "smoothness": 0.4, "steps": 15, "seed": 5}
    found = activation_maximization(model, images, **options)
    slope, activation = slope_of(model, 0)
    x = images.astype(np.float64)
    spread, low, wide = activation(x).std(), x.min(), np.ptp(x)
    shifts = np.random.default_rng([5, 1]).integers(-2, 3, (15, 2))
    noise = np.random.default_rng(5)
    basis = reference.spectrum_basis(*shape[:2])

    def uphill_of_pixels(k, t):
        shifted = np.roll(low + wide * t, shifts[k], axis=(0, 1))
        back = np.roll(slope(shifted.ravel()).reshape(shape), -shifts[k], axis=(0, 1))
        return wide * back / spread - 0.4 * reference.roughness_slope(t)

    def decoded(spectrum):
        return 1 / (1 + np.exp(-(basis @ spectrum).reshape(shape)))

    def uphill_of_spectrum(k, spectrum):
        t = decoded(spectrum)
        return basis.T @ (uphill_of_pixels(k, t) * t * (1 - t)).ravel()

    if parameterization == "pixels":
        start = np.clip((x.mean() - low) / wide + 0.1 * noise.normal(size=shape), 0, 1)
        t = reference.climbed(start, uphill_of_pixels, steps=15, rate=0.05, in_box=True)
    else:
        start = 0.01 * noise.normal(size=basis.shape[1])
        t = decoded(reference.climbed(start, uphill_of_spectrum, steps=15, rate=0.05, in_box=False))
    np.testing.assert_allclose(found.inputs["x"][0], low + wide * t, atol=1e-3)
    np.testing.assert_allclose(found.activation[0], activation((low + wide * t)[None])[0], atol=1e-3)


# What climbs -------------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def seer():
    keras.utils.set_random_seed(3)
    stack = [
        layers.Conv2D(8, 3, activation="relu", name="conv"),
        layers.Flatten(),
        layers.Dense(7, "relu", name="dense"),
        layers.Dense(12, "softmax", name="head"),
    ]
    return compiled(keras.Sequential([keras.Input((6, 6, 2), name="image"), *stack]), "sparse_categorical_crossentropy")


def inner(model, layer, x):
    return keras.Model(model.inputs[0], model.get_layer(layer).output)(x).numpy()


@pytest.mark.parametrize(
    ("options", "kind", "of"),
    [
        ({"layer": "conv"}, "channel", lambda a: a.mean(axis=(1, 2))),
        ({"layer": "conv", "position": "center"}, "channel", lambda a: a[:, 2, 2]),
        ({"layer": "dense", "units": [6, 0]}, "unit", lambda a: a),
    ],
)
def test_units_of_layers(seer, pictures, options, kind, of):
    found = activation_maximization(seer, pictures, **options, steps=30)
    before = of(inner(seer, options["layer"], pictures))
    expected = options.get("units") or sorted(np.argsort(-before.std(axis=0), kind="stable")[:6])
    assert (found.layer, found.unit, found.units.tolist()) == (options["layer"], kind, expected)
    np.testing.assert_allclose(found.reference, before[:, expected].max(axis=0), rtol=1e-5)
    there = of(inner(seer, options["layer"], found.inputs["image"]))
    np.testing.assert_allclose(found.activation, there[np.arange(len(expected)), expected], rtol=1e-4)
    assert (found.activation >= found.reference).mean() > 0.5
    assert found.inputs["image"].min() >= pictures.min()
    assert found.inputs["image"].max() <= pictures.max()


def test_classes_are_climbed_by_their_logits(seer, pictures):
    found = activation_maximization(seer, pictures, steps=40)
    assert (found.layer, found.unit, found.units.tolist()) == ("head", "class", list(range(10)))
    kernel, bias = seer.get_layer("head").get_weights()
    logits = inner(seer, "dense", found.inputs["image"]) @ kernel + bias
    np.testing.assert_allclose(found.activation, logits[range(10), range(10)], rtol=1e-4, atol=1e-5)
    assert (found.activation > found.reference).all()


@pytest.mark.parametrize(("units", "signs"), [(1, [-1, 1]), (3, [1, 1, 1])])
def test_sigmoid_units_are_two_classes_or_as_many_labels(rows, units, signs):
    given = keras.Input((5,))
    model = compiled(keras.Model(given, layers.Dense(units, "sigmoid", name="flag")(given)), "binary_crossentropy")
    found = activation_maximization(model, rows, smoothness=0)
    weights = model.layers[-1].kernel.numpy() * (signs if units > 1 else 1)
    for u, sign in enumerate(signs):
        w = sign * weights[:, 0 if units == 1 else u]
        np.testing.assert_allclose(found.inputs["input"][u], np.where(w > 0, rows.max(axis=0), rows.min(axis=0)), atol=1e-5)


# In every kind of model --------------------------------------------------------------------------------------------------------------


def test_inputs_of_several_kinds_climb_together():
    """An image of bytes where it becomes floating, a table, and a mask, which is kept."""
    keras.utils.set_random_seed(1)
    image, table = keras.Input((6, 6, 1), dtype="uint8", name="image"), keras.Input((3,), name="table")
    mask = keras.Input((3,), dtype="bool", name="mask")
    seen = layers.Flatten()(layers.Conv2D(2, 3)(layers.Rescaling(1 / 255)(image)))
    kept = ops.where(mask, table, 0.0)
    model = compiled(keras.Model({"image": image, "mask": mask, "table": table}, layers.Dense(2)(layers.Concatenate()([seen, kept]))))
    generator = np.random.default_rng(0)
    x = {
        "image": generator.integers(0, 256, (4, 6, 6, 1), dtype=np.uint8),
        "mask": np.array([[True, True, False]] * 4),
        "table": generator.normal(size=(4, 3)).astype(np.float32),
    }
    found = activation_maximization(model, x, smoothness=0, jitter=0)
    assert set(found.inputs) == {"image", "table"}
    assert found.inputs["image"].min() == x["image"].min() / np.float32(255)
    weights = model.layers[-1].kernel.numpy()[-3:-1]
    for u in range(2):
        expected = np.where(weights[:, u] > 0, x["table"].max(axis=0)[:2], x["table"].min(axis=0)[:2])
        np.testing.assert_allclose(found.inputs["table"][u, :2], expected, atol=1e-5)


@pytest.mark.parametrize("unroll", [True, False])
def test_a_sequence_climbs_within_its_channels_ranges(sequences, unroll):
    """Through a recurrence, also one that is a loop itself."""
    keras.utils.set_random_seed(1)
    given = keras.Input((5, 3), name="signal")
    model = compiled(keras.Model(given, layers.Dense(2)(layers.LSTM(4, unroll=unroll)(given))))
    scaled = sequences * np.array([1, 10, 0.1], np.float32)
    found = activation_maximization(model, scaled, smoothness=0)
    x = found.inputs["signal"]
    assert (x >= scaled.min(axis=(0, 1))).all()
    assert (x <= scaled.max(axis=(0, 1))).all()
    assert (found.activation > found.reference).all()


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden, self.head = layers.Dense(4, "tanh", name="hidden"), layers.Dense(2, name="out", use_bias=False)

    def call(self, x):
        return self.head(self.hidden(x))


@pytest.mark.parametrize("build", ["nested", "subclassed", "eager"])
def test_every_build_of_a_model(rows, build):
    plain = bent(rows)
    if build == "nested":
        given = keras.Input((5,), name="x")
        model = compiled(keras.Model(given, plain(given)))
    else:
        model = compiled(Subclassed(), run_eagerly=build == "eager")
        model(rows)
        model.set_weights(plain.get_weights())
    if build == "eager":
        called = model.call

        def call(x):
            assert float(ops.max(ops.abs(x))) < 99  # a value, which a trace does not have
            return called(x)

        model.call = call
    found, expected = (activation_maximization(m, rows, steps=8) for m in (model, plain))
    np.testing.assert_allclose(next(iter(found.inputs.values())), expected.inputs["x"], atol=1e-5)
    np.testing.assert_allclose(found.reference, expected.reference, rtol=1e-5)
    layer = next(leaf.name for leaf in Scorer(model, rows).network.leaves if leaf.name.endswith("hidden"))
    assert activation_maximization(model, rows, layer=layer, units=[0], steps=3).layer == layer


def test_mixed_precision_answers_in_float32(rows):
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        half = bent(rows)
    finally:
        keras.config.set_dtype_policy("float32")
    exact = bent(rows)
    exact.set_weights(half.get_weights())
    found, expected = (activation_maximization(m, rows) for m in (half, exact))
    assert found.inputs["x"].dtype == found.activation.dtype == np.float32
    np.testing.assert_allclose(found.inputs["x"], expected.inputs["x"], atol=0.15 * np.ptp(rows))


def test_the_same_answer_in_any_batch_and_all_as_it_was(seer, pictures):
    weights, given = seer.get_weights(), pictures.copy()
    state = np.random.get_state()[1].copy()  # noqa: NPY002 (the generator that a user may draw from)
    scorer = Scorer(seer, pictures, np.zeros(3, int))
    first, second, third = (
        activation_maximization(m, pictures, steps=12, **o) for m, o in ((scorer, {}), (scorer, {}), (seer, {"batch_size": 4}))
    )
    np.testing.assert_array_equal(first.inputs["image"], second.inputs["image"])
    np.testing.assert_allclose(first.inputs["image"], third.inputs["image"], atol=1e-3)
    assert not np.allclose(first.inputs["image"], activation_maximization(scorer, pictures, steps=12, seed=1).inputs["image"], atol=1e-2)
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002
    for before, after in zip([*weights, given], [*seer.get_weights(), pictures], strict=True):
        np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("weight", [np.nan, np.inf, 1e38])
def test_a_diverged_model_neither_raises_nor_warns(rows, weight):
    model = bent(rows)
    scorer = Scorer(model, rows, score="logit")
    kernel = model.get_layer("out").kernel
    kernel.assign(weight * np.random.default_rng(0).normal(size=kernel.shape))
    found = activation_maximization(scorer, rows, steps=5)
    if weight != 1e38:
        assert np.isnan(found.inputs["x"]).all()
        assert np.isnan(found.activation).all()


def test_what_is_wrong_says_what_was_expected(seer, pictures, classifier, samples):
    words = keras.Input((4,), dtype="int32", name="words")
    reader = compiled(keras.Model(words, layers.Dense(2)(layers.Flatten()(layers.Embedding(9, 2)(words)))))
    with pytest.raises(ValueError, match=r"inputs \['words'\] .* are tokens or categories, which have no gradient.* leave it out"):
        activation_maximization(reader, np.ones((3, 4), np.int32))
    with pytest.raises(ValueError, match=r"parameterization is 'fourier', but \['table'\] are no images"):
        activation_maximization(classifier, samples[0], parameterization="fourier")
    given = keras.Input((6, 6, 2))
    cut = compiled(keras.Model(given, layers.Dense(2)(ops.cast(ops.argmax(layers.Flatten()(given), axis=1, keepdims=True), "float32"))))
    with pytest.raises(ValueError, match="no gradient of the units reaches the inputs"):
        activation_maximization(cut, pictures)
    for options, message in (
        ({"layer": "convv"}, "has no layer 'convv'.*Did you mean 'conv'"),
        ({"units": [12]}, r"units of 'head' are \[12\]; expected a list of some of 0 to 11"),
        ({"layer": "conv", "units": []}, r"units of 'conv' are \[\]; expected"),
        ({"steps": 0}, "steps is 0; expected at least 1"),
        ({"rate": 0}, "rate is 0; expected"),
        ({"smoothness": -1}, "smoothness is -1; expected"),
        ({"jitter": -1}, "jitter is -1; expected"),
        ({"parameterization": "wavelets"}, "parameterization is 'wavelets'; expected one of"),
        ({"position": "corner"}, "position is 'corner'; expected one of"),
    ):
        with pytest.raises(ValueError, match=message):
            activation_maximization(seer, pictures, **options)
