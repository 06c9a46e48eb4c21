import json

import pytest

from tb_explain_plugin import alarm_texts
from tb_explain_plugin.drift_rules import RULES, Event


def test_a_jump_says_what_where_when_and_how_sure():
    event = Event("share_jump", 22, (0,), 31.2, 0.021, 0.143)
    finding = alarm_texts.describe(event, alarm_texts.region_name([0], (7, 7)))
    assert finding.at(21, "epoch 21")._asdict() == {
        "step": 21,
        "kind": "share_jump",
        "subject": "region (row 1, column 1)",
        "text": "epoch 21: region (row 1, column 1) rose from 2.1 % to 14.3 % of the attribution (z = 31)",
        "evidence": {"before": 0.021, "after": 0.143, "statistic": 31.2, "cells": [0]},
    }


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (Event("share_jump", 0, (3,), -12.0, 0.5, 0.1), "age fell from 50.0 % to 10.0 % of the attribution (z = 12)"),
        (Event("share_growth", 0, (3,), 7.0, 0.02, 0.05), "age has slowly risen from 2.0 % to 5.0 % of the attribution (z = 7)"),
        (
            Event("rank_entry", 0, (3,), 7.0, 0.02, 0.09, (11, 3)),
            "age entered the top three, from rank 11 to rank 3, with 9.0 % of the attribution",
        ),
        (
            Event("share_level", 0, (3,), 4.0, 0.03, 0.12),
            "age carries 12.0 % of the attribution, 4.0 times its part of the contrast, 3.0 %",
        ),
        (Event("watch_above", 0, (), 9.0, 0.05, 0.12), "age carries 12.0 % of the attribution, more than the 5.0 % it may"),
        (Event("watch_below", 0, (), 9.0, 0.4, 0.1), "age carries 10.0 % of the attribution, less than the 40.0 % it should"),
        (
            Event("distribution_jump", 0, (), 9.0, 0.4, 3.2),
            "the activations of age are 3.2 deviations away from where they began, 0.4 until then",
        ),
        (
            Event("reason_moved", 0, (), 9.0, 0.0, 0.3),
            "30.0 % of the samples have a new explanation by age and their old prediction (0.0 % until then)",
        ),
        (
            Event("prediction_moved", 0, (), 9.0, 0.0005, 0.3),
            "30.0 % of the samples have a new prediction and their old explanation by age (0.05 % until then)",
        ),
    ],
)
def test_each_kind_has_its_sentence(event, text):
    finding = alarm_texts.describe(event, "age")
    assert finding.text == text
    assert json.loads(json.dumps(finding.evidence)) == finding.evidence


@pytest.mark.parametrize(
    ("names", "likewise"),
    [
        ("a", ""),
        ("ab", "; likewise b"),
        ("abc", "; likewise b and c"),
        ("abcde", "; likewise b, c, d and e"),
        ("abcdefg", "; likewise b, c, d and 3 more"),
    ],
)
def test_many_subjects_are_one_sentence(names, likewise):
    found = [alarm_texts.Finding("dead_layer", name, f"{name} is dead", {"limit": 0.5}) for name in names]
    together = alarm_texts.together(found)
    assert (together.kind, together.subject, together.text) == ("dead_layer", "a", f"a is dead{likewise}")
    assert together.evidence.get("others", []) == list(names[1:])


def test_the_cells_of_others_are_kept_beside_their_names():
    found = [alarm_texts.Finding("share_jump", f"feature {cell}", "…", {"cells": [cell], "input": "x"}) for cell in (3, 0, 2)]
    evidence = alarm_texts.together(found).evidence
    assert evidence == {"cells": [3], "input": "x", "others": ["feature 0", "feature 2"], "other_cells": [[0], [2]]}


def test_every_rule_has_a_sentence():
    assert {rule.kind for rule in RULES} <= set(alarm_texts.TEXTS)


@pytest.mark.parametrize(
    ("cells", "grid", "name"),
    [
        ((0, 1, 7, 8), (7, 7), "region (rows 1 to 2, columns 1 to 2)"),
        ((9,), (7, 7), "region (row 2, column 3)"),
        ((4, 5), (10,), "region (positions 5 to 6)"),
        ((5,), (2, 2, 2), "region (axis 1: 2, axis 2: 1, axis 3: 2)"),
    ],
)
def test_regions_are_named_by_their_place(cells, grid, name):
    assert alarm_texts.region_name(cells, grid) == name
