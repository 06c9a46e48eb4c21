"""What each method costs at its default: the time of one answer, in forward passes of the same samples through the same model.

Three trainings of a few epochs with ``Explain(methods="full")``, every method at every epoch: a convolutional network on digits of 28 x 28,
a perceptron on the 30 columns of breast_cancer, and attention over sequences of 30 tokens; 256 samples each. Of each method the quietest
answer counts; the first two, which trace, do not. Between the answers the same samples are passed through the model, bare.

Usage: ``python -m benchmarks.method_cost [--epochs 6] [--write docs/explainers.md]``
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np

from benchmarks import models, report
from benchmarks.timing import stopwatch
from tb_explain_plugin.callbacks import Explain
from tb_explain_plugin.callbacks.explainers import Scorer
from tb_explain_plugin.callbacks.occasional import Occasional
from tb_explain_plugin.callbacks.presets import PRESETS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TOKENS, WORDS = 30, 500
METHODS = ("gradient_times_input", *PRESETS["full"])
TRACING = 2
"""Answers that trace."""


def cases() -> Iterator[tuple[str, keras.Model, Any, Any]]:
    """Yield name, model, samples and targets of what is explained."""
    for name, title in (("cnn-relu", "CNN, 28 × 28"), ("mlp-relu", "MLP, 30 columns")):
        problem = models.load(name)
        problem.model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        yield title, problem.model, problem.x, problem.y
    yield "attention, 30 tokens", *_reviews()


def _reviews() -> tuple[keras.Model, Any, Any]:
    keras.utils.set_random_seed(0)
    words = keras.Input((TOKENS,), dtype="int32", name="words")
    meaning = keras.layers.Embedding(WORDS, 16, name="meaning")(words)
    context = keras.layers.MultiHeadAttention(2, 8, name="attention")(meaning, meaning)
    seen = keras.layers.LayerNormalization()(keras.layers.Add()([meaning, context]))
    pooled = keras.layers.GlobalAveragePooling1D()(seen)
    hidden = keras.layers.Dense(16, activation="relu")(pooled)
    model = keras.Model(words, keras.layers.Dense(2)(hidden))
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    x = np.random.default_rng(0).integers(1, WORDS, (models.SAMPLES, TOKENS)).astype(np.int32)
    return model, x, (x[:, :4] % 2).sum(axis=1) // 3


class Timed:
    """Notes how long each method takes to answer, and a bare forward pass between."""

    def __init__(self) -> None:
        self.answers: dict[str, list[float]] = {}
        self.bare: list[float] = []

    def __enter__(self) -> Self:
        self._compute = compute = Occasional.compute

        def timed(part: Occasional, run: Any, step: int) -> Any:
            run.observe(step)  # the pass that all share
            answer: list[Any] = []
            seconds = stopwatch(lambda: answer.extend(compute(part, run, step)))
            self.answers.setdefault(part.method.name, []).append(seconds)
            return answer

        Occasional.compute = timed  # type: ignore[method-assign,assignment]
        return self

    def __exit__(self, *_: object) -> None:
        Occasional.compute = self._compute  # type: ignore[method-assign]


def measure(model: keras.Model, x: Any, y: Any, epochs: int) -> dict[str, float]:
    """Return the forward passes that an answer of each method is worth; methods that do not fit the model are absent."""
    timed = Timed()
    scorer = Scorer(model, x, y)
    targets = scorer.readout.resolve_targets(y, len(x))
    forward: Callable[[], Any] = lambda: scorer.scores(x, targets)  # noqa: E731 (what is timed)
    forward()
    passes = keras.callbacks.LambdaCallback(on_epoch_end=lambda _epoch, _logs: timed.bare.extend(stopwatch(forward) for _ in range(20)))
    with tempfile.TemporaryDirectory() as directory, timed:
        options: dict[str, Any] = {"budget": None, "deletion_every": None, "permutation_every": epochs}
        full = Explain(f"{directory}/full", (x, y), methods="full", method_every=dict.fromkeys(PRESETS["full"], 1), **options)
        cheap = Explain(f"{directory}/economy", (x, y), methods="economy", **options)
        model.fit(x, y, epochs=epochs, verbose=0, callbacks=[full, cheap, passes])
    return {name: min(seconds[TRACING:]) / min(timed.bare) for name, seconds in timed.answers.items() if len(seconds) > TRACING}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--write", type=Path, help="page whose table is replaced")
    arguments = parser.parse_args()
    found = {title: measure(model, x, y, arguments.epochs) for title, model, x, y in cases()}
    rows = [[f"`{name}`", *(_passes(costs.get(name)) for costs in found.values())] for name in METHODS]
    table = report.markdown(["forward passes of 256 samples", *found], rows)
    print(table)
    if arguments.write:
        report.replace(arguments.write, "method cost", table)


def _passes(cost: float | None) -> str:
    return "–" if cost is None else f"{cost:.3g}"


if __name__ == "__main__":
    main()
