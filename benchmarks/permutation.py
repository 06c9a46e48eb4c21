"""Permutation importance over the bare forward passes that it needs, and beside scikit-learn's."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import models
from benchmarks.rows import Contest, Row

if TYPE_CHECKING:
    from numpy.typing import NDArray

REPEATS = {"mlp-relu": 5, "cnn-relu": 1}
"""Those that `FeatureImportance` takes by default."""
LIMIT = 1.2


def contest(case: str, *, with_peer: bool) -> Contest:
    """Return both libraries on a case's samples: by the loss, as many permutations of the same columns, or of an image's 4 x 4 regions."""
    import keras
    import tensorflow as tf

    from tb_explain_plugin.callbacks.explainers import Scorer, permutation_importance

    problem = models.load(case)
    x, y, repeats = problem.x, problem.y, REPEATS[case]
    problem.model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    scorer = Scorer(problem.model, x, y)
    features = x.shape[1] if x.ndim == 2 else 16
    logits = tf.function(lambda v: problem.model(v, training=False))
    rows = min(scorer.batch_size, (features * repeats + 1) * len(x))
    tiled = tf.constant(np.resize(x, (rows, *x.shape[1:])))
    passes = -(-(features * repeats + 1) * len(x) // rows)

    def bare() -> None:
        for _ in range(passes):
            logits(tiled).numpy()

    answer = Contest(functools.partial(permutation_importance, scorer, x, y, repeats=repeats), len(x), bare=bare)
    if with_peer and x.ndim == 2:
        from sklearn import inspection

        def loss(_: Any, inputs: NDArray[Any], targets: NDArray[Any]) -> float:
            found = keras.losses.sparse_categorical_crossentropy(targets, logits(tf.constant(inputs)), from_logits=True)
            return -float(np.mean(found))

        answer.peer = lambda: inspection.permutation_importance(_Fitted(), x, y, scoring=loss, n_repeats=repeats, random_state=0)
        answer.peer_samples = len(x)
    return answer


class _Fitted:
    """What scikit-learn asks an estimator to have, before it hands it to the scoring function."""

    def fit(self, *_: Any) -> None:
        """Do nothing: the scoring function asks the model."""


ROWS = (
    Row("mlp-relu, permutation_importance, 30 columns", "sklearn", functools.partial(contest, "mlp-relu"), over_bare=LIMIT),
    Row("cnn-relu, permutation_importance, 16 regions", "", functools.partial(contest, "cnn-relu"), over_bare=LIMIT),
)
