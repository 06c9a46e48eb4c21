"""What every explainer keeps to, whatever it computes. A new one joins by a row of `EXPLAINERS`."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, tree

from tb_explain_plugin.callbacks import explainers
from tb_explain_plugin.callbacks.explainers import Scorer

if TYPE_CHECKING:
    from collections.abc import Callable

SAMPLES = 7


@dataclasses.dataclass(frozen=True)
class Row:
    """An explainer, and what it promises.

    ``signed``: values may be negative. ``baseline``: it has a baseline's score. ``sums``: it has a completeness error. ``fit``: it has
    one. ``needs_positions``: it explains no table. ``options``: to be quick. ``wrong``: options that are refused, with what the error says.
    """

    explain: Callable[..., Any]
    signed: bool = True
    baseline: bool = False
    sums: bool = False
    fit: bool = False
    needs_positions: bool = False
    options: dict[str, Any] = dataclasses.field(default_factory=dict)
    wrong: tuple[tuple[dict[str, Any], str], ...] = ()

    def __call__(self, model, inputs, targets=None, **options):
        return self.explain(model, inputs, targets, **(self.options | options))

    @property
    def score(self):
        return inspect.signature(self.explain).parameters["score"].default


EXPLAINERS = {
    row.explain.__name__: row
    for row in (
        Row(
            explainers.integrated_gradients,
            baseline=True,
            sums=True,
            wrong=(({"steps": 0}, "steps is 0; expected"), ({"layer": "nowhere"}, "has no layer 'nowhere'.*Its layers are")),
        ),
        Row(
            explainers.expected_gradients,
            baseline=True,
            sums=True,
            options={"samples": 6},
            wrong=(({"samples": 0}, "samples is 0; expected at least 1"),),
        ),
        Row(explainers.gradient_times_input),
        Row(explainers.saliency, signed=False),
        Row(
            explainers.smooth_grad,
            options={"samples": 3},
            wrong=(
                ({"samples": 0}, "samples is 0; expected at least 1"),
                ({"noise": 0}, "noise is 0; expected a share of the input's range above 0"),
                ({"noise": np.nan}, "noise is nan; expected"),
            ),
        ),
        Row(
            explainers.grad_cam,
            signed=False,
            needs_positions=True,
            wrong=(({"layer": "nowhere"}, "has no layer 'nowhere'.*Its layers are"),),
        ),
        Row(
            explainers.occlusion,
            baseline=True,
            wrong=(
                ({"players": (5, 5)}, "players of input 'image' are.*expected numbers of equal blocks"),
                ({"baseline": "median"}, "baseline"),
            ),
        ),
        Row(
            explainers.lime,
            fit=True,
            options={"samples": 60},
            wrong=(
                ({"samples": 1}, "samples is 1; expected at least 2"),
                ({"kernel_width": 0}, "kernel_width is 0; expected a number above 0"),
                ({"alpha": np.nan}, "alpha is nan; expected a number above 0"),
                ({"around": "here"}, "around is 'here'; expected one of"),
                ({"background": np.zeros((2, 8, 8, 2))}, "background belong to tables"),
            ),
        ),
        Row(
            explainers.kernel_shap,
            baseline=True,
            sums=True,
            options={"samples": 160},
            wrong=(
                ({"samples": 1}, "samples is 1; expected 2 to 16384 coalitions"),
                ({"samples": 64}, "samples is 64 for 64 players; expected at least twice as many"),
                ({"players": [[0, 1]]}, "expected lists of columns by position"),
            ),
        ),
        Row(
            explainers.lrp,
            sums=True,
            wrong=(({"epsilon": 0}, "epsilon is 0; expected"), ({"composite": "none"}, "composite.*'none'")),
        ),
    )
}


# Models ---------------------------------------------------------------------------------------------------------------------------


WORDS = ("good", "bad", "dull", "film", "plot")


def vectorizer():
    layer = layers.TextVectorization(output_sequence_length=4)
    layer.set_vocabulary(WORDS)
    return layer


def towers():
    """Layers that see an image, a table, a sequence, tokens, and what is none of these before they have seen it."""
    return {
        "image": [layers.Conv2D(4, 3, activation="relu"), layers.BatchNormalization(), layers.MaxPooling2D(), layers.Flatten()],
        "table": [layers.Dense(6, activation="relu"), layers.Dropout(0.5)],
        "sequence": [layers.Conv1D(4, 3, activation="tanh"), layers.GlobalMaxPooling1D()],
        "tokens": [layers.Embedding(12, 4), layers.Conv1D(5, 3, activation="relu"), layers.GlobalAveragePooling1D()],
        "pixels": [layers.Rescaling(1 / 255), layers.Conv2D(4, 3, activation="relu"), layers.Flatten()],
        "text": [vectorizer(), layers.Embedding(8, 4), layers.Conv1D(5, 2, activation="relu"), layers.GlobalAveragePooling1D()],
        "categories": [
            layers.StringLookup(vocabulary=WORDS, output_mode="one_hot"),
            layers.Flatten(),
            layers.Dense(6, activation="relu"),
        ],
    }


SHAPES = {
    "image": ((8, 8, 2), "float32"),
    "table": ((5,), "float32"),
    "sequence": ((8, 3), "float32"),
    "tokens": ((9,), "int32"),
    "pixels": ((6, 6, 1), "uint8"),
    "text": ((), "string"),
    "categories": ((3,), "string"),
}


def build(*names, structure):
    """A classifier whose inputs, named ones of `SHAPES`, are put into a structure."""
    keras.utils.set_random_seed(6)
    inputs = {name: keras.Input(SHAPES[name][0], dtype=SHAPES[name][1], name=name) for name in names}
    seen = []
    for name, x in inputs.items():
        for layer in towers()[name]:
            x = layer(x)  # noqa: PLW2901 (the way through the tower)
        seen.append(x)
    joined = layers.Concatenate()(seen) if len(seen) > 1 else seen[0]
    model = keras.Model(structure(inputs), layers.Dense(3, activation="softmax", name="head")(joined))
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model, structure({name: draw(*SHAPES[name]) for name in names}), np.arange(SAMPLES) % 3


def draw(shape, dtype):
    generator = np.random.default_rng(len(shape))
    if dtype == "string":
        drawn = generator.choice(WORDS, (SAMPLES, *(shape or (4,))))
        return (drawn if shape else np.array([" ".join(words) for words in drawn])).astype(object)
    if dtype == "float32":
        return generator.normal(size=(SAMPLES, *shape)).astype(dtype)
    return generator.integers(0, 12 if dtype == "int32" else 256, (SAMPLES, *shape)).astype(dtype)


CASES = {
    "table": functools.partial(build, "table", structure=lambda v: v["table"]),
    "image": functools.partial(build, "image", structure=lambda v: v["image"]),
    "sequence": functools.partial(build, "sequence", structure=lambda v: v["sequence"]),
    "tokens": functools.partial(build, "tokens", structure=lambda v: v["tokens"]),
    "pixels": functools.partial(build, "pixels", structure=lambda v: v["pixels"]),
    "text": functools.partial(build, "text", structure=lambda v: v["text"]),
    "categories": functools.partial(build, "categories", structure=lambda v: v["categories"]),
    "list": functools.partial(build, "image", "table", structure=lambda v: list(v.values())),
    "dict": functools.partial(build, "table", "tokens", structure=dict),
}


TABLES = ("table", "categories")
PAIRS = [(row, name) for row in EXPLAINERS.values() for name in CASES if name not in TABLES or not row.needs_positions]
every_pair = pytest.mark.parametrize(("row", "name"), PAIRS, ids=[f"{row.explain.__name__}-{name}" for row, name in PAIRS])
every_explainer = pytest.mark.parametrize("row", EXPLAINERS.values(), ids=EXPLAINERS)


@functools.cache
def case(name):
    return CASES[name]()


@functools.cache
def scorer(name, score):
    model, inputs, targets = case(name)
    return Scorer(model, inputs, targets, score=score)


def explained(row, name, **options):
    _, inputs, targets = case(name)
    return row(scorer(name, row.score), inputs, targets, **options)


def assert_same(first, second, tolerance=0.0):
    """Within a tolerance of the largest value; or of a tenth of the largest score, as whose differences values may be rounded."""
    for a, b in zip(tree.flatten(first.values), tree.flatten(second.values), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=tolerance * max(np.abs(b).max(), 0.1 * np.abs(second.score).max()))
    for figure in ("score", "baseline_score"):
        if getattr(second, figure) is not None:
            np.testing.assert_allclose(getattr(first, figure), getattr(second, figure), rtol=tolerance, atol=tolerance)


# What all keep to -----------------------------------------------------------------------------------------------------------------


def test_every_exported_explainer_is_held_to_this():
    exported = [getattr(explainers, name) for name in explainers.__all__]
    attributing = {f.__name__ for f in exported if inspect.isfunction(f) and inspect.signature(f).return_annotation == "Attribution"}
    assert attributing == set(EXPLAINERS)


@every_explainer
def test_the_signature_is_the_common_one(row):
    parameters = list(inspect.signature(row.explain).parameters.values())
    assert [p.name for p in parameters[:3]] == ["model", "inputs", "targets"]
    assert all(p.kind is inspect.Parameter.KEYWORD_ONLY and p.default is not inspect.Parameter.empty for p in parameters[3:])
    assert {"score", "batch_size"} <= {p.name for p in parameters[3:]}


@every_pair
def test_values_are_shaped_and_structured_as_the_inputs(row, name):
    _, inputs, _ = case(name)
    attribution = explained(row, name)
    tree.assert_same_structure(attribution.values, inputs)
    for values, given in zip(tree.flatten(attribution.values), tree.flatten(inputs), strict=True):
        assert values.shape == (given.shape if name != "text" else (SAMPLES, 4))  # a value a token
        assert values.dtype == np.float32
        assert np.isfinite(values).all()
        assert row.signed or values.min() >= 0
    explained_inputs = [np.any(v) for v in tree.flatten(attribution.values)]
    assert any(explained_inputs) if row.needs_positions else all(explained_inputs)


@every_pair
def test_figures_are_those_that_it_promises(row, name):
    model, inputs, targets = case(name)
    attribution = explained(row, name)
    promised = {"score": True, "baseline_score": row.baseline, "completeness_error": row.sums, "fit": row.fit}
    for figure, is_promised in promised.items():
        values = getattr(attribution, figure)
        assert (values is not None) == is_promised
        if is_promised:
            assert values.shape == (SAMPLES,)
            assert values.dtype == np.float32
            assert np.isfinite(values).all()
    p = keras.ops.convert_to_numpy(model(tree.map_structure(tf.convert_to_tensor, inputs)))[np.arange(SAMPLES), targets]
    if row.score == "log_odds":
        np.testing.assert_allclose(attribution.score, np.log(p) - np.log1p(-p), atol=1e-4)


@every_pair
def test_values_are_of_the_target(row, name):
    """Another class, another explanation; one class for all is that class for each."""
    _, inputs, targets = case(name)
    shared = scorer(name, row.score)
    others = row(shared, inputs, (targets + 1) % 3)
    assert not np.allclose(explained(row, name).score, others.score)
    assert any(not np.allclose(a, b) for a, b in zip(tree.flatten(explained(row, name).values), tree.flatten(others.values), strict=True))
    assert_same(row(shared, inputs, 2), row(shared, inputs, np.full(SAMPLES, 2)))


@every_pair
def test_a_model_is_taken_as_a_scorer_is(row, name):
    assert_same(row(*case(name)), explained(row, name), 1e-5)


@every_pair
def test_the_same_call_answers_the_same_and_leaves_all_as_it_was(row, name):
    model, inputs, _ = case(name)
    first = explained(row, name)
    weights, given = model.get_weights(), [v.copy() for v in tree.flatten(inputs)]
    state = np.random.get_state()[1].copy()  # noqa: NPY002 (the generator that a user may draw from)
    assert_same(explained(row, name), first)
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002
    for before, after in zip([*weights, *given], [*model.get_weights(), *tree.flatten(inputs)], strict=True):
        np.testing.assert_array_equal(before, after)


@every_pair
def test_the_size_of_batches_changes_nothing(row, name):
    assert_same(row(*case(name), batch_size=3), explained(row, name), 1e-5)


@every_explainer
def test_a_reloaded_model_is_explained_alike(row, tmp_path):
    model, inputs, targets = case("image")
    model.save(tmp_path / "model.keras")
    assert_same(row(keras.models.load_model(tmp_path / "model.keras"), inputs, targets), explained(row, "image"), 1e-5)


@every_explainer
def test_mixed_precision_answers_in_float32(row):
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        half, inputs, targets = CASES["image"]()
    finally:
        keras.config.set_dtype_policy("float32")
    half.set_weights(case("image")[0].get_weights())
    attribution, exact = row(half, inputs, targets), explained(row, "image")
    assert attribution.values.dtype == attribution.score.dtype == np.float32
    assert np.abs(attribution.values - exact.values).sum() < 0.1 * np.abs(exact.values).sum()


def explained_once_diverged(row, name, head):
    """An explanation by a scorer that has known the model in better days, as a run's has."""
    model, inputs, targets = CASES[name]()
    known = Scorer(model, inputs, targets, score=row.score)
    kernel = model.get_layer("head").kernel
    kernel.assign(head * np.random.default_rng(0).normal(size=kernel.shape))
    return row(known, inputs, targets)


@every_explainer
@pytest.mark.parametrize("weight", [np.nan, np.inf])
def test_a_diverged_model_has_nan_for_an_explanation(row, weight):
    """Without an error or a warning: training goes on."""
    attribution = explained_once_diverged(row, "image", weight)
    assert not np.isfinite(attribution.score).any()
    assert not np.isfinite(attribution.values).all(axis=(1, 2, 3)).any()


@every_explainer
@pytest.mark.parametrize("name", ["image", "tokens"])
def test_weights_near_the_end_of_floats_raise_and_warn_of_nothing(row, name):
    values = explained_once_diverged(row, name, 1e38).values
    assert np.abs(values).max() > 1e35 or not np.isfinite(values).all()


@every_explainer
def test_one_sample_is_enough(row):
    model, inputs, targets = case("image")
    assert row(model, inputs[:1], targets[:1]).values.shape == (1, *inputs.shape[1:])


WRONG = {
    "score": ({"score": "certainty"}, "score is 'certainty'; expected one of"),
    "batch": ({"batch_size": 0}, "batch_size is 0; expected at least 1"),
    "class": ({"targets": 3}, r"lie in \[3, 3\]; the output has 3 unit\(s\), so expected \[0, 2\]"),
    "count": ({"targets": [0, 1]}, f"have 2 entries, inputs have {SAMPLES} samples"),
    "shape": ({"inputs": np.zeros((SAMPLES, 4, 2), np.float32)}, r"expects inputs of shape \(None, 8, 8, 2\), received \(None, 4, 2\)"),
}


@every_explainer
@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_arguments_say_what_was_expected_and_what_came(row, wrong):
    model, inputs, targets = case("image")
    changed, message = WRONG[wrong]
    with pytest.raises(ValueError, match=message):
        row(model, **({"inputs": inputs, "targets": targets} | changed))


@pytest.mark.parametrize(
    ("row", "options", "message"),
    [(row, options, message) for row in EXPLAINERS.values() for options, message in row.wrong],
    ids=[f"{name}-{next(iter(options))}" for name, row in EXPLAINERS.items() for options, _ in row.wrong],
)
def test_wrong_options_say_what_was_expected_and_what_came(row, options, message):
    with pytest.raises(ValueError, match=message):
        explained(row, "image", **options)
