"""Features by class, by group and by method: what is known of a log is what the browser shows."""

from __future__ import annotations

import csv
import io
import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.e2e import classes_log
from tests.e2e.looking import looking, picture_of
from tests.e2e.test_tab import open_tab, painted, quiet, shown_step, slider
from tests.plugin.test_tensorboard import tensorboard


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    directory = tmp_path_factory.mktemp("classes")
    classes_log.write(directory)
    with tensorboard(directory) as address:
        yield address


def shown(page, address, run, by, **chosen):
    """Open the Features view of a run, by class or by group."""
    frame = open_tab(page, address, focus=f"{run}/explain", view="features", **{"filter": f"by={by}"} | chosen)
    quiet(frame)
    return frame


def texts(elements):
    return [text.strip() for text in elements.all_inner_texts()]


def of_class(frame, name):
    return frame.get_by_role("group", name=name, exact=True)


def downloaded(page, frame, figure):
    frame.get_by_role("button", name=f"Menu of {figure}", exact=True).click()
    with page.expect_download() as download:
        frame.get_by_role("menuitem", name="Data (CSV)").click()
    return list(csv.DictReader(io.StringIO(download.value.path().read_text())))


def test_the_words_that_carry_a_class_are_those_that_were_planted(page, address):
    frame = shown(page, address, "words", "class")
    yes, no = of_class(frame, "yes"), of_class(frame, "no")
    assert texts(yes.get_by_role("button")) == ["yes", "good", "film"]  # padding, which has the most, is no word
    assert texts(no.get_by_role("button")) == ["no", "bad", "film"]
    for text in ("+2.00 ± 0.00", "−0.50 ± 0.00", "1 rare, in fewer than 3 samples: once +3.00"):
        expect(yes.get_by_text(text)).to_be_visible()
    expect(no.get_by_text("+1.00 ± 0.00")).to_be_visible()
    assert painted(yes.locator("canvas").first)
    rows = {(row["class"], row["word"]): row for row in downloaded(page, frame, "Words that carry a class")}
    assert float(rows["no", "bad"]["share"]) == pytest.approx(1 / 1.5)
    assert rows["yes", "once"]["samples"] == "1"
    assert float(rows["yes", "good"]["mean_at_reference"]) == 0


def test_words_follow_the_cursor_without_a_question_to_the_server(page, address):
    frame = shown(page, address, "words", "class")
    slider(frame).focus()
    page.keyboard.press("ArrowLeft")
    expect(of_class(frame, "yes").get_by_text("+1.60 ± 0.00")).to_be_visible()
    quiet(frame)
    page.wait_for_timeout(500)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.keyboard.press("ArrowRight")
    expect(of_class(frame, "yes").get_by_text("+2.00 ± 0.00")).to_be_visible()
    assert not [url for url in asked if "attribution" in url]


def test_a_word_leads_to_its_samples(page, address):
    frame = shown(page, address, "words", "class")
    of_class(frame, "yes").get_by_role("button", name="good").click()
    page.wait_for_function("decodeURIComponent(location.hash).includes('class=1,text=good')")
    expect(frame.get_by_role("tab", name="Samples")).to_have_attribute("aria-selected", "true")
    page.go_back()
    expect(of_class(frame, "yes")).to_be_visible()


def test_classes_can_be_those_that_the_model_says(page, address):
    frame = shown(page, address, "words", "class")
    frame.get_by_role("group", name="Class", exact=True).get_by_role("button", name="Prediction").click()
    expect(of_class(frame, "yes").get_by_text("41 samples")).to_be_visible()  # the first sample is taken for another
    page.wait_for_function("decodeURIComponent(location.hash).includes('by=class,of=predicted')")


def test_images_have_a_mean_map_for_each_class(page, address):
    frame = shown(page, address, "pictures", "class")
    rows = downloaded(page, frame, "Mean map by class")
    means = np.array([float(row["mean"]) for row in rows]).reshape(2, 4, 4)
    assert (means[0, :2] == 1).all()
    assert (means[0, 2:] == 0).all()
    assert np.array_equal(means[1], 1 - means[0])
    maps = frame.get_by_role("img", name=re.compile("mean attribution of"))
    expect(maps).to_have_count(4)
    assert all(painted(maps.nth(i)) for i in range(4))
    now = picture_of(frame.get_by_role("img", name="mean attribution of no, epoch 4"))
    assert now != picture_of(frame.get_by_role("img", name="mean attribution of yes, epoch 4"))


def test_a_table_has_a_row_a_feature_and_a_column_a_class(page, address):
    frame = shown(page, address, "table", "class")
    rows = frame.locator("explain-feature-classes tbody tr")
    assert texts(rows.locator("th"))[:2] == ["pay", "age"]
    expect(rows.first.locator("td:not(.gap)")).to_have_count(4)  # both classes, at the start and now
    truth = classes_log.table()
    mean = truth.trained[truth.targets == 1].mean(0)[0]
    assert float(texts(rows.first.locator("td"))[-1]) == pytest.approx(mean, abs=0.006)


def test_of_many_classes_some_are_shown_and_all_are_found(page, address):
    frame = shown(page, address, "many", "class")
    expect(frame.get_by_text(re.compile(r"\d of 200 classes, those with most samples"))).to_be_visible()
    expect(frame.locator("thead th[title$=' 199']").first).to_be_visible()  # has two samples
    frame.get_by_role("searchbox", name="Find a class").fill("number 42")
    expect(frame.locator("thead th[title$=' 42']")).to_have_count(2)
    expect(frame.locator("thead th[title$=' 199']")).to_have_count(0)
    frame.get_by_role("searchbox", name="Find a class").fill("nobody")
    expect(frame.get_by_text("No class is called that")).to_be_visible()


def test_what_is_not_finite_is_left_out_and_a_regression_has_no_classes(page, address):
    frame = shown(page, address, "broken", "class")
    expect(frame.locator("thead").get_by_text("n 1").first).to_be_visible()
    frame = shown(page, address, "numbers", "class")
    expect(frame.get_by_text("A regression has no classes")).to_be_visible()
    expect(frame.get_by_role("button", name="By group")).to_have_count(0)
    frame = shown(page, address, "numbers", "group")
    expect(frame.get_by_text("The probe declares no groups")).to_be_visible()


def test_groups_show_where_the_model_does_and_reasons_otherwise(page, address):
    frame = shown(page, address, "table", "group")
    figures = frame.get_by_role("region", name="Figures by group").locator("tbody tr")
    women = figures.filter(has=page.locator("th[title=women]"))
    expect(women.locator("td").nth(1)).to_have_text(re.compile(r"^(\.99\d|1\.00) ± "))
    expect(women.locator("td").nth(1)).to_have_class("beyond")
    expect(women.locator("td").nth(0)).to_contain_text("few samples")
    shares = frame.get_by_role("region", name="Shares by group").locator("tbody tr")
    site = shares.filter(has_text="site")
    expect(site).to_contain_text("protected")
    assert site.locator("td.beyond").count() == 2
    truth = classes_log.table().trained
    share = truth[1::2, 5].sum() / truth[1::2].sum()
    assert float(texts(site.locator("td"))[1].split(" ±")[0]) == pytest.approx(100 * share, abs=0.06)
    expect(shares.filter(has_text="pay")).not_to_contain_text("protected")
    site.get_by_role("button").click()
    page.wait_for_function("location.hash.includes('p.explain.feature=site')")
    expect(frame.get_by_role("img", name=re.compile("^Share by group site"))).to_be_visible()
    for title in ("Loss by group", "Local drift by group"):
        expect(frame.get_by_role("img", name=re.compile(f"^{title}"))).to_be_visible()
    rows = {row["group"]: row for row in downloaded(page, frame, "Groups")}
    assert set(rows) == {"all", "men", "women"}
    assert float(rows["women"]["share_gap"]) > float(rows["women"]["share_gap_by_chance"])


def test_methods_that_answer_now_and_then_stand_with_their_last_answer(page, address):
    frame = shown(page, address, "table", "all", epoch=4)
    matrix = frame.locator("explain-method-matrix")
    expect(matrix.get_by_text(re.compile("IG and LIME disagree: ρ −1.00, by chance up to .88"))).to_be_visible()
    expect(matrix.get_by_text(re.compile(r"rank 1 by IG, 6 by LIME"))).to_be_visible()
    expect(matrix.get_by_text("LIME: its answer of epoch 2.")).to_be_visible()
    rows = downloaded(page, frame, "Methods by methods")
    assert {row["rank_correlation"] for row in rows if row["method"] != row["other_method"]} == {"-1"}
    slider(frame).focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    shown_step(frame, 2)
    expect(matrix.get_by_text("its answer of")).to_have_count(0)


@pytest.mark.parametrize(
    ("run", "by", "titles"),
    [
        ("words", "class", ["Words that carry a class"]),
        ("pictures", "class", ["Mean map by class"]),
        ("table", "class", ["Features by class"]),
        ("table", "group", ["Groups", "Shares of the strongest features", "Loss by group"]),
        ("table", "all", ["Methods × methods"]),
    ],
)
def test_every_figure_says_what_it_means(page, address, run, by, titles):
    frame = shown(page, address, run, by)
    for title in titles:
        frame.get_by_role("button", name=title, exact=True).click()
        dialog = frame.get_by_role("dialog", name=title)
        for part in ("Means", "Formula", "Read", "Mind"):
            expect(dialog.get_by_text(part, exact=True)).to_be_visible()
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_nothing_is_clipped_and_nothing_is_out_of_reach(browser, address, dark):
    with looking(browser, address, dark=dark) as tab:
        for run, by in (("words", "class"), ("pictures", "class"), ("table", "class"), ("many", "class"), ("table", "group")):
            for width, height in ((1440, 900), (900, 700), (2560, 1300)):
                tab.show(width, height, view="features", focus=f"{run}/explain", filter=f"by={by}")
                assert tab.layout_defects() == [], (run, by, width)
            assert tab.violations() == [], (run, by)
