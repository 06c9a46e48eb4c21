"""Kernel SHAP beside ``shap``: time and memory at equal evaluations, and the error of both against every coalition there is.

``shap`` is called with one class a function and ``l1_reg=0``. By default it fits ten features and leaves the others out, which is slower
and errs more; the errors are shown for both.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib.util
import logging
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import models
from benchmarks.rows import Contest, Row

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

SAMPLES = 2048
"""Coalitions a sample, beside that of all players and that of none."""
_PLAYERS: dict[str, Any] = {"cnn": (4, 4), "mlp": [[2 * k, 2 * k + 1] for k in range(15)]}
_SEEDS, _BUDGETS = (0, 1), (512, 2048)
_JUDGED = 8
"""Samples whose every coalition is scored."""


def cells_of(blocks: int) -> NDArray[Any]:
    """Return the region of each pixel of a 28 x 28 image cut into equal blocks, int [28, 28]."""
    along = np.arange(28) // -(-28 // blocks)
    return along[:, None] * blocks + along


def contest(case: str, regions: int, ours: int, theirs: int, *, with_peer: bool, predict: bool = False) -> Contest:
    """Return both libraries on a case: columns, or an image's regions a side, as players; a zero baseline.

    The peer asks ``model.predict``, as its own pages do, or a traced function of all coalitions of a sample at once.
    """
    import tensorflow as tf

    from tb_explain_plugin.callbacks.explainers import Scorer, kernel_shap

    problem = models.load(case)
    labels = cells_of(regions) if regions else np.arange(problem.x.shape[1])
    x, y = problem.x[:ours], problem.y[:ours]
    scorer = Scorer(problem.model, x, y, score="logit")
    logits = tf.function(lambda v: problem.model(v, training=False))
    tiled = tf.constant(np.resize(x, (scorer.batch_size, *x.shape[1:])))

    def bare() -> None:
        for _ in range(ours * (SAMPLES + 2) // scorer.batch_size):
            logits(tiled).numpy()

    answer = Contest(
        functools.partial(kernel_shap, scorer, x, y, baseline="zero", samples=SAMPLES, players={scorer.network.input_names[0]: labels}),
        ours,
        bare=bare,
    )
    if with_peer:

        def score_of(sample: NDArray[Any], target: int) -> Callable[[NDArray[Any]], NDArray[Any]]:
            absent = (1,) * (sample.ndim - labels.ndim)

            def score(present: NDArray[Any]) -> NDArray[Any]:
                here = present.astype(bool)[:, labels]
                mixed = np.where(here.reshape(*here.shape, *absent), sample, np.float32(0))
                answered = problem.model.predict(mixed, verbose=0) if predict else np.asarray(logits(tf.constant(mixed)))
                return np.asarray(answered[:, target])

            return score

        answer.peer = lambda: [by_shap(score_of(x[k], int(y[k])), int(labels.max()) + 1, SAMPLES, 0) for k in range(theirs)]
        answer.peer_samples = theirs
    return answer


def by_shap(score: Callable[[NDArray[Any]], NDArray[Any]], players: int, samples: int, seed: int, l1_reg: Any = 0) -> NDArray[Any]:
    """Return the values [P] of shap's KernelExplainer of one sample, ``score`` taking who is present as rows of 0 and 1."""
    import shap

    logging.getLogger("shap").setLevel(logging.ERROR)
    np.random.seed(seed)  # noqa: NPY002 (which shap draws from)
    explainer = shap.KernelExplainer(score, np.zeros((1, players)))
    return np.asarray(explainer.shap_values(np.ones(players), nsamples=samples, l1_reg=l1_reg, silent=True))


ROWS = (
    Row("mlp-relu, kernel_shap, 30 columns, traced", "shap", functools.partial(contest, "mlp-relu", 0, 256, 4), faster=10),
    Row("cnn-relu, kernel_shap, 49 regions, traced", "shap", functools.partial(contest, "cnn-relu", 7, 8, 4)),
    Row("mlp-relu, kernel_shap, 30 columns, predict", "shap", functools.partial(contest, "mlp-relu", 0, 256, 4, predict=True), faster=10),
    Row("cnn-relu, kernel_shap, 49 regions, predict", "shap", functools.partial(contest, "cnn-relu", 7, 8, 4, predict=True), faster=10),
)


@dataclasses.dataclass
class Judged:
    """Mean relative L2 errors of a case's samples at a budget. Those of ``shap`` are None where it is not installed."""

    case: str
    players: int
    samples: int
    ours: float
    shap: float | None = None
    by_default: float | None = None


def errors(cases: Sequence[str] = tuple(models.CASES)) -> list[Judged]:
    """Judge both libraries by brute force: every coalition is scored once, and shap reads its scores off the same table."""
    return [judged for case in cases for judged in _judge(case)]


def _judge(case: str) -> list[Judged]:
    from tb_explain_plugin.callbacks.explainers import Scorer, kernel_shap
    from tb_explain_plugin.callbacks.explainers.coalitions import Coalitions
    from tb_explain_plugin.callbacks.explainers.shapley_rules import exact

    problem = models.load(case)
    x, y = problem.x[:_JUDGED], problem.y[:_JUDGED]
    scorer = Scorer(problem.model, x, y)
    options = {"players": _PLAYERS[models.CASES[case].network], "baseline": "mean"}
    game = Coalitions(scorer, x, y, **options)
    rule = exact(game.players.count)
    table = np.zeros((len(x), len(rule.present)))
    powers = 2 ** np.arange(game.players.count)
    table[:, rule.present @ powers] = game.scores(rule.present)
    expected = table[:, rule.present @ powers] @ rule.weights

    def error(values: NDArray[Any]) -> float:
        return float(np.mean(np.linalg.norm(values - expected, axis=1) / np.linalg.norm(expected, axis=1)))

    def of_shap(samples: int, seed: int, l1_reg: Any) -> NDArray[Any]:
        rows = [lambda present, row=row: row[present.astype(int) @ powers] for row in table]
        return np.stack([by_shap(score, game.players.count, samples, seed, l1_reg) for score in rows])

    found = []
    for samples in _BUDGETS:
        ours = [game.players.sums([kernel_shap(scorer, x, y, samples=samples, seed=seed, **options).values]) for seed in _SEEDS]
        judged = Judged(case, game.players.count, samples, float(np.mean([error(values) for values in ours])))
        if importlib.util.find_spec("shap"):
            judged.shap = float(np.mean([error(of_shap(samples, seed, 0)) for seed in _SEEDS]))
            judged.by_default = float(np.mean([error(of_shap(samples, seed, "num_features(10)")) for seed in _SEEDS]))
        found.append(judged)
    return found
