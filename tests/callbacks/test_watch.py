"""Watches: what they accept, which cells they mean, and what share these carry."""

from __future__ import annotations

import numpy as np
import pytest

from tb_explain_plugin import drift
from tb_explain_plugin.callbacks.explainers.regions import MOST_CELLS, MOST_REGIONS, grid
from tb_explain_plugin.callbacks.manifest import InputInfo
from tb_explain_plugin.callbacks.watch import Watch
from tb_explain_plugin.callbacks.watched import resolve, shares_of


def an_input(name, kind, shape, features=()):
    axes = shape[:2] if kind == "image" else shape[:1] or (1,)
    most = (MOST_CELLS, MOST_REGIONS)
    cells, regions = (grid(axes, m) if kind == "image" else axes for m in most)
    return InputInfo(name, kind, shape, shape, True, "float32", list(features), [], cells, regions)


TABLE = an_input("table", "tabular", (4,), ["age", "ward", "patient_id", "weight"])
IMAGE = an_input("image", "image", (64, 40, 3))
TEXT = an_input("text", "text", (6,))


def the_only(watch, *inputs):
    (found,) = resolve([watch], inputs)
    return found


# What a watch says --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        ({}, ValueError, r"the watch 'mark' has no cells; pass one of features=, box= and mask="),
        ({"features": "age", "box": (0, 0, 1, 1)}, ValueError, "the watch 'mark' has features and box; pass one of"),
        ({"features": []}, ValueError, "features of the watch 'mark' is empty"),
        ({"features": [1.5]}, TypeError, r"hold 1\.5; expected names or positions"),
        ({"features": [True, False]}, TypeError, r"hold True; .*a bool array is a mask="),
        ({"features": -1}, ValueError, "hold -1; positions are counted from 0"),
        ({"box": (0, 0, 4)}, TypeError, r"box of the watch 'mark' is \(0, 0, 4\); expected \(top, left, bottom, right\) in whole pixels"),
        ({"box": (0, 0, 4.5, 4)}, TypeError, "in whole pixels"),
        ({"box": "0,0,4,4"}, TypeError, "in whole pixels"),
        ({"box": (4, 0, 4, 4)}, ValueError, "with 0 ≤ top < bottom"),
        ({"box": (-1, 0, 4, 4)}, ValueError, "with 0 ≤ top < bottom"),
        ({"mask": np.ones((3, 3))}, TypeError, "has dtype float64; expected bool: pass mask > 0"),
        ({"mask": np.zeros((3, 3), bool)}, ValueError, "is False everywhere"),
        ({"features": 0, "at_most": 5}, ValueError, "at_most of the watch 'mark' is 5; expected a share of the attribution, 0 to 1"),
        ({"features": 0, "at_least": np.nan}, ValueError, "at_least of the watch 'mark' is nan"),
        ({"features": 0, "at_most": "5 %"}, ValueError, "at_most of the watch 'mark' is '5 %'"),
        ({"features": 0, "at_most": 0.2, "at_least": 0.2}, ValueError, r"at least 0\.2 and at most 0\.2; expected at_least < at_most"),
    ],
)
def test_what_is_wrong_by_itself(fields, error, message):
    with pytest.raises(error, match=message):
        Watch("mark", **fields)


def test_a_watch_has_a_name():
    with pytest.raises(ValueError, match="a watch is called ''; expected a name"):
        Watch("", features="age")


def test_what_can_be_chosen():
    mine = Watch("mark", box=(0, 0, 2, 2), at_most=0.1)
    assert Watch.choose(None) == []
    assert Watch.choose(mine) == [mine]
    assert [(w.name, w.features) for w in Watch.choose("age")] == [("age", "age")]
    assert [w.name for w in Watch.choose(["age", mine])] == ["age", "mark"]
    mask = [[True, False]]
    chosen = Watch.choose({"corner": (0, 0, 2, 2), "four": [0, 1, 2, 3], "ids": ("age", "ward"), "one": 3, "part": mask, "id": "ward"})
    assert [w.box for w in chosen] == [(0, 0, 2, 2), None, None, None, None, None]
    assert [w.feature_list for w in chosen] == [[], [0, 1, 2, 3], ["age", "ward"], [3], [], ["ward"]]
    assert chosen[4].mask is mask


@pytest.mark.parametrize(
    ("watch", "error", "message"),
    [
        (["age", "age"], ValueError, "two watches are called age, and so would be one curve"),
        ([3], TypeError, r"watch holds 3; expected names of features and Watch objects.*watch=\{'mark': 3\}"),
        (3, TypeError, "watch is 3; expected names of features, Watch objects, or a mapping"),
        ({"mark": 1.5}, TypeError, "features of the watch 'mark'"),
    ],
)
def test_what_cannot_be_chosen(watch, error, message):
    with pytest.raises(error, match=message):
        Watch.choose(watch)


# Which cells it means -----------------------------------------------------------------------------------------------------------


def test_columns_by_name_and_by_position():
    for features in (["patient_id", "ward"], [2, 1], ["ward", 2]):
        found = the_only(Watch("identity", features=features), TABLE)
        assert (found.input, found.cells) == ("table", [1, 2])
        np.testing.assert_array_equal(found.mask, [False, True, True, False])


def test_tokens_by_position():
    assert the_only(Watch("first", features=(0, 5)), TEXT).cells == [0, 5]


def test_a_box_touches_blocks_of_pixels():
    found = the_only(Watch("mark", box=(1, 0, 3, 1)), IMAGE)  # logged in blocks of 2 × 2
    assert IMAGE.cells == (32, 20)
    assert found.mask.sum() == 2
    assert found.mask[1:3, 0].all()
    assert found.cells == [0, 20]


def test_a_mask_is_taken_as_it_is():
    mask = np.random.default_rng(0).random((64, 40)) < 0.01
    found = the_only(Watch("mark", mask=mask), IMAGE)
    np.testing.assert_array_equal(found.mask, mask)
    assert found.cells == sorted({int(row // 2 * 20 + column // 2) for row, column in np.argwhere(mask)})


def test_names_tell_the_input():
    other = an_input("more", "tabular", (2,), ["height", "ward"])
    alone = an_input("income", "tabular", ())
    assert the_only(Watch("h", features="height"), TABLE, other, alone).input == "more"
    found = the_only(Watch("i", features="income"), TABLE, other, alone)
    assert (found.input, found.cells) == ("income", [0])
    assert the_only(Watch("w", features="ward", input="more"), TABLE, other).cells == [1]


@pytest.mark.parametrize(
    ("watch", "inputs", "message"),
    [
        (
            Watch("w", features="pateint_id"),
            [TABLE],
            r"names features \['pateint_id'\] that the model does not have; did you mean 'patient_id'\? Its features are \['age'",
        ),
        (
            Watch("w", features="age"),
            [TEXT],
            r"the features of \['text'\] have no names; pass Probe\(feature_names=…\), or their positions",
        ),
        (Watch("w", features=4), [TABLE], r"the features \[4\] of the watch 'w' of input 'table' do not exist; positions are 0 to 3"),
        (Watch("w", features=0), [IMAGE], r"has features, and the input is an image; pass box="),
        (Watch("w", box=(0, 0, 65, 4)), [IMAGE], r"the box \(0, 0, 65, 4\) .* leaves the image, which has 64 × 40 pixels"),
        (Watch("w", box=(0, 0, 2, 2)), [TABLE], r"has a box, and the input is no image \(tabular, \(4,\)\)"),
        (Watch("w", mask=[True] * 3), [TABLE], r"has shape \(3,\); expected \(4,\), the shape of one sample"),
        (Watch("w", mask=np.ones((32, 20), bool)), [IMAGE], r"has shape \(32, 20\); expected \(64, 40\)"),
        (Watch("w", features=0), [TABLE, TEXT], r"does not say of which input; pass input= with one of \['table', 'text'\]"),
        (Watch("w", box=(0, 0, 2, 2)), [TABLE, IMAGE], "does not say of which input"),
        (
            Watch("w", features=0, input="tabel"),
            [TABLE, TEXT],
            r"is of the input 'tabel', which the model does not have; did you mean 'table' or 'text'\? Its inputs are \['table', 'text'\]",
        ),
        (Watch("w", features="ward"), [TABLE, an_input("b", "tabular", (1,), ["ward"])], r"which several inputs have: pass input="),
        (Watch("w", features=["age", "c"]), [TABLE, an_input("c", "tabular", (1,))], "lie in different inputs; make it a watch for each"),
    ],
)
def test_what_does_not_fit_the_inputs(watch, inputs, message):
    with pytest.raises(ValueError, match=message):
        resolve([watch], inputs)


# What share they carry ----------------------------------------------------------------------------------------------------------


def test_a_share_is_a_part_of_all_inputs():
    generator = np.random.default_rng(0)
    values = {"table": generator.normal(size=(50, 4)), "image": generator.normal(size=(50, 64, 40))}
    watched = resolve([Watch("id", features="patient_id"), Watch("mark", box=(3, 5, 10, 40), input="image")], [TABLE, IMAGE])
    (one, one_error), (box, _) = shares_of(watched, values)
    together = np.concatenate([v.reshape(50, -1) for v in values.values()], axis=1)
    assert one == pytest.approx(drift.shares(together)[2])
    assert one_error == pytest.approx(drift.share_errors(together)[2])
    assert box == pytest.approx(np.abs(values["image"][:, 3:10, 5:]).sum() / np.abs(together).sum())


def test_the_error_of_a_share_is_that_of_other_samples():
    generator = np.random.default_rng(0)
    watched = resolve([Watch("w", features=[0, 2])], [TABLE])
    found = [shares_of(watched, {"table": generator.normal(size=(80, 4)) * [1, 2, 3, 4]})[0] for _ in range(300)]
    assert np.std([share for share, _ in found]) == pytest.approx(np.mean([error for _, error in found]), rel=0.15)


def test_shares_are_those_of_the_importances():
    """Of aligned cells, the share is what the logged importances of its regions sum to."""
    values = np.random.default_rng(0).normal(size=(20, 64, 40))
    importance = IMAGE.to_regions(np.abs(values)).mean(axis=0).reshape(8, 8)
    watched = resolve([Watch("w", box=(0, 5, 16, 15))], [IMAGE])
    assert shares_of(watched, {"image": values})[0][0] == pytest.approx(importance[:2, 1:3].sum() / importance.sum())


def test_shares_without_a_value():
    watched = resolve([Watch("w", features=0)], [TABLE])
    assert np.isnan(shares_of(watched, {"table": np.zeros((5, 4))})).all()
    assert np.isnan(shares_of(watched, {"table": np.full((5, 4), np.nan)})).all()
    assert np.isnan(shares_of(watched, {"table": np.full((5, 4), np.inf)})).all()
    share, error = shares_of(watched, {"table": np.ones((1, 4))})[0]
    assert share == 0.25
    assert np.isnan(error)


# What the log says --------------------------------------------------------------------------------------------------------------


def test_how_the_manifest_lists_it():
    found = the_only(Watch("id", features="patient_id", at_most=0.05), TABLE)
    listed = found.described(found.contrast({"table": np.array([0.1, 0.2, 0.3, 0.4])}))
    assert (listed.name, listed.input, list(listed.cells), listed.contrast, listed.at_most) == ("id", "table", [2], 0.3, 0.05)
    assert np.isnan(listed.at_least)
    assert np.isnan(found.described().contrast)
