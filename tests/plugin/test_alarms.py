import json

import numpy as np
import pytest
from tensorboard.backend import json_util

from tb_explain_plugin import alarms, metadata, summary
from tb_explain_plugin.index import read_index
from tests.event_files import EventFile
from tests.plugin.conftest import open_log

HEALTHY = dict.fromkeys(metadata.HEALTH_FIELDS, 0.1) | {"non_finite_fraction": 0.0}


def health(layer, **figures):
    values = HEALTHY | figures
    return summary.series(metadata.create_tag("health", layer), np.array([values[name] for name in metadata.HEALTH_FIELDS], np.float32))


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
        yield alarms.alarms_of_run(opened.log, "explain", read_index(opened.log).runs["explain"])


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
        assert alarms.alarms_of_run(opened.log, "explain", read_index(opened.log).runs["explain"]) == []
