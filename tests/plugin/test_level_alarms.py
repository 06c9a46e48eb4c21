import numpy as np
import pytest

from tb_explain_plugin.level_alarms import LevelWatch, level_alarms, named_limit


def learn(contrast, chosen, shares, seed=0):
    """Shares that follow the contrast, but for some cells of a given share, [S]."""
    rng = np.random.default_rng(seed)
    steps = contrast * np.exp(0.1 * rng.normal(size=(len(shares), len(contrast))))
    rest = np.setdiff1d(np.arange(len(contrast)), chosen)
    level = np.asarray(shares)[:, None]
    steps[:, chosen] *= level / steps[:, chosen].sum(1, keepdims=True)
    steps[:, rest] *= (1 - level) / steps[:, rest].sum(1, keepdims=True)
    return steps


CORNER = [0, 1, 8, 9]


@pytest.fixture
def contrast():
    values = np.random.default_rng(1).uniform(0.5, 1.5, 64)
    return values / values.sum()


def test_an_early_shortcut_is_one_region_at_the_step_it_has_a_third_more_than_its_contrast(contrast):
    [event] = level_alarms(learn(contrast, CORNER, [0.06, 0.1, 0.2, 0.45, 0.5, 0.5]), contrast, (8, 8))
    assert (event.kind, event.step_index, event.cells) == ("share_level", 3, (0, 1, 8, 9))
    assert event.before == pytest.approx(contrast[CORNER].sum())
    assert event.after == pytest.approx(0.45)
    assert event.statistic == pytest.approx(event.after / event.before)


def test_shares_that_follow_the_contrast_are_no_news(contrast):
    for seed in range(20):
        assert level_alarms(learn(contrast, CORNER, np.full(40, contrast[CORNER].sum()), seed), contrast, (8, 8)) == []


def test_what_is_above_at_the_start_is_told_only_after_it_has_come_back(contrast):
    assert level_alarms(learn(contrast, CORNER, [0.5, 0.55, 0.6]), contrast, (8, 8)) == []
    [event] = level_alarms(learn(contrast, CORNER, [0.5, 0.06, 0.5, 0.5]), contrast, (8, 8))
    assert event.step_index == 2


def test_pixels_that_rightly_decide_are_no_news(contrast):
    assert level_alarms(learn(contrast, CORNER, [0.06, 0.3, 0.3]), contrast, (8, 8)) == []


@pytest.mark.parametrize(("contrast", "cells", "limit"), [(0.1, 49, 0.2), (0.01, 49, 0.04), (0.0, 4, 0.1), (0.0, 784, 0.03)])
def test_a_named_region_has_a_lower_limit(contrast, cells, limit):
    assert named_limit(contrast, cells) == pytest.approx(limit)


def test_a_column_without_contrast_still_has_a_ratio():
    [event] = level_alarms([[0.0, 0.5, 0.5], [0.4, 0.3, 0.3]], [0.0, 0.5, 0.5])
    assert event.statistic == pytest.approx(0.4 / (0.2 / 3))
    assert event.cells == (0,)


def test_a_small_share_may_be_many_times_its_contrast():
    assert level_alarms([[0.0, 0.5, 0.5], [0.02, 0.49, 0.49]], [0.001, 0.5, 0.499]) == []


def test_steps_without_shares_are_passed_over(contrast):
    shares = learn(contrast, CORNER, [0.06, 0.06, 0.5, 0.5])
    shares[1:3] = np.nan
    assert [event.step_index for event in level_alarms(shares, contrast, (8, 8))] == [3]


def test_a_contrast_of_other_cells_is_refused():
    with pytest.raises(ValueError, match=r"have 2 cells, shares have 3"):
        level_alarms([[0.5, 0.5]], [0.2, 0.4, 0.4])


def test_cells_without_a_contrast_say_nothing():
    shares = [[0.1, 0.1, 0.8], [0.5, 0.1, 0.4]]
    assert [event.cells for event in level_alarms(shares, [0.1, 0.1, 0.8])] == [(0,)]
    assert level_alarms(shares, [np.nan, 0.1, 0.8]) == []


def test_a_watch_says_step_by_step_what_is_said_of_the_series(contrast):
    shares = learn(contrast, CORNER, [0.06, 0.5, 0.5, 0.06, 0.5, np.nan, 0.5])
    watch = LevelWatch(contrast, [(8, 8)])
    found = [event for step, share in enumerate(shares) for event in watch.update(share, step)]
    assert [event.step_index for event in found] == [1, 4]
    assert found == level_alarms(shares, contrast, (8, 8))
    for end in range(1, len(shares) + 1):
        assert level_alarms(shares[:end], contrast, (8, 8)) == [event for event in found if event.step_index < end]
