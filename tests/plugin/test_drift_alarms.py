"""Simulated series with fixed seeds: how often a rule is wrong on noise, and how soon right on what was planted."""

import time

import numpy as np
import pytest

from tb_explain_plugin.drift_alarms import ShareWatch, share_alarms
from tb_explain_plugin.drift_rules import GROWTH, JUMP, RANK

STEPS = 40
TABLE, SMALL_TABLE, IMAGE, DIGITS = (30, None), (8, None), (49, (7, 7)), (784, (28, 28))
INPUTS = pytest.mark.parametrize(("cells", "grid"), [TABLE, SMALL_TABLE, IMAGE, DIGITS], ids=["table", "small_table", "image", "digits"])


def wander(kind, steps, cells, rng):
    noise = rng.normal(size=(steps, cells))
    if kind == "autocorrelated":
        for t in range(1, steps):
            noise[t] = 0.8 * noise[t - 1] + 0.6 * noise[t]
    if kind == "random_walk":
        noise = 0.35 * np.cumsum(noise, axis=0)
    return noise


def simulate(cells, seed, kind="independent", size=0.05, steps=STEPS):
    rng = np.random.default_rng(seed)
    logarithms = 0.7 * rng.normal(size=cells) + size * wander(kind, steps, cells, rng)
    if kind == "settling":
        logarithms += 0.8 * rng.normal(size=cells) * np.exp(-np.arange(steps) / 5)[:, None]
    sizes = np.exp(logarithms)
    return sizes / sizes.sum(1, keepdims=True)


def plant(shares, chosen, level, seed=0):
    """Let some cells have a given share of the attribution, [S], in equal parts but for noise; the others keep their proportions."""
    sizes = shares.copy()
    level = np.asarray(level)[:, None]
    rest = np.setdiff1d(np.arange(shares.shape[1]), chosen)
    sizes[:, rest] *= (1 - level) / sizes[:, rest].sum(1, keepdims=True)
    sizes[:, chosen] = level / len(chosen) * np.exp(0.05 * np.random.default_rng(seed).normal(size=(len(shares), len(chosen))))
    return sizes / sizes.sum(1, keepdims=True)


def mark(cells, grid):
    """One column of a table, a corner of 2 x 2 cells of an image."""
    return [3] if grid is None else [0, 1, grid[1], grid[1] + 1]


RAMP = 0.025 + 0.122 * np.clip((np.arange(STEPS) - 20) / 10, 0, 1)
JUMPED = np.where(np.arange(STEPS) < 21, 0.021, 0.143)


@INPUTS
@pytest.mark.parametrize("kind", ["independent", "autocorrelated", "random_walk", "settling"])
def test_noise_sets_off_no_alarm(cells, grid, kind):
    false = [seed for seed in range(25) if share_alarms(simulate(cells, seed, kind), grid)]
    assert len(false) <= 1


@pytest.mark.parametrize(("cells", "grid"), [TABLE, SMALL_TABLE])
def test_even_wild_columns_rarely_set_off_an_alarm(cells, grid):
    false = [seed for seed in range(50) if share_alarms(simulate(cells, seed, size=0.2), grid)]
    assert len(false) <= 2


@INPUTS
def test_a_jump_is_one_alarm_at_its_step(cells, grid):
    for seed in range(12):
        [event] = share_alarms(plant(simulate(cells, seed), mark(cells, grid), JUMPED, seed), grid)
        assert (event.kind, event.step_index) == ("share_jump", 21)
        assert set(event.cells) <= set(mark(cells, grid))
        assert event.statistic > 8
        assert event.before < 0.03
        assert 0.05 < event.after < 0.2


def test_a_jump_of_an_image_names_all_of_its_cells():
    names = [share_alarms(plant(simulate(784, seed), [0, 1, 28, 29], JUMPED, seed), (28, 28))[0].cells for seed in range(12)]
    assert names.count((0, 1, 28, 29)) >= 11


@INPUTS
def test_slow_growth_is_one_alarm_before_it_has_doubled_twice(cells, grid):
    early = []
    for seed in range(20):
        events = share_alarms(plant(simulate(cells, seed), mark(cells, grid), RAMP, seed), grid)
        early.append(len(events) == 1 and events[0].step_index > 20 and RAMP[events[0].step_index] < 4 * 0.025)
    assert np.mean(early) >= 0.9


def test_the_jump_rule_alone_follows_slow_growth():
    slow = 0.025 + 0.122 * np.clip((np.arange(68) - 20) / 38, 0, 1)
    found = [share_alarms(plant(simulate(30, seed, steps=68), [3], slow, seed), rules=(JUMP,)) for seed in range(10)]
    grown = [share_alarms(plant(simulate(30, seed, steps=68), [3], slow, seed), rules=(GROWTH,)) for seed in range(10)]
    assert sum(map(bool, found)) <= 2
    assert sum(map(len, grown)) == 10


def test_a_column_that_hardly_mattered_is_told_before_it_has_doubled_twice():
    level = 0.007 + 0.042 * np.clip((np.arange(STEPS) - 20) / 18, 0, 1)
    for seed in range(12):
        first = share_alarms(plant(simulate(31, seed), [3], level, seed))[0]
        assert first.cells == (3,)
        assert level[first.step_index] < 4 * 0.007


def test_a_feature_enters_the_first_ranks():
    for seed in range(10):
        shares = simulate(30, seed)
        usual = np.sort(np.median(shares, 0))
        level = usual[-11] + (1.2 * usual[-1] - usual[-11]) * np.clip((np.arange(STEPS) - 20) / 12, 0, 1)
        [event] = share_alarms(plant(shares, [int(np.argsort(np.median(shares, 0))[-11])], level, seed), rules=(RANK,))
        assert event.kind == "rank_entry"
        assert 10 <= event.ranks[0] <= 13
        assert event.ranks[1] <= 3


@INPUTS
def test_what_falls_is_named_not_what_rises_in_its_place(cells, grid):
    fallen = np.where(np.arange(STEPS) < 21, 0.5, 0.1)
    for seed in range(12):
        [event] = share_alarms(plant(simulate(cells, seed), mark(cells, grid), fallen, seed), grid)
        assert set(event.cells) <= set(mark(cells, grid))
        assert event.step_index == 21
        assert event.statistic < -8


def test_coming_back_is_an_event_of_its_own_and_arms_the_rule_again():
    level = np.where(np.arange(80) % 40 < 20, 0.02, 0.3)
    events = share_alarms(plant(simulate(30, 0, steps=80), [3], level))
    assert [np.sign(event.statistic) for event in events] == [1, -1, 1]
    for event, step in zip(events, (20, 40, 60), strict=True):
        assert step <= event.step_index <= step + 1


def test_a_feature_that_stays_where_it_went_is_told_once():
    level = np.where(np.arange(200) < 100, 0.02, 0.15)
    assert len(share_alarms(plant(simulate(30, 1, steps=200), [3], level))) == 1


def test_a_mark_that_spreads_to_a_neighbour_is_one_event():
    shares = plant(plant(simulate(49, 2), [0, 1], JUMPED), [7, 8], np.where(np.arange(STEPS) < 23, 0.02, 0.12))
    events = share_alarms(shares, (7, 7))
    assert [(event.step_index, event.cells) for event in events] == [(21, (0, 1))]


def test_two_marks_are_two_events():
    shares = plant(plant(simulate(49, 3), [0, 1], JUMPED), [40, 41], np.where(np.arange(STEPS) < 23, 0.02, 0.12))
    assert [event.step_index for event in share_alarms(shares, (7, 7))] == [21, 23]


def test_neighbours_in_a_table_are_strangers():
    shares = plant(simulate(30, 4), [3, 4], np.where(np.arange(STEPS) < 21, 0.04, 0.3))
    assert sorted(event.cells for event in share_alarms(shares)) == [(3,), (4,)]


def test_a_rule_never_looks_ahead():
    shares = plant(simulate(49, 5), [0, 1, 7, 8], RAMP)
    whole = share_alarms(shares, (7, 7))
    assert whole
    for end in range(1, STEPS + 1):
        assert share_alarms(shares[:end], (7, 7)) == [event for event in whole if event.step_index < end]


def test_a_watch_says_step_by_step_what_is_said_of_the_series():
    shares = plant(simulate(49, 9, steps=80), [0, 1, 7, 8], np.where(np.arange(80) % 40 < 20, 0.02, 0.3))
    shares[[30, 31]] = np.nan
    watch = ShareWatch([(7, 7)])
    found = [event for step, share in zip(range(-1, 79), shares, strict=True) for event in watch.update(share, step)]
    assert len(found) > 2
    assert found == [event._replace(step_index=event.step_index - 1) for event in share_alarms(shares, (7, 7))]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_steps_without_shares_are_passed_over(bad):
    shares = plant(simulate(30, 6), [3], JUMPED)
    [expected] = share_alarms(shares)
    with_holes = np.insert(shares, [5, 18, 18], bad, axis=0)
    assert share_alarms(with_holes) == [expected._replace(step_index=24)]


@pytest.mark.parametrize("shares", [np.full((40, 5), 0.2), np.ones((40, 1)), np.full((40, 5), np.nan), np.zeros((40, 5)), np.zeros((0, 5))])
def test_what_stands_still_sets_off_nothing(shares):
    assert share_alarms(shares) == []


def test_a_share_that_becomes_everything_is_an_event():
    shares = np.tile([0.5, 0.3, 0.2], (STEPS, 1))
    shares[20:] = [1, 0, 0]
    assert [(e.step_index, e.cells, e.before, e.after) for e in share_alarms(shares)] == [(20, (0,), 0.5, 1.0)]


def test_a_grid_of_other_cells_is_refused():
    with pytest.raises(ValueError, match=r"grids \[\(2, 3\)\] have 6 cells, shares have 5"):
        share_alarms(np.full((3, 5), 0.2), (2, 3))


def test_cells_of_two_inputs_share_one_attribution():
    shares = np.concatenate([0.6 * simulate(49, 1), 0.4 * simulate(8, 2)], axis=1)
    image = share_alarms(plant(shares, [0, 1], JUMPED))
    watch = ShareWatch([(7, 7), 8])
    joined = [event for step, share in enumerate(plant(shares, [0, 1, 50], JUMPED)) for event in watch.update(share, step)]
    assert [event.cells for event in image] == [(0,), (1,)]
    assert sorted(event.cells for event in joined) == [(0, 1), (50,)]


def test_a_long_run_takes_little_time():
    shares = simulate(1000, 8, steps=300)
    started = time.process_time()
    share_alarms(shares)
    assert time.process_time() - started < 1  # 1,000 steps take 0.3 s on a quiet core
