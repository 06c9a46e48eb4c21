"""From a log come the alarms that the training gave."""

import json

import numpy as np
import pytest
from tensorboard.backend import json_util

from tb_explain_plugin import alarms, metadata, summary
from tb_explain_plugin import plugin_data_pb2 as pb
from tb_explain_plugin.index import read_index
from tests.event_files import EventFile
from tests.plugin.conftest import open_log
from tests.plugin.planted_run import IMAGE, METHOD, NAN, TABLE, PlantedRun
from tests.plugin.test_run_watch import alarms_of

HEALTHY = dict.fromkeys(metadata.HEALTH_FIELDS, 0.1) | {"non_finite_fraction": 0.0}


def health(layer, **figures):
    values = HEALTHY | figures
    return summary.series(metadata.create_tag("health", layer), np.array([values[name] for name in metadata.HEALTH_FIELDS], np.float32))


def alarms_in(opened):
    return alarms.alarms_of_run(opened.log, "explain", read_index(opened.log).runs["explain"])


def write_log(directory):
    quiet = np.ones((4, 5), np.float32)
    with EventFile(directory / "explain", -1) as file:
        for step in range(-1, 6):
            file.write(
                step,
                health('<b>"dy/ing"</b>', dead_fraction=0.62 if step >= 2 else 0.4, saturated_fraction=np.nan),
                health("always_dead", dead_fraction=1.0),
                health("gate", saturated_fraction=0.31 if step >= 4 else 0.29),
                health("exploding", gradient_norm=np.inf if step == 5 else 1.0, non_finite_fraction=0.001 if step >= 3 else 0.0),
                summary.series("metric/val_loss", np.nan if step >= 3 else 1.0),
                summary.series("metric/loss", 1.0),
                summary.frame("attribution/lrp", {"values:x": np.where(np.arange(5) < (step == 5), np.nan, quiet).astype(np.float32)}),
                summary.frame("attribution/saliency", {"values:x": quiet}),
            )
        file.write(6, summary.frame("attribution/saliency", {"values:x": np.zeros(3, np.float32)}))  # cannot be read


@pytest.fixture(scope="module", params=["python", "fast"])
def found(request, tmp_path_factory):
    logdir = tmp_path_factory.mktemp("alarms")
    write_log(logdir)
    with open_log(logdir, request.param) as opened:
        yield alarms_in(opened)


def test_every_alarm_of_a_run_in_order(found):
    assert [(alarm["step"], alarm["kind"], alarm["subject"]) for alarm in found] == [
        (2, "dead_layer", '<b>"dy/ing"</b>'),
        (3, "non_finite", "exploding"),
        (3, "non_finite", "val_loss"),
        (4, "saturated_layer", "gate"),
        (5, "non_finite", "exploding"),
        (5, "non_finite", "lrp"),
    ]


def test_an_alarm_is_a_sentence_with_evidence(found):
    assert found[0] == {
        "run": "explain",
        "step": 2,
        "kind": "dead_layer",
        "subject": '<b>"dy/ing"</b>',
        "text": 'epoch 2: 62.0 % of the units of <b>"dy/ing"</b> are at most 0 on every probe sample (limit 50.0 %)',
        "evidence": {"dead_fraction": pytest.approx(0.62), "limit": 0.5},
    }
    assert found[1]["text"] == "epoch 3: 0.1 % of the activations of exploding are not finite"
    assert found[2]["text"] == "epoch 3: val_loss is not finite"
    assert found[5]["text"] == "epoch 5: 20.0 % of the attributions by lrp are not finite"


def test_alarms_are_json(found):
    json.dumps(json_util.Cleanse(found), allow_nan=False)


def test_series_of_another_shape_raise_no_alarm(tmp_path):
    with EventFile(tmp_path / "explain", 0) as file:
        file.write(0, summary.series("health/x", np.full(3, np.inf, np.float32)), summary.series("metric/x", np.empty(0)))
    with open_log(tmp_path, "python") as opened:
        assert alarms_in(opened) == []


EVENTFUL = PlantedRun(
    inputs=(TABLE, IMAGE),
    cells=(1, 6, 7),
    share=lambda step: 0.8 if 3 <= step % 20 < 12 else 0.1,
    watches=(pb.Watch(name="patient", input="table", cells=[1], contrast=NAN, at_most=0.3, at_least=0.2),),
    contrast=True,
    moved=lambda step: (20 if step in {18, 19} else 0, 0.0),
    health=lambda layer, step: {"dead_fraction": 0.9 if step == 7 else 0.1, "distribution_shift": 9.0 if step >= 20 else 0.1},
    metrics=lambda step: {"loss": NAN if step == 22 else 1.0},
    steps=36,
)


def write_run(directory, run, steps=None, spoil=lambda _step, summaries: summaries):
    with EventFile(directory / "explain", -1) as file:
        file.write(-1, summary.manifest(run.manifest()))
        for step in steps or run.all_steps():
            file.write(step, *spoil(step, summaries_of(run, step)))


def summaries_of(run, step):
    ones = {name: np.ones_like(values) for name, values in run.attributions(step).items()}
    return [
        summary.frame(metadata.create_tag("attribution", METHOD), run.attributions(step)),
        summary.frame(metadata.create_tag("attribution", "saliency"), ones),
        summary.frame("predictions", {"target_probability": run.probability(step)}),
        summary.series("clock/epoch", float(step)),
        *(summary.series(tag, values) for tag, values in run.series(step).items()),
    ]


def as_answered(found):
    return [{"run": "explain"} | alarm._asdict() for alarm in found]


def test_the_log_says_what_was_said_while_training(tmp_path, loader):
    write_run(tmp_path, EVENTFUL)
    said = [alarm._replace(text=alarm.text.replace("epoch -1", "start")) for alarm in alarms_of(EVENTFUL)]
    kinds = {alarm.kind for alarm in said}
    assert {
        "watch_above",
        "watch_below",
        "share_level",
        "share_jump",
        "dead_layer",
        "distribution_jump",
        "reason_moved",
        "non_finite",
    } <= kinds
    with open_log(tmp_path, loader) as opened:
        assert alarms_in(opened) == as_answered(said)


def test_alarms_are_found_once_and_again_when_a_step_has_come(tmp_path):
    with EventFile(tmp_path / "explain", -1) as file:
        file.write(-1, summary.manifest(EVENTFUL.manifest()))
        for step in range(-1, 10):
            file.write(step, *summaries_of(EVENTFUL, step))
        with open_log(tmp_path, "python") as opened:
            first = alarms_in(opened)
            assert {alarm["step"] for alarm in first} == {0, 3, 7}
            opened.reload()
            assert alarms_in(opened) is first
            for step in range(10, 16):
                file.write(step, *summaries_of(EVENTFUL, step))
            opened.reload()
            later = alarms_in(opened)
    assert later[: len(first)] == first
    assert {alarm["step"] for alarm in later[len(first) :]} == {12}


def test_a_resumed_run_is_one_series(tmp_path):
    run = PlantedRun(cells=(1,), share=lambda step: 0.5 if step >= 14 else None)
    write_run(tmp_path, run, range(-1, 12))
    with EventFile(tmp_path / "explain", 8, serial=1) as file:  # epochs 8 to 11 are trained again
        file.write(8, summary.manifest(run.manifest()))
        for step in range(8, 20):
            file.write(step, *summaries_of(run, step))
    with open_log(tmp_path, "python") as opened:
        assert [(alarm["step"], alarm["subject"]) for alarm in alarms_in(opened)] == [(14, "patient_id")]


def test_what_is_damaged_gives_no_alarm_and_no_error(tmp_path, loader):
    bad_frame = {"values:table": np.ones(3, np.float32)}

    def spoil(step, summaries):
        found = {one.value[0].tag: one for one in summaries}
        if step in {3, 14}:
            found[f"attribution/{METHOD}"] = summary.frame(f"attribution/{METHOD}", bad_frame)
        if step == 5:
            found["predictions"] = summary.frame("predictions", {"target_probability": np.ones((2, 2), np.float32)})
        if step == 6:
            found[f"importance/{METHOD}/table"] = summary.series(f"importance/{METHOD}/table", np.ones((3, 5), np.float32))
        if step == 9:
            del found["predictions"]
        return list(found.values())

    quiet = PlantedRun(cells=(1,), share=lambda step: 0.5 if step >= 16 else None)
    write_run(tmp_path, quiet, spoil=spoil)
    with open_log(tmp_path, loader) as opened:
        assert [(alarm["step"], alarm["kind"]) for alarm in alarms_in(opened)] == [(16, "share_jump")]


def test_a_regression_has_no_probabilities(tmp_path):
    run = PlantedRun(moved=lambda step: (20, 0.0) if step >= 15 else (0, 0.0))

    def spoil(_, summaries):
        kept = [one for one in summaries if one.value[0].tag != "predictions"]
        return [*kept, summary.frame("predictions", {"output": np.zeros((40, 1), np.float32)})]

    write_run(tmp_path / "classes", run)
    write_run(tmp_path / "numbers", run, spoil=spoil)
    for name, expected in (("classes", ["reason_moved"]), ("numbers", [])):
        with open_log(tmp_path / name, "python") as opened:
            assert [alarm["kind"] for alarm in alarms_in(opened)] == expected


def test_importances_of_another_shape_than_declared_are_passed_over(tmp_path):
    run = PlantedRun(cells=(1,), share=lambda step: 0.5 if step >= 14 else None)
    tag = f"importance/{METHOD}/table"

    def spoil(step, summaries):
        kept = [one for one in summaries if one.value[0].tag != tag]
        return [*kept, summary.series(tag, np.ones((3, 5), np.float32) * (2 + step))]

    write_run(tmp_path, run, spoil=spoil)
    with open_log(tmp_path, "python") as opened:
        assert alarms_in(opened) == []
