"""Each kind of alarm goes off on what was planted, and none on a run where nothing was."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest
from tensorboard.backend import json_util

from tb_explain_plugin import drift
from tb_explain_plugin import plugin_data_pb2 as pb
from tb_explain_plugin.clock import Clock
from tb_explain_plugin.run_watch import Moved, RunWatch
from tests.plugin.planted_run import IMAGE, METHOD, NAN, TABLE, PlantedRun

CORNER = (0, 1, 6, 7)
PATIENT = pb.Watch(name="patient", input="table", cells=[1], contrast=NAN, at_most=NAN, at_least=NAN)


def name(step):
    return f"epoch {step}"


def moved(run, step):
    """What a step's frames say against those before."""
    matrices = [np.concatenate([v.reshape(len(v), -1) for v in run.attributions(s).values()], axis=1) for s in (step, step - 1)]
    finite = np.isfinite(matrices[0]).mean()
    if step == -1:
        return Moved(finite)
    return Moved(finite, drift.local_drift(*matrices), run.probability(step) - run.probability(step - 1))


def figures(run, step):
    return run.series(step) | {f"attribution/{METHOD}": moved(run, step), "attribution/saliency": Moved(1.0)}


def alarms_of(run, change=lambda _step, found: found):
    watch = RunWatch(run.manifest(), name)
    return [alarm for step in run.all_steps() for alarm in watch.update(step, change(step, figures(run, step)))]


def told(run, **options):
    return [(alarm.step, alarm.kind, alarm.subject) for alarm in alarms_of(run, **options)]


def limited(**limits):
    watch = pb.Watch()
    watch.CopyFrom(PATIENT)
    for limit, value in limits.items():
        setattr(watch, limit, value)
    return (watch,)


@pytest.mark.parametrize("inputs", [(TABLE,), (IMAGE,), (TABLE, IMAGE)], ids=["table", "image", "both"])
@pytest.mark.parametrize("contrast", [False, True])
def test_a_quiet_run_has_no_alarm(inputs, contrast):
    assert alarms_of(PlantedRun(inputs=inputs, contrast=contrast, watches=limited(at_most=0.9), steps=60)) == []


def test_a_column_that_leaks_is_told_by_its_name():
    [alarm] = alarms_of(PlantedRun(cells=(1,), share=lambda step: 0.5 if step >= 14 else None))
    assert (alarm.step, alarm.kind, alarm.subject) == (14, "share_jump", "patient_id")
    assert alarm.text.startswith("epoch 14: patient_id rose from 1")
    assert alarm.text.endswith(f"to 50.0 % of the attribution (z = {alarm.evidence['statistic']:.0f})")
    assert (alarm.evidence["cells"], alarm.evidence["input"], alarm.evidence["after"]) == ([1], "table", pytest.approx(0.5))


def test_neighbouring_regions_of_an_image_are_one():
    run = PlantedRun(inputs=(IMAGE,), cells=CORNER, share=lambda step: 0.4 if step >= 14 else None)
    assert told(run) == [(14, "share_jump", "region (rows 1 to 2, columns 1 to 2)")]


def test_neighbouring_columns_are_strangers():
    run = PlantedRun(cells=(0, 1), share=lambda step: 0.5 if step >= 14 else 0.2)
    assert told(run) == [(14, "share_jump", "age"), (14, "share_jump", "patient_id")]


def test_a_collapse_is_few_alarms():
    table = pb.Input(name="table", kind="tabular", shape=[30], cells=[30], regions=[30])
    sizes = np.exp(0.7 * np.random.default_rng(0).normal(size=(2, 30)))

    def collapse(step, found):
        importance = sizes[int(step >= 14)] * np.random.default_rng(step + 1).normal(1, 0.02, 30)
        return found | {f"importance/{METHOD}/table": np.stack([importance] * 3)}

    found = [alarm for alarm in alarms_of(PlantedRun(inputs=(table,)), change=collapse) if alarm.step == 14]
    assert len(found) == 2
    assert all(alarm.kind == "share_jump" and len(alarm.evidence["others"]) > 3 for alarm in found)
    assert all(re.search(r"\(z = \d+\); likewise feature \d+, feature \d+, feature \d+ and \d+ more$", alarm.text) for alarm in found)
    for alarm in found:
        assert [f"feature {cell}" for [cell] in alarm.evidence["other_cells"]] == alarm.evidence["others"]


def test_what_moved_in_two_inputs_is_told_of_each():
    tables = [pb.Input(name=name, kind="tabular", shape=[15], cells=[15], regions=[15]) for name in ("blood", "urine")]
    sizes = np.exp(0.7 * np.random.default_rng(0).normal(size=(2, 2, 15)))

    def collapse(step, found):
        importance = sizes[int(step >= 14)] * np.random.default_rng(step + 1).normal(1, 0.02, (2, 15))
        return found | {f"importance/{METHOD}/{t.name}": np.stack([row] * 3) for t, row in zip(tables, importance, strict=True)}

    found = [alarm for alarm in alarms_of(PlantedRun(inputs=tuple(tables)), change=collapse) if "others" in alarm.evidence]
    assert {alarm.evidence["input"] for alarm in found} == {"blood", "urine"}
    for alarm in found:
        assert all(other.endswith(f" of {alarm.evidence['input']}") for other in alarm.evidence["others"])


def test_slow_growth_is_told_once():
    run = PlantedRun(inputs=(IMAGE,), cells=CORNER, share=lambda step: 0.1 + 0.012 * max(0, min(step - 20, 25)), steps=60)
    [(step, kind, _)] = told(run)
    assert kind in {"share_growth", "share_jump"}
    assert 20 < step < 34


def test_a_region_of_two_inputs_says_of_which_it_is():
    run = PlantedRun(inputs=(TABLE, IMAGE), cells=(6, 7), share=lambda step: 0.4 if step >= 14 else None)
    [alarm] = alarms_of(run)
    assert alarm.subject == "region (row 1, columns 1 to 2) of image"
    assert (alarm.evidence["input"], alarm.evidence["cells"]) == ("image", [0, 1])


def test_an_early_shortcut_is_above_its_contrast_before_any_window_has_filled():
    run = PlantedRun(inputs=(IMAGE,), cells=CORNER, share=lambda step: 0.11 + 0.15 * min(step + 1, 3), contrast=True)
    [alarm] = alarms_of(run)
    assert (alarm.step, alarm.kind, alarm.subject) == (2, "share_level", "region (rows 1 to 2, columns 1 to 2)")
    assert "times its part of the contrast, 11.1 %" in alarm.text


@pytest.mark.parametrize("contrast", [[], [0.5, 0.5], [NAN] * 36, [-1.0] * 36])
def test_a_contrast_that_cannot_be_is_left_alone(contrast):
    run = PlantedRun(inputs=(IMAGE,), cells=CORNER, share=lambda step: 0.11 + 0.15 * min(step + 1, 3), steps=8)
    manifest = run.manifest()
    manifest.methods[1].regions[0].contrast.extend(contrast)
    watch = RunWatch(manifest, name)
    assert [alarm for step in run.all_steps() for alarm in watch.update(step, figures(run, step))] == []


def test_a_watch_above_its_limit():
    run = PlantedRun(cells=(1,), share=lambda step: 0.04 if step < 14 else 0.12, watches=limited(at_most=0.05))
    [alarm] = alarms_of(run)
    assert (alarm.step, alarm.kind, alarm.subject) == (14, "watch_above", "patient")
    assert alarm.text == "epoch 14: patient carries 12.0 % of the attribution, more than the 5.0 % it may"
    assert alarm.evidence == {"limit": 0.05, "share": pytest.approx(0.12), "statistic": pytest.approx(70)}


def test_a_watch_below_its_limit():
    run = PlantedRun(cells=(1,), share=lambda step: 0.4 if step < 14 else 0.1, watches=limited(at_least=0.3))
    [alarm] = alarms_of(run)
    assert (alarm.step, alarm.kind, alarm.subject) == (14, "watch_below", "patient")
    assert alarm.text == "epoch 14: patient carries 10.0 % of the attribution, less than the 30.0 % it should"


def test_a_watch_without_a_limit_is_held_against_its_contrast():
    run = PlantedRun(cells=(1,), share=lambda step: 0.2 if step < 2 else 0.3, watches=limited(contrast=0.12), steps=12)
    [alarm] = alarms_of(run)
    assert (alarm.step, alarm.kind, alarm.subject) == (2, "share_level", "patient")
    assert alarm.text == "epoch 2: patient carries 30.0 % of the attribution, 2.5 times its part of the contrast, 12.0 %"
    assert alarms_of(PlantedRun(cells=(1,), share=lambda _: 0.3, watches=limited(), steps=12)) == []


def test_a_watch_that_tells_of_its_cells_is_the_one_that_does():
    watches = (pb.Watch(name="corner", input="image", cells=[0, 1, 12, 13], contrast=0.03, at_most=NAN, at_least=NAN),)
    run = PlantedRun(inputs=(IMAGE,), cells=(0,), share=lambda step: 0.03 + 0.06 * min(step + 1, 8), contrast=True, watches=watches)
    assert told(run) == [(0, "share_level", "corner")]


def test_a_watch_speaks_for_the_regions_that_hold_its_cells():
    watch = pb.Watch(name="corner", input="image", cells=[0, 1, 12, 13], contrast=NAN, at_most=0.2, at_least=NAN)
    run = PlantedRun(inputs=(TABLE, IMAGE), cells=(6,), share=lambda step: 0.4 if step >= 14 else 0.02, watches=(watch,))
    assert told(run) == [(14, "watch_above", "corner")]
    watch.cells[:] = [14]  # elsewhere: what it says is not what the rules do
    assert told(run) == [(14, "watch_above", "corner"), (14, "share_jump", "region (row 1, column 1) of image")]


def test_the_start_is_not_judged_but_what_stays_there_is_told():
    assert told(PlantedRun(cells=(1,), share=lambda _: 0.3, watches=limited(at_most=0.2))) == [(0, "watch_above", "patient")]
    run = PlantedRun(cells=(1,), share=lambda step: 0.3 if step == -1 else 0.1, watches=limited(at_most=0.2))
    assert told(run) == []


def test_a_share_that_lies_at_its_limit_is_told_once():
    run = PlantedRun(cells=(1,), share=lambda step: 0.2 + 0.001 * (-1) ** step, watches=limited(at_most=0.2))
    assert told(run) == [(0, "watch_above", "patient")]


def test_a_share_that_came_back_is_told_again():
    run = PlantedRun(cells=(1,), share=lambda step: 0.1 + 0.01 * (step % 4 == 3), watches=limited(at_most=0.105), steps=9)
    assert told(run) == [(3, "watch_above", "patient"), (7, "watch_above", "patient")]


def test_layers_that_die_together_are_one_alarm():
    run = PlantedRun(health=lambda layer, step: {"dead_fraction": 0.9 if step >= 5 and layer != "stem" else 0.2})
    [alarm] = alarms_of(run)
    assert (alarm.step, alarm.kind, alarm.subject, alarm.evidence["others"]) == (5, "dead_layer", "body", ["head"])
    assert alarm.text.endswith("(limit 50.0 %); likewise head")


@pytest.mark.parametrize(
    ("figure", "values", "expected"),
    [
        ("dead_fraction", [0.1, 0.5, 0.51, 0.9], [1]),  # once; the limit itself is allowed
        ("dead_fraction", [0.9, 0.9], []),  # it was so at the start
        ("dead_fraction", [0.9, 0.1, 0.9], [1]),  # it recovered, and died again
        ("dead_fraction", [NAN, NAN, 0.9], [1]),  # NaN has no meaning, and is not above a limit
        ("dead_fraction", [0.1, 0.9, NAN, 0.9], [0]),  # nor has it come back
        ("saturated_fraction", [0.9, 0.9], [-1]),
        ("non_finite_fraction", [0.0, 0.1], [0]),
        ("weight_norm", [1.0, np.inf, np.inf], [0]),
    ],
)
def test_limits_of_a_layer(figure, values, expected):
    run = PlantedRun(health=lambda layer, step: {figure: values[step + 1]} if layer == "body" else {}, steps=len(values))
    assert [alarm.step for alarm in alarms_of(run)] == expected


def test_a_distribution_that_jumps():
    run = PlantedRun(health=lambda layer, step: {"distribution_shift": 0.05 * step + 3.0 * (step >= 20 and layer == "body")})
    [alarm] = alarms_of(run)
    assert (alarm.step, alarm.kind, alarm.subject) == (20, "distribution_jump", "body")
    assert alarm.text == "epoch 20: the activations of body are 4.0 deviations away from where they began, 0.8 until then"


def test_a_distribution_that_jumps_back():
    run = PlantedRun(health=lambda layer, step: {"distribution_shift": 0.5 if step >= 20 and layer == "body" else 3.0})
    [alarm] = alarms_of(run)
    assert (alarm.kind, alarm.evidence["before"], alarm.evidence["after"]) == ("distribution_jump", 3.0, 0.5)
    assert alarm.evidence["statistic"] < -8


def test_a_distribution_that_wanders_by_its_own_size_is_no_news():
    wander = np.random.default_rng(3).normal(1, 0.03, 60)
    run = PlantedRun(health=lambda _, step: {"distribution_shift": 20 * wander[step + 1]}, steps=60)
    assert alarms_of(run) == []


def test_a_layer_that_dies_is_not_said_to_jump_too():
    def health(layer, step):
        return {"dead_fraction": 1.0, "distribution_shift": 0.2} if step >= 20 and layer == "body" else {"distribution_shift": 5.0}

    assert told(PlantedRun(health=health)) == [(20, "dead_layer", "body")]


def test_a_new_reason_for_the_old_answer():
    run = PlantedRun(moved=lambda step: (20, 0.0) if step >= 15 else (0, 0.0))
    [alarm] = alarms_of(run)
    assert (alarm.step, alarm.kind, alarm.subject) == (15, "reason_moved", METHOD)
    assert alarm.text == f"epoch 15: 50.0 % of the samples have a new explanation by {METHOD} and their old prediction (0.0 % until then)"


def test_explanations_that_turn_with_their_predictions_are_no_news():
    assert alarms_of(PlantedRun(moved=lambda step: (20, 0.4) if step >= 15 else (0, 0.0))) == []


def test_a_new_answer_for_the_old_reason():
    def with_new_answers(step, found):
        change = np.full(40, 0.4 if step == 15 else 0.0)
        return found | {f"attribution/{METHOD}": found[f"attribution/{METHOD}"]._replace(probability_change=change)}

    assert told(PlantedRun(), change=with_new_answers)[0] == (15, "prediction_moved", METHOD)


def test_what_is_not_finite():
    def broken(step, found):
        return found | {"attribution/saliency": Moved(0.75 if step >= 4 else 1.0), f"attribution/{METHOD}": Moved(NAN)}

    run = PlantedRun(metrics=lambda step: {"loss": np.inf if step >= 3 else 1.0, "val_loss": NAN if step >= 3 else 1.0})
    found = alarms_of(run, change=broken)
    assert [(alarm.step, alarm.kind, alarm.subject) for alarm in found] == [(3, "non_finite", "loss"), (4, "non_finite", "saliency")]
    assert found[0].text == "epoch 3: loss is not finite; likewise val_loss"
    assert found[1].text == "epoch 4: 25.0 % of the attributions by saliency are not finite"


def test_steps_without_shares_are_passed_over():
    run = PlantedRun(cells=(1,), share=lambda step: 0.5 if step >= 14 else None, watches=limited(at_most=0.3))
    lost = {5: np.full((3, 6), NAN), 6: np.zeros((3, 6)), 7: np.ones((3, 5)), 8: None}

    def holes(step, found):
        tag = f"importance/{METHOD}/table"
        found = {key: value for key, value in found.items() if key != tag or lost.get(step, value) is not None}
        return found | ({tag: lost[step], "watch/patient": np.full(2, NAN)} if lost.get(step) is not None else {})

    assert told(run, change=holes) == told(run) == [(14, "watch_above", "patient")]


def test_steps_that_are_not_explained_have_metrics_alone():
    run = PlantedRun(metrics=lambda step: {"loss": NAN if step == 21 else 1.0}, cells=(1,), share=lambda step: 0.5 if step >= 14 else None)
    sparse = told(run, change=lambda step, found: found if step % 2 == 0 or step == -1 else {"metric/loss": found["metric/loss"]})
    assert sparse == [(14, "share_jump", "patient_id"), (21, "non_finite", "loss")]


def test_no_rule_looks_ahead():
    run = PlantedRun(
        inputs=(TABLE, IMAGE),
        cells=(1, 6, 7),
        share=lambda step: (0.1, 0.5)[step >= 14 and step % 20 < 15],
        watches=limited(at_most=0.3),
        contrast=True,
        moved=lambda step: (20 * (step in {18, 19}), 0.0),
        health=lambda _, step: {"dead_fraction": 0.9 if step % 7 == 3 else 0.1},
        steps=40,
    )
    whole = alarms_of(run)
    assert len({alarm.kind for alarm in whole}) >= 4
    for steps in range(1, 40, 3):
        run.steps = steps
        assert alarms_of(run) == [alarm for alarm in whole if alarm.step < steps - 1]


def test_a_step_that_goes_back_is_refused():
    watch = RunWatch(PlantedRun().manifest(), name)
    watch.update(3, {})
    with pytest.raises(ValueError, match=r"step 2 comes after step 3; pass steps in increasing order"):
        watch.update(2, {})


def test_a_step_may_come_in_parts():
    """A metric at the end of an epoch, its explanation once it turns out to be the last."""
    run = PlantedRun(cells=(1,), metrics=lambda step: {"loss": NAN if step == 5 else 1.0}, watches=limited(at_most=0.01), steps=12)
    watch = RunWatch(run.manifest(), name)
    found = []
    for step in run.all_steps():
        whole = figures(run, step)
        for is_metric in (True, False):
            found += watch.update(step, {tag: values for tag, values in whole.items() if tag.startswith("metric/") == is_metric})
    assert found == alarms_of(run)
    assert {alarm.kind for alarm in found} >= {"non_finite", "watch_above"}


def test_the_step_is_called_as_the_clock_says():
    clock = Clock("epoch", np.arange(9, 12, dtype=np.int32), np.arange(9.0, 12.0))
    [alarm] = RunWatch(pb.Manifest(), clock.name).update(9, {"metric/loss": np.float64(NAN)})
    assert alarm.text == "start: loss is not finite"


def test_an_odd_manifest_gives_no_alarm_and_no_error():
    run = PlantedRun(cells=(1,), share=lambda step: 0.5 if step >= 14 else None, watches=limited(at_most=0.3))
    for spoil in ("regions", "inputs", "cells"):
        manifest = run.manifest()
        if spoil == "regions":
            for method in manifest.methods:
                del method.regions[:]
        if spoil == "inputs":
            del manifest.inputs[:]
        if spoil == "cells":
            manifest.inputs[0].cells[:] = [6, 6]
        watch = RunWatch(manifest, name)
        kinds = [alarm.kind for step in run.all_steps() for alarm in watch.update(step, figures(run, step))]
        assert kinds == (["watch_above", "share_jump"] if spoil == "cells" else ["watch_above"])


def test_alarms_are_json():
    run = PlantedRun(cells=(1,), share=lambda step: 0.5 if step >= 14 else None, metrics=lambda step: {"loss": NAN if step == 3 else 1.0})
    found = alarms_of(run)
    assert len(found) == 2
    json.dumps(json_util.Cleanse([alarm._asdict() for alarm in found]), allow_nan=False)


def test_it_is_imported_without_tensorflow_or_scipy():
    code = (
        "import sys, tb_explain_plugin.run_watch; print({m.partition('.')[0] for m in sys.modules} & {'tensorflow', 'keras', 'scipy'}); "
        "assert 'tensorboard.compat.tf' not in sys.modules"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.stdout.strip() == "set()", result.stderr
