"""How much of LIME is the draw: the agreement of what 20 seeds say of the same samples, by how many perturbations they draw.

Between two seeds, of one sample: Spearman's ρ and Kendall's τ of the magnitudes of its features, superpixels or words, and the part of its
five largest that both name. Told is the mean over all pairs of seeds and all samples. Superpixels of one colour and padding have no rank. A
perceptron on breast_cancer, a convolutional network on digits with superpixels by SLIC, and one on generated sentences.

Usage: ``python -m benchmarks.stability [--seeds 20] [--samples 16] [--draws 100 300 1000 3000] [--write docs/explainers.md]``
"""

from __future__ import annotations

import argparse
import itertools
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
from scipy import stats

from benchmarks import models, report
from tb_explain_plugin.callbacks.explainers import Scorer, lime
from tb_explain_plugin.callbacks.explainers.players import Players
from tb_explain_plugin.callbacks.explainers.superpixels import segment

if TYPE_CHECKING:
    from numpy.typing import NDArray

WORDS, LENGTH, NOT = 200, 24, 1
_TOP = 5


def sentences(count: int, generator: np.random.Generator) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return token ids [N, 24], padded by 0, and labels: whether more is praised (2-21) than blamed (22-41); "not" (1) turns a word."""
    x = generator.integers(42, WORDS, (count, LENGTH))
    judged = generator.random(x.shape) < 0.25
    x[judged] = generator.integers(2, 42, int(judged.sum()))
    x[:, :-1][judged[:, 1:] & (generator.random((count, LENGTH - 1)) < 0.3)] = NOT
    x[np.arange(LENGTH) >= generator.integers(12, LENGTH + 1, count)[:, None]] = 0
    opinion = (x >= 2) * 1 - 2 * ((x >= 22) & (x < 42)) - (x >= 42)
    opinion[:, 1:] *= np.where(x[:, :-1] == NOT, -1, 1)
    return x, (opinion.sum(axis=1) > 0).astype(np.int32)


def text(samples: int) -> tuple[keras.Model, NDArray[Any], NDArray[Any]]:
    """Return a trained classifier of sentences, and sentences that it has not seen."""
    x, y = sentences(8000 + samples, np.random.default_rng(0))
    keras.utils.set_random_seed(0)
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((LENGTH,), dtype="int32"),
            layers.Embedding(WORDS, 16),
            layers.Conv1D(32, 2, activation="relu"),
            layers.GlobalAveragePooling1D(),
            layers.Dense(2),
        ]
    )
    model.compile(keras.optimizers.Adam(5e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    model.fit(x[samples:], y[samples:], batch_size=64, epochs=8, verbose=0)
    accuracy = model.evaluate(x[:samples], y[:samples], verbose=0)[1]
    if accuracy < 0.8:
        raise RuntimeError(f"the text model learned nothing worth explaining: expected an accuracy over 0.8, received {accuracy:.2f}")
    return model, x[:samples], y[:samples]


def problem(case: str, samples: int) -> tuple[keras.Model, NDArray[Any], NDArray[Any]]:
    """Return a case's model, samples and labels; a table's data are all of them, as the mean and scale should be of many."""
    if case == "text":
        return text(samples)
    loaded = models.load({"table": "mlp-relu", "image": "cnn-relu"}[case])
    return loaded.model, loaded.x, loaded.y


def agreement(values: NDArray[Any]) -> tuple[float, ...]:
    """Return the mean of Spearman's ρ, Kendall's τ and the shared part of the top five, of values [seeds, samples, features]."""
    found = []
    for of_sample in values.swapaxes(0, 1):
        ranked = np.abs(of_sample[:, np.any(of_sample != 0, axis=0)])
        for a, b in itertools.combinations(ranked, 2):
            shared = len(set(np.argsort(-a)[:_TOP]) & set(np.argsort(-b)[:_TOP])) / _TOP
            found.append((stats.spearmanr(a, b).statistic, stats.kendalltau(a, b).statistic, shared))
    return tuple(np.mean(found, axis=0))


def measure(case: str, seeds: int, samples: int, draws: list[int]) -> list[list[str]]:
    """Return the lines of a case."""
    model, x, y = problem(case, samples)
    scorer, explained = Scorer(model, x, y), x[:samples]
    by_case: dict[str, dict[str, Any]] = {"table": {"background": x}, "image": {"players": "slic"}, "text": {}}
    labels = segment(scorer, explained, "slic", 0) if case == "image" else None
    players = Players.of(scorer, scorer.entry_values(explained), labels)
    what = {"table": "columns", "image": "superpixels", "text": "tokens"}[case]
    lines = []
    for count in draws:
        answers = [lime(scorer, explained, y[:samples], samples=count, seed=seed, **by_case[case]) for seed in range(seeds)]
        agreed = agreement(np.stack([players.sums([answer.values]) for answer in answers]))
        fit = np.median([answer.fit for answer in answers])
        lines.append([f"{case}, {players.count} {what}", f"{count:,}", *(f"{value:.2f}" for value in (*agreed, fit))])
    return lines


def main() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--samples", type=int, default=16, help="samples explained")
    parser.add_argument("--draws", type=int, nargs="+", default=[100, 300, 1000, 3000], help="perturbations")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="replace the section `lime-stability` of this page")
    arguments = parser.parse_args()
    rows = []
    for case in ("table", "image", "text"):
        rows += measure(case, arguments.seeds, arguments.samples, arguments.draws)
    table = report.markdown(["model", "`samples`", "Spearman's ρ", "Kendall's τ", "top 5 shared", "median fit"], rows)
    print(table)
    if arguments.write:
        report.replace(arguments.write, "lime-stability", table)


if __name__ == "__main__":
    main()
