"""LIME: a linear model of the score around each sample, fitted to perturbations of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tb_explain_plugin.callbacks.explainers.attribution import Attribution
from tb_explain_plugin.callbacks.explainers.engine import as_scorer
from tb_explain_plugin.callbacks.explainers.lime_players import Hidden
from tb_explain_plugin.callbacks.explainers.lime_tables import Table, is_table
from tb_explain_plugin.callbacks.explainers.local_fit import LocalFit, exponential_kernel, weighted_ridge

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    from numpy.typing import NDArray

    from tb_explain_plugin.callbacks.explainers.engine import Scorer

AROUND = ("mean", "sample")
_FIT_MEMORY = 2**21
"""Bytes of the designs that are solved at a time: what a cache holds is solved several times as fast."""
_WIDTH_OF_A_COLUMN, _WIDTH_OF_COSINES = 0.75, 0.25


def lime(
    model: keras.Model | Scorer,
    inputs: Any,
    targets: Any = None,
    *,
    samples: int = 1000,
    seed: int = 0,
    kernel_width: float | None = None,
    alpha: float = 1.0,
    around: str = "mean",
    discretize: bool = False,
    background: Any = None,
    players: Any = None,
    baseline: Any = None,
    score: Any = "log_odds",
    batch_size: int | None = None,
) -> Attribution:
    """LIME: what a linear model, fitted to the score near a sample, says that each feature contributes there.

    Ribeiro, Singh and Guestrin, "Why Should I Trust You?", 2016, by the conventions of their package ``lime``: each sample is perturbed,
    the model scores the perturbations, and a ridge regression is fitted to the scores, weighted by √exp(−d²/σ²) of a perturbation's
    distance d. No feature is selected behind the scenes: all have their coefficients. The perturbations are drawn from generators of their
    own: the same for all samples and at every epoch.

    *Tables*, columns and categories: every column is drawn by itself, around the mean of the data with its standard deviation; a category
    (a code that the model embeds or makes one-hot) is drawn from those of the data. The local model is told the columns, standardised, and
    of a category whether it is the sample's own; d is Euclidean, σ is 0.75 √F. A column contributes coefficient × (x − mean), a category
    its coefficient: what being that one adds. The draws are the same for all samples, and the model is asked about them only once a
    target. Columns that are 1 or 0 are columns of numbers like any other, drawn from between and beyond: have the model encode categories.

    *Everything else*: players (superpixels, tokens, steps of a sequence, and columns beside those) are hidden, the local model is told
    which are there, d is the cosine distance to all of them, σ is 0.25 (``lime`` says 25 of a distance times 100 for texts). Image regions,
    steps and columns are there by halves; of tokens and counted words a share is, that is uniform in [0, 1]. Hidden superpixels take their
    mean colour, tokens the padding, others the mean of the samples. A player contributes its coefficient, its elements in equal shares.

    Args:
        model: a built Keras model, or a `Scorer` made for it (then ``score`` and ``batch_size`` are the scorer's).
        inputs: N samples as the model takes them: an array, or a list or dict of arrays.
        targets: the class or label explained: int [N], one int, one-hot [N, C], or a dict or list like the outputs. None: regression.
        samples: points that each local model is fitted to, the sample itself among them; at least 2.
        seed: of the perturbations.
        kernel_width: σ; above 0. Defaults to None: as above.
        alpha: of the ridge, above 0.
        around: ``"mean"`` of the data, as ``lime`` does, or each ``"sample"``, which is truly local, and asks the model N times as much.
        discretize: of a table, whether the local model is told if a column is in the same quartile as the sample's, as ``lime`` does unless
            told otherwise; columns are then drawn from the data.
        background: the data, M samples structured as the inputs, that tables are drawn from. Defaults to None: the inputs.
        players: what is hidden as one, as in `kernel_shap`; also ``"slic"`` or ``"quickshift"``, superpixels by scikit-image (the extra
            ``superpixels``), for images. Defaults to None: SLIC where that is installed, else a grid of 8 × 8. Where given, columns of a
            table are hidden, too, not drawn.
        baseline: of hidden players, as in `integrated_gradients`. Defaults to None: as above. Where given, columns of a table are hidden.
        score: ``"log_odds"``, ``"centered_logit"``, ``"logit"``, ``"probability"`` or a callable ``(outputs, targets) -> [N]``.
        batch_size: rows of a batch; by default as many as memory allows.

    Returns:
        An `Attribution` with ``fit``, the R² of each local model. Its values promise no sum.

    Raises:
        ValueError: an option out of its range; players, baseline, background, inputs or targets that do not fit; superpixels without
            scikit-image.

    Example:
        >>> attribution = lime(model, x_val[:64], y_val[:64], background=x_train)
        >>> attribution.values[attribution.fit > 0.5]
    """
    check_options(samples=samples, kernel_width=kernel_width, alpha=alpha, around=around)
    scorer = as_scorer(model, inputs, targets, score, batch_size)
    if scorer.layer is not None:
        raise ValueError(f"the scorer starts at the layer {scorer.layer!r}; inputs are perturbed: pass the model's own scorer")
    end = scorer.entry_values(inputs)
    resolved = scorer.readout.resolve_targets(targets, len(end[0]))
    at_sample = scorer.scores(inputs, resolved, end)
    if players is None and baseline is None and is_table(scorer, scorer.network.flatten(inputs), end):
        of_draws = {"around_sample": around == "sample", "discretize": discretize}
        drawn: Table | Hidden = Table(scorer, inputs, resolved, background, samples - 1, seed, **of_draws)
        distance, width = _euclidean, _WIDTH_OF_A_COLUMN * np.sqrt(drawn.width)
    else:
        _refuse_of_tables(around=around, discretize=discretize, background=background)
        drawn = Hidden(scorer, inputs, targets, end, players, baseline, samples - 1, seed)
        distance, width = _cosine, _WIDTH_OF_COSINES
    scores = np.concatenate([at_sample[:, None], drawn.scores()], axis=1, dtype=np.float64)
    found = _local_models(drawn.design, drawn.width, scores, distance, kernel_width or width, alpha)
    with np.errstate(over="ignore"):  # weights near the end of floats
        return Attribution(drawn.shaped(found.coefficients), at_sample, fit=found.fit.astype(np.float32))


def check_options(*, samples: int, kernel_width: float | None, alpha: float, around: str, **others: Any) -> None:
    """Check what is wrong with the options of `lime` whatever the model.

    Raises:
        ValueError: samples below 2, a kernel width or alpha that is not above 0, an unknown center of the draws.
    """
    del others
    if samples < 2:
        raise ValueError(f"samples is {samples}; expected at least 2, the sample itself among them")
    for name, value in (("kernel_width", kernel_width), ("alpha", alpha)):
        if value is not None and not 0 < value < np.inf:
            raise ValueError(f"{name} is {value}; expected a number above 0")
    if around not in AROUND:
        raise ValueError(f"around is {around!r}; expected one of {AROUND}")


def _refuse_of_tables(*, around: str, discretize: bool, background: Any) -> None:
    given = {"around": around != "mean", "discretize": discretize, "background": background is not None}
    wrong = [name for name, is_given in given.items() if is_given]
    if wrong:
        raise ValueError(
            f"{' and '.join(wrong)} belong to tables whose columns are drawn; here players are hidden, which take a baseline. "
            "Leave them out, or, of a table, leave out players and baseline"
        )


def _local_models(
    design: Callable[[slice], NDArray[Any]],
    width: int,
    scores: NDArray[Any],
    distance: Callable[[NDArray[Any]], NDArray[Any]],
    kernel_width: float,
    alpha: float,
) -> LocalFit:
    """Fit to each sample's scores [N, R] by its design [R, P], as many samples at a time as memory allows."""
    at_once = max(1, _FIT_MEMORY // (8 * scores.shape[1] * width))
    parts = []
    for first in range(0, len(scores), at_once):
        rows = slice(first, first + at_once)
        told = design(rows)
        parts.append(weighted_ridge(told, scores[rows], exponential_kernel(distance(told), kernel_width), alpha))
    return LocalFit(np.concatenate([part.coefficients for part in parts]), np.concatenate([part.fit for part in parts]))


def _euclidean(design: NDArray[Any]) -> NDArray[Any]:
    """Return each row's distance to the first, [n, R]."""
    own = design[:, 0]
    squared = np.einsum("nrp,nrp->nr", design, design) - 2 * (design @ own[..., None])[..., 0] + (own**2).sum(axis=1, keepdims=True)
    distance: NDArray[Any] = np.sqrt(np.maximum(squared, 0))
    return distance


def _cosine(design: NDArray[Any]) -> NDArray[Any]:
    """Return each row's cosine distance to the first, [n, R]; 1 for rows of zeros, which have no direction."""
    lengths = np.sqrt(np.einsum("nrp,nrp->nr", design, design))
    along = (design @ design[:, 0, :, None])[..., 0]
    distance: NDArray[Any] = 1 - along / np.maximum(lengths * lengths[:, :1], np.finfo(np.float64).tiny)
    return distance
