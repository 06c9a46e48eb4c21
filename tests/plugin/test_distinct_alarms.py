import numpy as np

from tb_explain_plugin.distinct_alarms import Distinct
from tb_explain_plugin.drift_rules import Event

JUMP = Event("share_jump", 3, (1,), 9.0, 0.02, 0.2)
LEVEL = Event("share_level", 5, (1, 2), 3.0, 0.03, 0.2)
FALL = Event("share_jump", 6, (1,), -9.0, 0.3, 0.02)
ELSEWHERE = Event("share_level", 5, (3,), 3.0, 0.03, 0.14)
UNPLACED = Event("reason_moved", 5, (), 9.0, 0.0, 0.2)


def told(found, share):
    """What is told of events by step, the shares of cell 1 being given, [S]."""
    distinct = Distinct()
    rows = np.array([[0.1, s, 0.02, 0.2] for s in share])
    return [event for step, row in enumerate(rows) for event in distinct.update([e for e in found if e.step_index == step], row)]


def test_a_region_is_told_once():
    assert told([JUMP, LEVEL], [0.02, 0.02, 0.02, 0.2, 0.2, 0.2]) == [JUMP]


def test_what_came_half_of_the_way_back_is_told_again():
    assert told([JUMP, LEVEL], [0.02, 0.02, 0.02, 0.2, 0.1, 0.2]) == [JUMP, LEVEL]


def test_a_step_without_shares_is_no_way_back():
    assert told([JUMP, LEVEL], [0.02, 0.02, 0.02, 0.2, np.nan, 0.2]) == [JUMP]


def test_other_cells_other_directions_and_what_has_no_place_are_told():
    share = [0.02, 0.02, 0.02, 0.2, 0.2, 0.2, 0.2]
    assert told([JUMP, ELSEWHERE, FALL, UNPLACED], share) == [JUMP, ELSEWHERE, UNPLACED, FALL]


def test_of_two_at_one_step_the_first_is_told():
    level = LEVEL._replace(step_index=3)
    assert told([level, JUMP], [0.02, 0.02, 0.02, 0.2]) == [level]
