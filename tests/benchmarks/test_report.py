"""The table, and the page that it is written into."""

import pytest

from benchmarks import goals, methods, report
from benchmarks.attributions import Found, Row


def found(gradients, seconds, ratio=1.1):
    return Found(effort=gradients, rows=0, gradients=gradients, error=0.01, completeness_error=2e-3, seconds=seconds, ratio=ratio)


@pytest.fixture
def rows():
    return [
        Row("cnn-relu", methods.FIXED, {0.05: found(8, 0.05), 0.01: found(32, 0.2)}, memory=12e6),
        Row("cnn-relu", "slow peer", {0.05: found(16, 0.5), 0.01: None}),
        Row("cnn-relu", "strange peer", {0.01: found(16, 0.001, 0.5)}, wrong="never multiplies by x − x′"),
    ]


def test_the_table_says_what_was_reached_and_what_was_not(rows):
    lines = report.table(rows).splitlines()
    assert len({len(line) for line in lines}) == 1  # aligned
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert cells[0][1:3] == ["to 5%: gradients, time", "to 1%: gradients, time"]
    assert cells[2] == [f"cnn-relu, {methods.FIXED}", "8, 50 ms", "32, 200 ms", "1.10", "2.0e-03", "12 MB"]
    assert cells[3][1:4] == ["16, 500 ms", "not reached", "1.10"]
    assert cells[4][1:4] == ["—", "wrong; 16 steps, 1 ms", "0.50"]


def test_goals_compare_with_the_fastest_correct_peer(rows):
    figures = {"cnn-relu": {"overhead": 1.3, "error at 64": 0.008, "uncertainty": 0, "floor": 1, "floor rows": 64}}
    checked = {goal.what: goal for goal in goals.reached(rows, figures)}
    assert not checked["16 fixed steps over 16 bare gradients"].reached
    assert checked["largest relative L1 error at 64 steps"].reached
    against = checked[f"to 5%: {methods.FIXED} against slow peer"]
    assert (against.seen, against.reached) == ("10.0 ×", True)
    assert not any("strange" in what or what.startswith("to 1%") for what in checked)


def test_the_adaptive_rule_is_held_against_fixed_nodes(rows):
    rows.append(Row("cnn-relu", methods.ADAPTIVE, {0.05: found(5, 0.04), 0.01: found(15, 0.1)}))
    checked = {goal.what: goal for goal in goals.reached(rows, {"cnn-relu": {"overhead": 1, "error at 64": 1}})}
    assert not checked["to 5%: gradients, fixed over adaptive"].reached
    assert checked["to 1%: gradients, fixed over adaptive"].seen == "2.13"
    assert f"to 5%: {methods.ADAPTIVE} against slow peer" in checked


def test_only_the_named_section_of_a_page_is_replaced(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# Title\n\n<!-- a: begin -->\n\nold\n\n<!-- a: end -->\n\n<!-- b: begin -->\nkept\n<!-- b: end -->\n")
    report.replace(page, "a", "new")
    report.replace(page, "a", "newer")
    assert page.read_text() == "# Title\n\n<!-- a: begin -->\n\nnewer\n\n<!-- a: end -->\n\n<!-- b: begin -->\nkept\n<!-- b: end -->\n"
    with pytest.raises(ValueError, match=r"expected a line <!-- c: begin -->"):
        report.replace(page, "c", "new")
