import numpy as np
import pytest

from tb_explain_plugin.series_alarms import FigureWatch, UnmatchedWatch


def figure_jumps(values, **options):
    watch = FigureWatch("figure", **options)
    return [event for step, value in enumerate(values) for event in watch.update(value, step)]


def unmatched_moves(local_drift, probability_change):
    watch = UnmatchedWatch()
    return [e for step, pair in enumerate(zip(local_drift, probability_change, strict=True)) for e in watch.update(*pair, step)]


def test_noise_is_no_jump_and_a_jump_is_told_once():
    for seed in range(50):
        values = np.random.default_rng(seed).normal(1, 0.05, 60)
        assert figure_jumps(values, least=0.3, floor=0.02) == []
        values[40:] += 2
        assert [event.step_index for event in figure_jumps(values, least=0.3, floor=0.02)] == [40]


def test_a_figure_that_came_back_can_jump_again():
    values = np.zeros(60)
    values[[20, 21, 40]] = 1
    [first, second] = figure_jumps(values, least=0.1, floor=0.01)
    assert (first.step_index, second.step_index) == (20, 40)
    assert (first.before, first.after, first.statistic) == (0, 1, pytest.approx(100))


def test_what_falls_is_no_jump():
    assert figure_jumps(np.where(np.arange(30) < 20, 1.0, 0.0), least=0.1, floor=0.01) == []


def test_holes_are_passed_over():
    values = np.insert(np.where(np.arange(30) < 20, 0.0, 1.0), 10, [np.nan, np.inf, np.nan])
    assert [event.step_index for event in figure_jumps(values, least=0.1, floor=0.01)] == [23]
    assert figure_jumps(np.full(30, np.nan), least=0.1, floor=0.01) == []


@pytest.fixture
def samples():
    rng = np.random.default_rng(1)
    return rng.uniform(0, 0.15, (40, 200)), rng.normal(0, 0.02, (40, 200))


def test_a_new_reason_for_the_old_answer(samples):
    moved, changed = samples
    assert unmatched_moves(moved, changed) == []
    moved[25, :60] = 0.8
    [event] = unmatched_moves(moved, changed)
    assert (event.kind, event.step_index) == ("reason_moved", 25)
    assert event.after == pytest.approx(0.3, abs=0.02)


def test_a_new_answer_for_the_old_reason(samples):
    moved, changed = samples
    changed[25, :60] = -0.5
    moved[25, :60] = 0.01
    [event] = unmatched_moves(moved, changed)
    assert (event.kind, event.step_index, event.after) == ("prediction_moved", 25, 0.3)


def test_explanations_that_move_with_their_predictions_are_no_news(samples):
    moved, changed = samples
    moved[25, :60], changed[25, :60] = 0.8, 0.5
    assert unmatched_moves(moved, changed) == []


def test_samples_without_figures_are_left_out(samples):
    moved, changed = samples
    moved[25, :60] = 0.8
    moved[:, 100:] = np.nan
    changed[3] = np.nan
    [event] = unmatched_moves(moved, changed)
    assert event.after == pytest.approx(0.6, abs=0.02)


def test_other_samples_are_refused():
    with pytest.raises(ValueError, match="pass both of the same samples"):
        UnmatchedWatch().update(np.zeros(4), np.zeros(5), 0)
