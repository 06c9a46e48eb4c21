"""What moved, since when, whether it is news, and how far to trust that: the Overview in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e import checked_log
from tests.e2e.checked_log import EPOCHS
from tests.e2e.looking import picture_of, redrawn
from tests.e2e.test_tab import focused, open_tab, painted, quiet, shown_step, slider
from tests.plugin.test_tensorboard import tensorboard


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    logdir = tmp_path_factory.mktemp("drift")
    checked_log.write(logdir)
    with tensorboard(logdir) as address:
        yield address


def against(frame):
    return frame.get_by_role("combobox", name="Drift against")


def chart(frame, title):
    return frame.get_by_role("img", name=re.compile(title)).first


def in_address(page, part):
    page.wait_for_function("part => decodeURIComponent(location.hash).includes(part)", arg=part)


def reloaded(page):
    page.reload()
    frame = page.frame_locator("iframe")
    frame.get_by_role("tab", name="Overview").wait_for()
    return frame


def test_shift_click_sets_the_reference_everywhere(page, address):
    frame = open_tab(page, address, focus="digits-shortcut/explain")
    expect(against(frame)).to_have_value("start")
    quiet(frame)
    box = chart(frame, "Local drift").bounding_box()
    page.keyboard.down("Shift")
    page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)
    page.keyboard.up("Shift")
    expect(against(frame)).to_have_value(re.compile(r"^step:(8|9|10)$"))
    shown_step(frame, EPOCHS - 1)
    reference = against(frame).input_value().removeprefix("step:")
    in_address(page, f"p.explain.ref={reference}")
    expect(frame.get_by_text(f"Since epoch {reference}, ")).to_be_visible()
    expect(frame.get_by_text(f"ref {reference}", exact=True)).to_be_visible()
    expect(chart(frame, "Share shift")).to_have_accessible_name(re.compile(f"moved since {reference}"))
    expect(chart(frame, "Loss").locator(".mark.reference")).to_be_visible()
    frame.get_by_role("tab", name="Samples").click()
    expect(frame.get_by_text(f"epoch {reference}", exact=True).first).to_be_visible()
    page.go_back()
    page.go_back()
    expect(against(frame)).to_have_value("start")


@pytest.mark.parametrize(
    ("reference", "sentence", "unit", "marked"),
    [
        ("previous", f"Since epoch {EPOCHS - 6}, ", "moved since the step before", True),
        ("trailing:5", "Against the mean of the 5 steps before, ", "moved from 5 before", False),
        ("last", f"Since epoch {EPOCHS - 1}, ", f"moved since {EPOCHS - 1}", True),
        ("best:val_loss", ", the best val_loss, ", r"moved since \d+", True),
        ("run:digits-clean/explain", f"Against digits-clean at epoch {EPOCHS - 5}, ", "moved from digits-clean", False),
    ],
)
def test_the_menu_offers_every_reference_and_keeps_it(page, address, reference, sentence, unit, marked):
    frame = open_tab(page, address, focus="digits-shortcut/explain", epoch=EPOCHS - 5)
    quiet(frame)
    against(frame).select_option(value=reference)
    in_address(page, f"p.explain.ref={reference}")
    expect(frame.get_by_text(sentence).first).to_be_visible()
    expect(chart(frame, "Share shift")).to_have_accessible_name(re.compile(unit))
    expect(chart(frame, "Loss").locator(".mark.reference")).to_be_visible(visible=marked)
    expect(against(reloaded(page))).to_have_value(reference)


def test_the_reference_is_chosen_by_keyboard(page, address):
    frame = open_tab(page, address, focus="digits-shortcut/explain")
    quiet(frame)
    against(frame).focus()
    page.keyboard.press("ArrowDown")
    expect(against(frame)).to_have_value("previous")
    page.keyboard.press("ArrowDown")
    expect(against(frame)).to_have_value("trailing:5")
    shown_step(frame, EPOCHS - 1)
    slider(frame).focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("r")
    expect(against(frame)).to_have_value(f"step:{EPOCHS - 2}")


def test_another_runs_explanation_is_drawn_as_the_reference(page, address):
    frame = open_tab(page, address, focus="digits-shortcut/explain", view="samples", ref="run:digits-clean/explain")
    expect(frame.get_by_text(f"digits-clean, epoch {EPOCHS - 1}").first).to_be_visible()
    quiet(frame)
    assert painted(frame.locator("main canvas").first)
    own = picture_of(frame.locator("main canvas").first)
    against(frame).select_option(value="last")
    quiet(frame)
    redrawn(frame.locator("main canvas").first, own)


def test_features_are_held_against_another_run(page, address):
    frame = open_tab(page, address, focus="digits-shortcut/explain", view="features", ref="run:digits-clean/explain")
    expect(frame.get_by_text(f"Dashed: digits-clean, epoch {EPOCHS - 1}.")).to_be_visible()
    expect(frame.get_by_text(re.compile(rf"at digits-clean, epoch {EPOCHS - 1}, .* now"))).to_be_visible()
    frame.get_by_role("tab", name="Layers").click()
    expect(frame.get_by_text(f"digits-clean, epoch {EPOCHS - 1}")).to_be_visible()
    assert painted(frame.get_by_role("img", name=re.compile("^Weights of")).first)


def test_features_over_training_samples_stand_beside_those_over_the_probe(page, address):
    frame = open_tab(page, address, focus="digits-shortcut/explain", view="features", feature="A1")
    details = frame.locator("explain-feature-detail")
    gap = re.compile(r"over training samples: \+(\d+\.\d) ± \d+\.\d points")
    told = re.search(gap, details.get_by_text(gap).inner_text())[1]
    assert float(told) > 5
    expect(frame.locator(".gap.beyond").first).to_have_text(f"+{told}")
    assert painted(chart(frame, "^Over training samples").locator("canvas").first)
    frame.get_by_role("combobox", name="Sort").select_option("training")
    expect(frame.get_by_role("listbox", name="Features").get_by_role("option").first).to_have_text("A1")
    frame.get_by_role("button", name="Training", exact=True).click()
    expect(frame.get_by_role("dialog", name="Training").get_by_text("before the first batch")).to_be_visible()
    page.keyboard.press("Escape")
    frame.get_by_role("combobox", name="By", exact=True).select_option("saliency")
    expect(frame.locator(".gap")).to_have_count(0)


def test_a_mean_is_for_figures_and_says_what_is_drawn(page, address):
    frame = open_tab(page, address, focus="digits-shortcut/explain", view="samples", ref="trailing:5")
    expect(frame.get_by_text("drawn is the step before")).to_be_visible()
    expect(frame.get_by_text(f"epoch {EPOCHS - 2}", exact=True).first).to_be_visible()


def test_panels_tell_drift_from_noise_and_what_was_checked(page, address):
    frame = open_tab(page, address, focus="digits-shortcut/explain")
    quiet(frame)
    expect(frame.locator(".label.name", has_text="noise")).to_be_visible()
    for title in ("Completeness error", "Deletion gap", "Agreement with permutation", "corner"):
        assert painted(chart(frame, title).locator("canvas").first)
    expect(frame.get_by_text("at most 10.0")).to_be_visible()
    badges = frame.get_by_role("group", name=re.compile("^Trust at epoch"))
    for words in ("Completeness holds", "Deletion beats chance", "Permutation agrees", "Training samples differ"):
        expect(badges.get_by_text(words)).to_be_visible()
    expect(chart(frame, "Rank stability")).to_have_count(0)
    frame.get_by_role("button", name="Order, amount").click()
    for title in ("Rank stability", "Overlap of the first 5", "Total"):
        expect(chart(frame, title)).to_be_visible()
    in_address(page, "p.explain.more=order")
    expect(chart(reloaded(page), "Rank stability")).to_be_visible()


def test_a_title_tells_what_its_chart_means(page, address):
    frame = open_tab(page, address, focus="digits-shortcut/explain")
    frame.get_by_role("button", name="Share shift", exact=True).focus()
    page.keyboard.press("Enter")
    dialog = frame.get_by_role("dialog", name="Share shift")
    expect(dialog.get_by_text("95 of 100 other probes")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert focused(page).inner_text() == "Share shift"


def test_an_alarm_leads_to_its_epoch_and_view(page, address):
    frame = open_tab(page, address, focus="digits-shortcut/explain", epoch=3)
    alarms = frame.locator("explain-alarm-list")
    layer = alarms.get_by_role("button", name=re.compile("dead layer")).first
    expect(layer).to_contain_text("in Layers")
    epoch = re.search(r"Epoch (\d+)", layer.inner_text())[1]
    layer.click()
    shown_step(frame, epoch)
    expect(frame.get_by_role("tab", name="Layers")).to_have_attribute("aria-selected", "true")
    page.go_back()
    expect(frame.get_by_role("tab", name="Overview")).to_have_attribute("aria-selected", "true")
    shown_step(frame, 3)
    share = alarms.get_by_role("button", name=re.compile("of the attribution")).first
    expect(share).to_contain_text("in Features")
    epoch = re.search(r"Epoch (\d+)", share.inner_text())[1]
    share.click()
    shown_step(frame, epoch)
    expect(frame.get_by_role("tab", name="Features")).to_have_attribute("aria-selected", "true")
    expect(frame.get_by_role("heading", name="A1", exact=True)).to_be_visible()


def test_an_unknown_alarm_is_listed_by_its_text(page, address):
    text = "epoch 4: something new <b>happened</b>"
    alarm = {"run": "digits-shortcut/explain", "step": 4, "kind": "brand_new", "subject": "x", "text": text, "evidence": {}}
    page.route(re.compile("/alarms.*shortcut"), lambda route: route.fulfill(json={"alarms": [alarm]}))
    frame = open_tab(page, address, focus="digits-shortcut/explain")
    item = frame.locator("explain-alarm-list").get_by_role("button", name=re.compile("brand new"))
    expect(item).to_contain_text("Something new <b>happened</b>")
    expect(item).to_contain_text("brand new")
    item.click()
    shown_step(frame, 4)
    expect(frame.get_by_role("tab", name="Overview")).to_have_attribute("aria-selected", "true")
