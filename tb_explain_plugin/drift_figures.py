"""What `/drift` says of two explanations [N, D]: figures of `drift`, `drift_noise`, `ranks` and `similarity`, none added to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tb_explain_plugin import drift, drift_noise, ranks, similarity

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

PERSISTENCE = 0.8
"""Of the rank-biased overlap: the first five places have 86 % of its weight."""

_TOP = 5

_DRAWS = 200
"""Of samples: a quantile of 95 % then is one of 93.5 to 96.5 %, which is near enough for a line in a chart of hundreds of steps."""

_NAN = float("nan")


class Quartiles(NamedTuple):
    """Of a figure that each sample has."""

    median: float
    lower: float
    upper: float


class ShareShift(NamedTuple):
    """A share shift, its standard error, the band of 90 % in which other probes would have it, and its noise line."""

    value: float
    standard_error: float
    lower: float
    upper: float
    noise: float


class Drift(NamedTuple):
    """How far one explanation lies from another; names, ranges and NaN are those of ``http_api.md``."""

    local_drift: Quartiles
    share_shift: ShareShift
    jensen_shannon: float
    sign_flip_mass: float
    rank_correlation: float
    top_overlap: float
    rank_biased_overlap: float


UNKNOWN = Drift(Quartiles(*[_NAN] * 3), ShareShift(*[_NAN] * 5), *[_NAN] * 5)
"""What is known of a step that has no reference."""


def between(current: ArrayLike, reference: ArrayLike, regions: tuple[NDArray[Any], NDArray[Any]], *, signed: bool) -> Drift:
    """Return how far an explanation lies from its reference.

    Args:
        current: the explanation, [N, D].
        reference: of the same samples and cells.
        regions: the shares of both by region, [F] and [F]. The order of cells of an image is mostly noise, that of regions is not.
        signed: whether attributions of this method have a sign; without one none can flip, and the mass that did is NaN.
    """
    shares = drift.shares(current), drift.shares(reference)
    sampling = drift_noise.share_shift_sampling(current, reference, draws=_DRAWS)
    return Drift(
        local_drift=Quartiles(*drift.quartiles(drift.local_drift(current, reference))),
        share_shift=ShareShift(*drift.share_shift(current, reference), *sampling),
        jensen_shannon=float(similarity.jensen_shannon(*shares)),
        sign_flip_mass=similarity.sign_flip_mass(current, reference) if signed else _NAN,
        rank_correlation=float(ranks.spearman(*regions)),
        top_overlap=float(ranks.top_overlap(*regions, places(len(regions[0])))),
        rank_biased_overlap=ranks.rank_biased_overlap(*regions, PERSISTENCE),
    )


def places(features: int) -> int:
    """Return the k of the top-k overlap: five, but no more than a third of the features, so that chance has no more than that."""
    return max(1, min(_TOP, features // 3))


def chances(features: int) -> dict[str, dict[str, float]]:
    """Return what belongs to the figures of so many features: what two random orders would have, and the figure's parameter."""
    k = places(features)
    overlap = {"k": k, "by_chance": ranks.top_overlap_by_chance(k, features)}
    biased = {"by_chance": ranks.rank_biased_overlap_by_chance(features, PERSISTENCE), "persistence": PERSISTENCE}
    return {"top_overlap": overlap, "rank_biased_overlap": biased}
