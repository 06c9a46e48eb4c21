"""Expected gradients: integrated gradients averaged over a background of baselines, by frozen draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tb_explain_plugin.callbacks.explainers.attribution import Attribution, completeness_error, shaped_as_inputs
from tb_explain_plugin.callbacks.explainers.baselines import background_entries
from tb_explain_plugin.callbacks.explainers.engine import as_scorer
from tb_explain_plugin.callbacks.explainers.gradient_draws import each, mean_gradients

if TYPE_CHECKING:
    from collections.abc import Iterator

    import keras
    from numpy.typing import NDArray

    from tb_explain_plugin.callbacks.explainers.engine import Scorer


def expected_gradients(
    model: keras.Model | Scorer,
    inputs: Any,
    targets: Any = None,
    *,
    background: Any = None,
    samples: int = 64,
    seed: int = 0,
    score: Any = "log_odds",
    batch_size: int | None = None,
) -> Attribution:
    """Expected gradients: E[(x − x′) ∘ ∂F/∂x (x′ + α (x − x′))] over baselines x′ of a background and α uniform in [0, 1].

    Erion et al., "Improving performance of deep learning models with axiomatic attribution priors and expected gradients", 2021. It
    estimates the mean of integrated gradients over the background, with an error that falls as 1/√samples. Each sample has pairs
    (x′, α) of its own: α is stratified, one in each of ``samples`` equal parts of [0, 1], and no baseline comes again before all have
    come. They are drawn from a generator of its own: the same for the same seed and number of samples, whatever the weights.

    Args:
        model: a built Keras model, or a `Scorer` made for it (then ``score`` and ``batch_size`` are the scorer's).
        inputs: N samples as the model takes them: an array, or a list or dict of arrays.
        targets: the class or label explained: int [N], one int, one-hot [N, C], or a dict or list like the outputs. None: regression.
        background: M samples structured as the inputs. Defaults to None: the inputs themselves.
        samples: pairs for each sample, a gradient each, at least 1.
        seed: of the pairs.
        score: ``"log_odds"``, ``"centered_logit"``, ``"logit"``, ``"probability"`` or a callable ``(outputs, targets) -> [N]``.
        batch_size: rows of a batch; by default as many as memory allows.

    Returns:
        An `Attribution`. Its ``baseline_score`` is the mean score of the baselines that a sample drew, explained for its own target.

    Raises:
        ValueError: samples, background, inputs or targets that do not fit; a score without a gradient.

    Example:
        >>> attribution = expected_gradients(model, x_val[:64], y_val[:64], background=x[:1000])
    """
    if samples < 1:
        raise ValueError(f"samples is {samples}; expected at least 1 pair of baseline and node")
    scorer = as_scorer(model, inputs, targets, score, batch_size)
    end = scorer.entry_values(inputs)
    count = len(end[0])
    resolved = scorer.readout.resolve_targets(targets, count)
    baselines = end if background is None else background_entries(scorer, background, inputs)

    def starts() -> Iterator[tuple[list[NDArray[Any]], NDArray[Any]]]:
        for rows, alpha in _pairs(count, len(baselines[0]), samples, seed):
            held = [entry.meaning == "held" for entry in scorer.entries]
            yield [x if keep else b[rows] for keep, x, b in zip(held, end, baselines, strict=True)], alpha

    def draws() -> Iterator[tuple[list[NDArray[Any]], list[NDArray[Any]]]]:
        for start, alpha in starts():
            away = [x - x0 for x, x0 in zip(end, start, strict=True)]
            yield [x0 + alpha.reshape(-1, *[1] * (d.ndim - 1)) * d for x0, d in zip(start, away, strict=True)], away

    def scores(*at: Any) -> list[NDArray[Any]]:
        return [scorer.scores(*at)]

    values = mean_gradients(scorer, inputs, resolved, draws(), samples)
    at_end = scorer.scores(inputs, resolved, end)
    at_start = np.mean([score for _, (score,) in each(scores, scorer.batch_size, inputs, resolved, starts(), samples)], axis=0)
    return Attribution(
        values=shaped_as_inputs(scorer, values),
        score=at_end,
        baseline_score=at_start,
        completeness_error=completeness_error(values, at_end, at_start),
    )


def _pairs(count: int, baselines: int, draws: int, seed: int) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    """Yield the baseline's row and α float32 of each sample, both [N], draw by draw.

    Each sample walks through the same shuffled rows and strata from a place of its own, so that nothing of size N × draws is kept.
    """
    generator = np.random.default_rng(seed)
    rows, strata = generator.permutation(baselines), generator.permutation(draws)
    first_row, first_stratum = generator.integers(baselines, size=count), generator.integers(draws, size=count)
    for k in range(draws):
        stratum = strata[(first_stratum + k) % draws]
        yield rows[(first_row + k) % baselines], ((stratum + generator.random(count)) / draws).astype(np.float32)
