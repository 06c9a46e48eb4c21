"""The search for what a method needs, and the timing of it."""

import pytest

from benchmarks import timing


@pytest.mark.parametrize("needed", [1, 3, 4, 5, 16, 17, 100, 1999, 2048])
def test_the_smallest_effort_is_found_to_a_twentieth(needed):
    found = timing.smallest(lambda effort: effort >= needed, 4, 2048)
    assert needed <= found <= max(needed + 1, 1.06 * needed)


def test_an_effort_out_of_reach_is_none_and_never_exceeded():
    tried = []
    assert timing.smallest(tried.append, 4, 100) is None
    assert max(tried) == 100


def test_the_quietest_run_counts_and_all_take_turns():
    order = []
    clocks = {"a": iter([9.0, 3.0, 1.0, 2.0]), "b": iter([9.0, 30.0, 20.0, 10.0])}

    def run(name):
        order.append(name)
        return next(clocks[name])

    timed = {name: lambda name=name: run(name) for name in clocks}
    assert timing.quietest(timed, least=3, most=3) == {"a": 1.0, "b": 10.0}
    assert order == ["a", "b"] * 4  # the first turn of each is thrown away


def test_what_takes_long_runs_no_more_than_it_must():
    turns = {"quick": 0, "slow": 0}

    def run(name, seconds):
        turns[name] += 1
        return seconds

    timing.quietest({"quick": lambda: run("quick", 0.5), "slow": lambda: run("slow", 5.0)}, least=2, most=20, seconds=4.0)
    assert turns == {"quick": 1 + 8, "slow": 1 + 2}


def test_batches_grow_until_they_clearly_lose():
    asked = []

    def seconds(rows):
        asked.append(rows)
        return {1: 4.0, 2: 2.0, 4: 2.1, 8: 1.0, 16: 9.0, 32: 0.1}[rows]  # 32 would win, were it tried

    assert timing.fastest_rows(seconds, (1, 2, 4, 8, 16, 32)) == 8
    assert 32 not in asked
