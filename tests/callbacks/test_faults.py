"""From the first batch on, nothing of ours ends the training."""

from __future__ import annotations

import warnings

import keras
import numpy as np
import pytest

from tb_explain_plugin.callbacks import ActivationHistograms, AlarmWarning, Explain, IntegratedGradients
from tb_explain_plugin.callbacks import run as run_module
from tb_explain_plugin.callbacks.writer import EventWriter
from tests.callbacks import logs, models


class Fails(IntegratedGradients):
    """Fails from its second epoch on."""

    def compute(self, run, step):
        if step >= 1:
            raise RuntimeError("out of memory on purpose")
        return super().compute(run, step)


def test_a_fault_warns_once_and_training_goes_on(tmp_path):
    with pytest.warns(
        UserWarning,
        match="integrated_gradients failed and training goes on without it: RuntimeError: out of memory on purpose.*on_error='raise'",
    ) as caught:
        history = models.fit(models.classifier(), models.table(), [Fails(str(tmp_path), models.table(seed=1))], 5)
    assert len(history.epoch) == 5
    assert len(caught) == 1
    log = logs.read(tmp_path)
    assert logs.steps(log, "attribution/integrated_gradients") == [-1, 0]
    assert logs.steps(log, "metric/loss") == [0, 1, 2, 3, 4]


def test_a_fault_raises_if_told_to(tmp_path):
    with pytest.raises(RuntimeError, match="on purpose"):
        models.fit(models.classifier(), models.table(), [Fails(str(tmp_path), models.table(seed=1), on_error="raise")], 5)


def test_one_part_that_fails_leaves_the_others(tmp_path):
    explain = Explain(str(tmp_path), models.table(seed=1))
    explain._parts[0] = Fails(str(tmp_path), explain.probe)
    with pytest.warns(UserWarning, match="integrated_gradients failed"):
        models.fit(models.classifier(), models.table(), [explain], 4)
    log = logs.read(tmp_path)
    assert logs.steps(log, "attribution/integrated_gradients") == [-1, 0]
    assert logs.steps(log, "health/hidden") == logs.steps(log, "importance/gradient/table") == [-1, 0, 1, 2, 3]


def test_a_disk_that_fills_up(tmp_path, monkeypatch):
    written = EventWriter.write

    def full(self, step, summaries):
        if step >= 1:
            raise OSError(28, "No space left on device")
        written(self, step, summaries)

    monkeypatch.setattr(EventWriter, "write", full)
    with pytest.warns(UserWarning, match="No space left on device"):
        history = models.fit(models.classifier(), models.table(), [Explain(str(tmp_path), models.table(seed=1))], 4)
    assert len(history.epoch) == 4


def test_a_fault_at_the_start_stops_before_the_first_batch(tmp_path):
    class Broken(ActivationHistograms):
        def compute(self, run, step):
            raise RuntimeError("never worked")

    with pytest.raises(RuntimeError, match="never worked"):
        models.fit(models.classifier(), models.table(), [Broken(str(tmp_path), models.table(seed=1))], 2)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_model_that_turns_to_nan_is_logged_to_the_end(tmp_path, value):
    class Poison(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                self.model.layers[2].kernel.assign(np.full((5, 3), value))

    explain = Explain(str(tmp_path), models.table(seed=1), on_error="raise")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", AlarmWarning)
        history = models.fit(models.classifier(), models.table(), [explain, Poison()], 4)
    told = [str(w.message) for w in caught]
    assert any("epoch 2: 100.0 % of the attributions by integrated_gradients are not finite" in text for text in told)
    assert len(told) < 10
    assert len(history.epoch) == 4
    log = logs.read(tmp_path)
    assert np.isnan(log["attribution/integrated_gradients"][3]["values:table"]).all()
    assert log["health/head"][3][-1] == 1.0  # non-finite fraction
    assert np.isfinite(log["attribution/integrated_gradients"][1]["values:table"]).all()


def test_a_killed_process_leaves_every_finished_step(tmp_path):
    """The file is whole after each epoch, cut it where you will after that."""
    sizes = []

    class Watch(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            (file,) = (tmp_path / "log" / "explain").iterdir()
            sizes.append(file.stat().st_size)

    models.fit(models.classifier(), models.table(), [ActivationHistograms(str(tmp_path / "log"), models.table(seed=1)), Watch()], 3)
    (file,) = (tmp_path / "log" / "explain").iterdir()
    content = file.read_bytes()
    for epoch, size in enumerate(sizes):
        for cut in (size, size + 7):
            target = tmp_path / f"cut{cut}" / "explain"
            target.mkdir(parents=True)
            (target / file.name).write_bytes(content[:cut])
            assert logs.steps(logs.read(target.parent), "health/hidden") == list(range(-1, epoch + 1))


@pytest.mark.parametrize("method", ["flush", "close"])
def test_a_disk_that_fills_up_at_other_moments(tmp_path, monkeypatch, method):
    """At an epoch that only has its metrics written, and when the file is closed."""

    def full(self):
        raise OSError(28, "No space left on device")

    class Fill(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                monkeypatch.setattr(EventWriter, method, full)

    with pytest.warns(UserWarning, match="No space left on device"):
        history = models.fit(models.classifier(), models.table(), [Explain(str(tmp_path), models.table(seed=1), every=5), Fill()], 8)
    assert len(history.epoch) == 8
    monkeypatch.undo()
    assert str(tmp_path) not in run_module._runs


def test_a_schedule_that_fails(tmp_path):
    with pytest.warns(UserWarning, match="explaining failed and training goes on without it: ZeroDivisionError"):
        history = models.fit(
            models.classifier(), models.table(), [Explain(str(tmp_path), models.table(seed=1), every=lambda epoch: 1 / (epoch - 2))], 5
        )
    assert len(history.epoch) == 5
