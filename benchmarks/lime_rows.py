"""LIME beside the package ``lime``: the same points a sample, features and superpixels, all of them kept.

The package explains one sample after the other and asks whatever it is given. Its tutorials give it ``model.predict``; the least that
asking can cost is a traced function. Of images it asks about 10 at a time unless told otherwise; with a traced function 100 are fastest.
Where points are drawn around the data's mean, ours asks about them once a target, not once a sample: the same ones serve all samples.
"""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import models
from benchmarks.rows import Contest, Row

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from benchmarks.models import Problem

    Ask = Callable[[Any], NDArray[Any]]

POINTS = 1000
_SIDE = 7
"""Superpixels of an image of 28 x 28, a side."""
_TABLE, _IMAGES, _PEERS = 256, 16, 4
"""Samples of a call: of ours, by what they are, and of the package's."""

os.environ.setdefault("TQDM_DISABLE", "1")  # the package's progress bars


def probabilities(problem: Problem, how: str) -> Ask:
    """Return what the package is given: points [N, …] in, probabilities [N, classes] out."""
    import keras
    import tensorflow as tf

    if how == "predict":
        model = keras.Sequential([problem.model, keras.layers.Softmax()])
        return lambda x: np.asarray(model.predict(np.asarray(x, np.float32), verbose=0))
    traced = tf.function(lambda x: tf.nn.softmax(problem.model(x, training=False)), reduce_retracing=True)
    return lambda x: np.asarray(traced(tf.constant(np.asarray(x, np.float32))))


def table(*, with_peer: bool, around: str, how: str) -> Contest:
    """Return both on the columns of breast_cancer, points drawn around the data's mean or around each sample."""
    from tb_explain_plugin.callbacks.explainers import Scorer, lime

    problem = models.load("mlp-relu")
    x, y = problem.x[:_TABLE], problem.y[:_TABLE]
    scorer = Scorer(problem.model, x, y, score="probability")
    asked = len(x) if around == "sample" else len(np.unique(y))
    ours = functools.partial(lime, scorer, x, y, samples=POINTS, around=around)
    peer = table_peer(problem, around, probabilities(problem, how)) if with_peer else None
    return Contest(ours, len(x), peer, _PEERS, bare_passes(problem, asked, scorer.batch_size))


def table_peer(problem: Problem, around: str, ask: Ask) -> Callable[[], NDArray[Any]]:
    """Return the package's call: what each column contributes, [4, 30]."""
    from lime.lime_tabular import LimeTabularExplainer

    options = {"discretize_continuous": False, "feature_selection": "none", "sample_around_instance": around == "sample"}
    explainer = LimeTabularExplainer(problem.x.astype(float), random_state=0, **options)
    distance = (problem.x[:_PEERS] - problem.x.mean(axis=0)) / problem.x.std(axis=0)

    def explain() -> NDArray[Any]:
        values = np.zeros(distance.shape)
        for i in range(_PEERS):
            label, x = int(problem.y[i]), problem.x[i].astype(float)
            found = explainer.explain_instance(x, ask, labels=(label,), num_features=len(x), num_samples=POINTS).local_exp[label]
            values[i, [column for column, _ in found]] = [coefficient for _, coefficient in found]
        return np.asarray(values * distance)

    return explain


def image(*, with_peer: bool, how: str, rows: int) -> Contest:
    """Return both on digits in 49 superpixels, which are hidden by their mean colour."""
    from tb_explain_plugin.callbacks.explainers import Scorer, lime

    problem = models.load("cnn-relu")
    x, y = problem.x[:_IMAGES], problem.y[:_IMAGES]
    scorer = Scorer(problem.model, x, y, score="probability")
    ours = functools.partial(lime, scorer, x, y, samples=POINTS, players=(_SIDE, _SIDE))
    peer = image_peer(problem, probabilities(problem, how), rows) if with_peer else None
    return Contest(ours, len(x), peer, _PEERS, bare_passes(problem, len(x), scorer.batch_size))


def image_peer(problem: Problem, ask: Ask, rows: int) -> Callable[[], NDArray[Any]]:
    """Return the package's call: what each superpixel contributes, [4, 49]."""
    from lime.lime_image import LimeImageExplainer

    place = np.arange(28) * _SIDE // 28
    options = {
        "top_labels": None,
        "num_samples": POINTS,
        "batch_size": rows,
        "segmentation_fn": lambda _: place[:, None] * _SIDE + place,
    }
    explainer = LimeImageExplainer(feature_selection="none", random_state=0)

    def gray(points: Any) -> NDArray[Any]:
        return ask(np.asarray(points)[..., :1])  # the package paints all pictures in three colours

    def explain() -> NDArray[Any]:
        values = np.zeros((_PEERS, _SIDE**2))
        for i in range(_PEERS):
            label = int(problem.y[i])
            found = explainer.explain_instance(problem.x[i, ..., 0].astype(float), gray, labels=(label,), **options).local_exp[label]
            values[i, [superpixel for superpixel, _ in found]] = [coefficient for _, coefficient in found]
        return values

    return explain


def bare_passes(problem: Problem, times: int, rows: int) -> Callable[[], None]:
    """Return a call that passes `POINTS` samples forward so many times, and does nothing else."""
    import tensorflow as tf

    forward = tf.function(lambda x: problem.model(x, training=False))
    tiled = tf.constant(np.resize(problem.x, (rows, *problem.x.shape[1:])))

    def passes() -> None:
        for _ in range(-(-times * POINTS // rows)):
            forward(tiled).numpy()

    return passes


ROWS = (
    Row("mlp-relu, lime, 30 columns; peer asks model.predict", "lime", functools.partial(table, around="mean", how="predict"), faster=10),
    Row(
        "mlp-relu, lime, 30 columns; peer asks a traced function", "lime", functools.partial(table, around="mean", how="traced"), faster=10
    ),
    Row(
        "mlp-relu, lime around each sample; peer asks model.predict",
        "lime",
        functools.partial(table, around="sample", how="predict"),
        faster=10,
    ),
    Row("mlp-relu, lime around each sample; peer asks a traced function", "lime", functools.partial(table, around="sample", how="traced")),
    Row(
        "cnn-relu, lime, 49 superpixels; peer asks model.predict, 10 at a time",
        "lime",
        functools.partial(image, how="predict", rows=10),
        faster=10,
    ),
    Row(
        "cnn-relu, lime, 49 superpixels; peer asks a traced function, 10 at a time",
        "lime",
        functools.partial(image, how="traced", rows=10),
        faster=10,
    ),
    Row(
        "cnn-relu, lime, 49 superpixels; peer asks a traced function, 100 at a time",
        "lime",
        functools.partial(image, how="traced", rows=100),
    ),
)
