"""Logs at the edge of what people train, as the tab must still show them: ``python -m tests.e2e.extremes LOGDIR``.

Names of 60 characters, 200 classes, one sample, one epoch, a thousand epochs of three seeds, numbers that are not finite, words on several
lines and from right to left, markup, a regression, four inputs, a model of forty layers, and steps without frames.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from tensorboard.util import tensor_util

from tb_explain_plugin import metadata, summary
from tb_explain_plugin import plugin_data_pb2 as pb
from tests import synthetic_log, synthetic_methods, synthetic_models
from tests.event_files import EventFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray
    from tensorboard.compat.proto import summary_pb2

    from tests.synthetic_models import Story

LENGTH = 60
CLASSES = 200
LONG_EPOCHS = 1000
SEEDS = ("long/seed 1", "long/seed 2", "long/seed 3")
MARKUP_GROUP = "<i>'said' & done"
WORDS = (
    "two\nlines",
    "a\ttab",
    "שלום",
    "مرحبا",
    "<script>alert(1)</script>",
    '"quoted"',
    "👩\u200d🔬",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunter",
)
"""Tokens that break layouts: of several lines, from right to left, markup, one character of several code points, and a word of 60."""

Figures = dict[str, float]


def long_name(text: str) -> str:
    """Return the text, lengthened or cut to 60 characters, with an end that tells it from others that begin alike."""
    return f"{text.ljust(LENGTH, '·')[: LENGTH - 4]}_{sum(text.encode()) % 1000:03d}"


RUN_OF_LONG_NAMES = long_name("run of the season with augmented outlines, third attempt")


@dataclass(frozen=True)
class Extreme:
    """A run, how long it trains, and what it says otherwise than the synthetic log of its story.

    Attributes:
        manifest: changes the manifest.
        series: what stands in a series at a step instead of the values given.
        kept: whether a tag has a step.
        added: what else is logged at a step.
        metrics: what Keras has in ``logs`` at the end of an epoch, from what the story has.
    """

    story: Story
    epochs: int = 6
    manifest: Callable[[Story, pb.Manifest], None] = lambda story, manifest: None
    series: Callable[[metadata.Tag, int, NDArray[Any]], NDArray[Any]] = lambda tag, step, values: values
    kept: Callable[[metadata.Tag, int], bool] = lambda tag, step: True
    added: Callable[[Story, int], Iterator[summary_pb2.Summary]] = lambda story, step: iter(())
    metrics: Callable[[int, Figures], Figures] = lambda step, figures: figures


def extremes() -> tuple[Extreme, ...]:
    cells = synthetic_models.cells
    return (
        Extreme(_named(24), manifest=_name_the_rest, added=_named_watch, metrics=_named_metric),
        Extreme(_many_classes(), manifest=_name_the_rest),
        Extreme(replace(synthetic_models.digits(1, shortcut=False), name="one sample")),
        Extreme(replace(cells(20), name="only the start"), epochs=0),
        Extreme(replace(cells(20), name="one epoch"), epochs=1),
        *(Extreme(_seed(name, 5), epochs=LONG_EPOCHS) for name in SEEDS),
        Extreme(replace(cells(20), name="not finite", diverges=9.0), epochs=12, series=_not_finite, metrics=_not_finite_loss),
        Extreme(_words(24)),
        Extreme(replace(cells(30), name="regression"), manifest=_regress, kept=_no_classes, added=_outputs, metrics=_errors),
        Extreme(_four_inputs(16)),
        Extreme(_deep(16), manifest=_branch),
        Extreme(replace(cells(20), name="gaps"), epochs=12, kept=_with_gaps),
    )


def write(logdir: Path) -> None:
    for extreme in extremes():
        write_run(logdir / extreme.story.name, extreme)


def write_run(directory: Path, extreme: Extreme) -> None:
    """Write the ``explain`` run of one group; Keras' own callback did not write beside it."""
    story = extreme.story
    with EventFile(directory / metadata.RUN_NAME, -1) as file:
        for step in range(-1, extreme.epochs):
            with np.errstate(invalid="ignore"):  # of what is not finite
                told = [*_changed(extreme, step), *extreme.added(story, step)]
                figures = extreme.metrics(step, synthetic_log.learning(story, step)) if step >= 0 else {}
            named = (summary.series(metadata.create_tag("metric", name), np.float64(value)) for name, value in figures.items())
            file.write(step, *told, *named)


def _changed(extreme: Extreme, step: int) -> Iterator[summary_pb2.Summary]:
    for one in synthetic_log.summaries(extreme.story, step, extreme.epochs):
        (value,) = one.value
        tag = metadata.parse_tag(value.tag)
        if not extreme.kept(tag, step):
            continue
        if tag.shape == pb.MANIFEST:
            manifest = pb.Manifest.FromString(tensor_util.make_ndarray(value.tensor).item())
            extreme.manifest(extreme.story, manifest)
            yield summary.manifest(manifest)
        elif tag.shape == pb.SERIES:
            yield summary.series(value.tag, extreme.series(tag, step, tensor_util.make_ndarray(value.tensor)))
        else:
            yield one


def _input(story: Story, **changed: Any) -> pb.Input:
    """Return the story's input with other fields."""
    made = pb.Input()
    made.CopyFrom(story.input)
    for name, value in changed.items():
        made.ClearField(name)
        made.MergeFrom(pb.Input(**{name: value}))
    return made


# ---------------------------------------------------------------------------- names


def _named(samples: int) -> Story:
    story = synthetic_models.cells(samples)
    names = [long_name(f"{number:02d} concavity of the outline, worst of three, in µm") for number in range(27)]
    names += ["on\ntwo lines\tand a tab", "עובי דופן התא, ממוצע", synthetic_models.MARKUP_NAME]
    layers = [
        (long_name(f"encoder/block_{at:02d}/attention/multi_head/projection_of_the_"), *rest) for at, (_, *rest) in enumerate(story.layers)
    ]
    return replace(
        story,
        name=RUN_OF_LONG_NAMES,
        input=_input(story, name=long_name("outlines of the cells, as the laboratory sent them"), feature_names=names),
        class_names=(long_name("benign, as far as two readers agree"), long_name("malignant, as far as two readers agree")),
        layers=tuple(layers),
    )


def _name_the_rest(story: Story, manifest: pb.Manifest) -> None:
    manifest.probe.sample_names.extend(long_name(f"patient {at:03d}, left side, second visit") for at in range(len(story.targets)))
    manifest.model_name = long_name("outlines to findings, distilled")
    if story.input.kind == "tabular":
        manifest.watches.add(name=_WATCH, input=story.input.name, cells=[0, 1], contrast=0.05, at_most=0.04, at_least=float("nan"))


_WATCH = long_name("columns that the laboratory has asked us to keep an eye on")


def _named_watch(_: Story, step: int) -> Iterator[summary_pb2.Summary]:
    yield summary.series(metadata.create_tag("watch", _WATCH), np.array([0.02 + 0.01 * (step + 1), 0.004]))


def _named_metric(step: int, figures: Figures) -> Figures:
    name = long_name("area under the curve at high specificity")
    return figures | {name: 0.6 + 0.05 * step, f"val_{name}": 0.5 + 0.05 * step}


def _many_classes() -> Story:
    story = synthetic_models.digits(CLASSES, shortcut=False)
    return replace(
        story,
        name="classes",
        class_names=tuple(long_name(f"{number:03d} species of the northern lowlands, subspecies") for number in range(CLASSES)),
        targets=np.arange(CLASSES) * 7 % CLASSES,
        methods=(synthetic_methods.INTEGRATED_GRADIENTS,),
    )


def _words(samples: int) -> Story:
    """Return the reviews, their most frequent words exchanged for difficult ones."""
    story = synthetic_models.reviews(samples)
    vocabulary = list(story.input.vocabulary)
    often = np.argsort(-np.bincount(story.samples.ravel(), minlength=len(vocabulary))[2:], kind="stable") + 2
    for at, word in zip(often, WORDS, strict=False):
        vocabulary[at] = word
    classes = ("on\ntwo lines", "שלילי")
    return replace(story, name=MARKUP_GROUP, input=_input(story, vocabulary=vocabulary), class_names=classes)


# ---------------------------------------------------------------------------- sizes


def _seed(name: str, samples: int) -> Story:
    story = synthetic_models.digits(samples, shortcut=False)
    return replace(story, name=name, methods=(synthetic_methods.INTEGRATED_GRADIENTS,), layers=(story.layers[0], story.layers[-1]))


def _four_inputs(samples: int) -> Story:
    """Return an image beside a table, a text and a sequence."""
    table, text = synthetic_models.cells(samples), synthetic_models.reviews(samples)
    chain = replace(_sequence(samples), name="four inputs, pulse")
    chain = replace(text, name="four inputs, notes", input=_input(text, name="notes"), beside=chain)
    chain = replace(table, name="four inputs, table", input=_input(table, name="patient"), beside=chain)
    methods = (synthetic_methods.INTEGRATED_GRADIENTS, "saliency", "grad_cam")
    return replace(synthetic_models.digits(samples, shortcut=False), name="four inputs", methods=methods, beside=chain)


def _sequence(samples: int) -> Story:
    rng = np.random.default_rng(5)
    targets = np.arange(samples) % 10
    beats = np.arange(96) / 96 + rng.random((samples, 1))
    waves = np.stack([np.sin(6.3 * beats * (2 + channel)) for channel in range(3)], axis=2) + rng.normal(0, 0.1, (samples, 96, 3))
    described = pb.Input(name="pulse", kind="sequence", shape=[96, 3], dtype="float32", cells=[96], regions=[96])
    described.feature_names.extend(["lead I", "lead II", long_name("lead III, as the portable device has it")])
    trained = np.maximum(waves[:, :, 0], 0) * rng.gamma(2, 0.05, (samples, 96))
    classes = tuple(str(digit) for digit in range(10))
    return synthetic_models.Story("pulse", described, classes, waves.astype(np.float32), targets, trained, np.zeros_like(trained))


def _deep(samples: int) -> Story:
    story = synthetic_models.digits(samples, shortcut=False)
    parts = (("conv", "Conv2D", (16, 16, 16), ""), ("norm", "BatchNormalization", (16, 16, 16), ""), ("add", "Add", (16, 16, 16), ""))
    blocks = [(f"stage/block_{block:02d}/{part}", *rest) for block in range(1, 14) for part, *rest in parts]
    layers = (story.layers[0], *blocks, story.layers[-1])
    return replace(story, name="deep", layers=layers, methods=(synthetic_methods.INTEGRATED_GRADIENTS,))


def _branch(_: Story, manifest: pb.Manifest) -> None:
    """Let each block add what it read to what it made of it."""
    for before, layer in zip(manifest.layers, manifest.layers[3:], strict=False):
        if layer.class_name == "Add":
            layer.inbound.append(before.name)


# ---------------------------------------------------------------------------- figures


def _not_finite(tag: metadata.Tag, step: int, values: NDArray[Any]) -> NDArray[Any]:
    if tag.kind == "importance" and step in {3, 4}:
        return np.where(np.arange(values.shape[1]) % 7 == step - 3, np.inf if step == 3 else np.nan, values)
    if tag.kind == "health" and step == 4:
        return np.where(np.arange(len(values)) == metadata.HEALTH_FIELDS.index("gradient_norm"), np.inf, values)
    if tag.kind == "gradient" and step == 4:
        return np.where(np.arange(len(values)) > 1, 0.0, values)  # nothing was counted
    return values


def _not_finite_loss(step: int, figures: Figures) -> Figures:
    lost = {2: 1e30, 4: np.inf, 6: np.nan}
    return figures | ({"loss": lost[step], "val_loss": lost[step]} if step in lost else {})


def _regress(story: Story, manifest: pb.Manifest) -> None:
    manifest.outputs[0].task, manifest.outputs[0].units = "regression", 1
    manifest.outputs[0].ClearField("class_names")
    manifest.probe.ClearField("targets")
    manifest.probe.targets.extend(_prices(story))


def _prices(story: Story) -> NDArray[np.float64]:
    return np.round(200_000 + 30_000 * story.samples[:, 0].astype(np.float64), -2)


def _no_classes(tag: metadata.Tag, _: int) -> bool:
    return tag.kind != metadata.PREDICTIONS


def _outputs(story: Story, step: int) -> Iterator[summary_pb2.Summary]:
    prices = _prices(story)
    guessed = prices.mean() + (prices - prices.mean()) * (1 - np.exp(-(step + 1) / 3))
    loss = (guessed - prices) ** 2
    yield summary.frame(metadata.PREDICTIONS, {"output": guessed[:, None].astype(np.float32), "loss": loss.astype(np.float32)})


def _errors(_: int, figures: Figures) -> Figures:
    """Return a regression's: squared errors of prices, whose size the tab must cope with."""
    of = {split: figures[f"{split}loss"] for split in ("", "val_")}
    return {f"{split}{name}": value for split, loss in of.items() for name, value in (("loss", 1e9 * loss), ("mae", 3e4 * loss))}


def _with_gaps(tag: metadata.Tag, step: int) -> bool:
    """Whether a step is there: explanations of a few only, and of those not always the predictions and the importances."""
    if tag.kind == "attribution":
        return step in {-1, 0, 1, 5, 6, 11}
    if tag.kind == metadata.PREDICTIONS:
        return step not in {1, 6}
    return not (tag.kind == "importance" and step in {0, 3, 5})


if __name__ == "__main__":
    write(Path(sys.argv[1]))
