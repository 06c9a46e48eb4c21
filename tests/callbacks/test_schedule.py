"""Which steps are explained, what they may cost, and what a restart leaves."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tb_explain_plugin import metadata
from tb_explain_plugin.callbacks import ActivationHistograms, IntegratedGradients, Probe, base, every_batches
from tests.callbacks import logs, models


def callback(directory, **options):
    return ActivationHistograms(str(directory), models.table(seed=1), on_error="raise", **options)


def explained(directory):
    return logs.steps(logs.read(directory), "health/hidden")


@pytest.mark.parametrize(
    ("every", "epochs", "expected"),
    [
        (None, 4, [-1, 0, 1, 2, 3]),
        (3, 8, [-1, 0, 3, 6, 7]),
        (lambda epoch: epoch in (2, 5), 8, [-1, 0, 2, 5, 7]),
        (100, 3, [-1, 0, 2]),
    ],
)
def test_every(tmp_path, every, epochs, expected):
    models.fit(models.classifier(), models.table(), [callback(tmp_path, every=every)], epochs)
    assert explained(tmp_path) == expected
    assert logs.steps(logs.read(tmp_path), "metric/loss") == list(range(epochs))


def test_a_long_run_explains_two_hundred_epochs(tmp_path):
    models.fit(models.classifier(), models.table(40), [callback(tmp_path, layers=["head"])], 450)
    steps = logs.steps(logs.read(tmp_path), "health/head")
    assert len(steps) <= 200
    assert steps[:3] == [-1, 0, 3]
    assert steps[-1] == 449


class Clock:
    """Time that goes on only when told."""

    def __init__(self):
        self.now = 0.0

    def perf_counter(self):
        return self.now


class Costly(ActivationHistograms):
    """Explaining that takes 40 seconds a step, beside epochs of 100."""

    def compute(self, run, step):
        CLOCK.now += 40
        return super().compute(run, step)


class Epochs(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        CLOCK.now += 100 / 3


CLOCK = Clock()


def test_the_budget_thins_the_schedule_once_a_minute_is_spent(tmp_path, monkeypatch):
    monkeypatch.setattr(base.time, "perf_counter", CLOCK.perf_counter)
    with pytest.warns(UserWarning, match=r"explaining has taken .* over its budget of 10%: epochs are left out from step") as caught:
        models.fit(models.classifier(), models.table(), [Costly(str(tmp_path), models.table(seed=1), on_error="raise"), Epochs()], 40)
    assert len([w for w in caught if "budget" in str(w.message)]) == 1
    log = logs.read(tmp_path)
    steps = logs.steps(log, "health/hidden")
    assert steps[:2] == [-1, 0]  # the first minute is free: the start took 40 s of it
    assert 1 not in steps
    assert steps[-1] == 39
    # within the budget, but for the one step that crossed it and the last one, which is always explained
    assert len(steps) - 1 <= 0.1 * 40 * 100 / 40 + 2
    assert log["clock/overhead"][39] == pytest.approx((len(steps) - 1) * 40 / 4000, rel=0.01)


def test_without_a_budget_nothing_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(base.time, "perf_counter", CLOCK.perf_counter)
    models.fit(models.classifier(), models.table(), [Costly(str(tmp_path), models.table(seed=1), budget=None), Epochs()], 6)
    assert explained(tmp_path) == [-1, 0, 1, 2, 3, 4, 5]


class StopAfter(keras.callbacks.Callback):
    def __init__(self, last):
        super().__init__()
        self.last = last

    def on_epoch_end(self, epoch, logs=None):
        self.model.stop_training = epoch == self.last


@pytest.mark.parametrize("first", [True, False])
def test_the_last_epoch_of_a_stopped_training_is_explained(tmp_path, first):
    pair = [callback(tmp_path, every=5), StopAfter(3)]
    models.fit(models.classifier(), models.table(), pair if first else pair[::-1], 20)
    assert explained(tmp_path) == [-1, 0, 3]


def test_restored_weights_are_no_epochs(tmp_path):
    """Best weights that come back after the end belong to no epoch's step."""

    class Restore(keras.callbacks.Callback):
        def on_train_end(self, logs=None):
            self.model.set_weights([w * 0 for w in self.model.get_weights()])

    models.fit(models.classifier(), models.table(), [Restore(), callback(tmp_path, every=5), StopAfter(3)], 20)
    assert explained(tmp_path) == [-1, 0]


def test_a_second_fit_goes_on(tmp_path):
    model, again = models.classifier(), callback(tmp_path)
    models.fit(model, models.table(), [again], 3)
    with pytest.warns(UserWarning, match="goes on after an earlier fit.*epoch 0 is logged as step 3"):
        models.fit(model, models.table(), [again], 2)
    assert explained(tmp_path) == [-1, 0, 1, 2, 3, 4]
    model.fit(*models.table(), initial_epoch=5, epochs=7, verbose=0, callbacks=[again])
    assert explained(tmp_path) == [-1, 0, 1, 2, 3, 4, 5, 6]


def test_a_new_callback_in_a_used_directory_warns_and_supersedes(tmp_path):
    models.fit(models.classifier(), models.table(), [callback(tmp_path)], 4)
    with pytest.warns(UserWarning, match="holds explanations already; its steps from -1 on are superseded"):
        models.fit(models.classifier(seed=9), models.table(), [callback(tmp_path)], 2)
    assert explained(tmp_path) == [-1, 0, 1]


def test_a_resumed_run_has_neither_gap_nor_duplicate(tmp_path):
    """BackupAndRestore: a process dies in epoch 3; the next one goes on from its backup."""

    class Dies(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 3:
                raise KeyboardInterrupt

    def train(*extra):
        log, backup = callback(tmp_path / "log"), keras.callbacks.BackupAndRestore(tmp_path / "backup")
        models.fit(models.classifier(), models.table(), [log, backup, *extra], 6)

    with pytest.raises(KeyboardInterrupt):
        train(Dies())
    assert explained(tmp_path / "log") == [-1, 0, 1, 2]
    with pytest.warns(UserWarning, match="its steps from 2 on are superseded by this run, earlier ones stay"):
        train()
    assert explained(tmp_path / "log") == [-1, 0, 1, 2, 3, 4, 5]
    assert logs.steps(logs.read(tmp_path / "log"), "metric/loss") == [0, 1, 2, 3, 4, 5]


def test_a_fit_after_an_interrupted_one_begins_anew(tmp_path):
    class Interrupts(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise KeyboardInterrupt

    log = callback(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        models.fit(models.classifier(), models.table(), [log, Interrupts()], 2)
    with pytest.warns(UserWarning, match="goes on after an earlier fit"):
        models.fit(models.classifier(), models.table(), [log], 2)
    assert explained(tmp_path) == [-1, 0, 1, 2]


def test_fine_tuning_starts_where_it_starts(tmp_path):
    models.classifier().fit(*models.table(), initial_epoch=10, epochs=12, verbose=0, callbacks=[callback(tmp_path)])
    assert explained(tmp_path) == [9, 10, 11]


def test_histograms_keep_their_edges_until_values_leave_them(tmp_path):
    models.fit(models.classifier(), models.table(), [callback(tmp_path)], 20)
    widths = np.array([v[1] for _, v in sorted(logs.read(tmp_path)["activation/hidden"].items())])
    assert (np.diff(widths) >= 0).all()


def test_a_corrected_callback_works_after_a_refused_one(tmp_path):
    model = models.classifier()
    with pytest.raises(ValueError, match="the model has no layers"):
        models.fit(model, models.table(), [callback(tmp_path, layers=["hiden"])], 1)
    models.fit(model, models.table(), [callback(tmp_path, layers=["hidden"])], 1)
    assert explained(tmp_path) == [-1, 0]


def test_a_fit_that_another_callback_refused_leaves_nothing_behind(tmp_path):
    class Refuses(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            raise RuntimeError("refused")

    model = models.classifier()
    with pytest.raises(RuntimeError, match="refused"):
        models.fit(model, models.table(), [callback(tmp_path), Refuses()], 1)
    models.fit(model, models.table(), [callback(tmp_path)], 2)
    assert logs.steps(logs.read(tmp_path), "clock/epoch") == [-1, 0, 1]


@pytest.mark.parametrize("periods", [(5, 5), (1, 5)])
def test_two_callbacks_and_a_late_stop_log_the_clock_once(tmp_path, periods):
    probe = Probe(*models.table(seed=1))
    pair = [
        ActivationHistograms(str(tmp_path), probe, every=periods[0], on_error="raise"),
        IntegratedGradients(str(tmp_path), probe, every=periods[1], on_error="raise"),
    ]
    models.fit(models.classifier(), models.table(), [*pair, StopAfter(3)], 20)
    log = logs.read(tmp_path)  # which fails for a step that is there twice
    assert logs.steps(log, "attribution/integrated_gradients") == [-1, 0, 3]
    assert logs.steps(log, "clock/epoch")[-1] == 3


def test_metrics_of_unexplained_epochs_survive_an_interruption(tmp_path):
    class Interrupts(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 8:
                raise KeyboardInterrupt

    log, model = callback(tmp_path, every=5), models.classifier()
    with pytest.raises(KeyboardInterrupt):
        models.fit(model, models.table(), [log, Interrupts()], 20)
    with pytest.warns(UserWarning, match="epoch 0 is logged as step 9"):
        models.fit(model, models.table(), [log], 2)
    assert logs.steps(logs.read(tmp_path), "metric/loss") == list(range(11))


@pytest.mark.filterwarnings("ignore::tb_explain_plugin.callbacks.AlarmWarning")
def test_a_model_of_nan_is_explained_when_it_is_stopped(tmp_path):
    class Poison(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.model.layers[2].kernel.assign(np.full((5, 3), np.nan))

    models.fit(models.classifier(), models.table(), [callback(tmp_path, every=5), Poison(), StopAfter(3)], 20)
    assert explained(tmp_path) == [-1, 0, 3]


def test_one_fit_after_another_keeps_the_reference(tmp_path):
    log, model = callback(tmp_path), models.classifier()
    models.fit(model, models.table(), [log], 1)
    with pytest.warns(UserWarning, match="goes on after an earlier fit"):
        models.fit(model, models.table(), [log], 1)
    health = {s: dict(zip(metadata.HEALTH_FIELDS, v, strict=True)) for s, v in logs.read(tmp_path)["health/hidden"].items()}
    assert health[1]["distribution_shift"] > 0
    assert health[1]["update_ratio"] > 0


def test_layers_may_be_frozen_and_freed_on_the_way(tmp_path):
    class Freezes(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.model.layers[0].trainable = epoch % 2 == 0

    models.fit(models.classifier(), models.table(), [callback(tmp_path), Freezes()], 4)
    log = logs.read(tmp_path)
    assert logs.steps(log, "weight/hidden") == logs.steps(log, "gradient/head") == [-1, 0, 1, 2, 3]


def test_the_budget_is_that_of_all_callbacks(tmp_path, monkeypatch):
    monkeypatch.setattr(base.time, "perf_counter", CLOCK.perf_counter)

    class CostlyGradients(IntegratedGradients):
        def compute(self, run, step):
            CLOCK.now += 40
            return super().compute(run, step)

    probe = Probe(*models.table(seed=1))
    pair = [Costly(str(tmp_path), probe, on_error="raise"), CostlyGradients(str(tmp_path), probe, on_error="raise")]
    with pytest.warns(UserWarning, match="over its budget"):
        models.fit(models.classifier(), models.table(), [*pair, Epochs()], 60)
    log = logs.read(tmp_path)
    assert log["clock/overhead"][59] <= 0.1 + 2 * 80 / 6000
    assert log["clock/explain_seconds"][-1] == 80


BATCHES = 12
"""A fit of ninety-six samples in batches of eight."""


def train_in_batches(directory, callbacks, epochs=2, **options):
    x, y = models.table(96)
    return models.fit(models.classifier(), (x, y), callbacks, epochs, batch_size=8, **options)


def test_every_batches_steps_are_iterations(tmp_path):
    train_in_batches(tmp_path, [callback(tmp_path, every=every_batches(5))])
    log = logs.read(tmp_path)
    assert logs.manifest(log).step_unit == "iteration"
    assert logs.steps(log, "health/hidden") == [0, 5, 10, 15, 20, 24]
    assert logs.steps(log, "metric/loss") == [5, 10, 12, 15, 20, 24]
    expected = {0: -1, 5: 5 / 12 - 1, 10: 10 / 12 - 1, 12: 0, 15: 3 / 12, 20: 8 / 12, 24: 1}
    assert log["clock/epoch"] == pytest.approx(expected)


@pytest.mark.filterwarnings("ignore:Your input ran out of data")  # which Keras says at the end of any such epoch
def test_every_batches_of_a_dataset_of_unknown_length(tmp_path):
    """The steps of the first epoch are dated at its end."""

    def batches():
        x, y = models.table(96)
        yield from ((x[k : k + 8], y[k : k + 8]) for k in range(0, 96, 8))

    x, y = models.table(8)
    spec = (tf.TensorSpec((None, *x.shape[1:]), x.dtype), tf.TensorSpec((None, *y.shape[1:]), y.dtype))
    dataset = tf.data.Dataset.from_generator(batches, output_signature=spec)
    models.classifier().fit(dataset, epochs=2, verbose=0, shuffle=False, callbacks=[callback(tmp_path, every=every_batches(5))])
    log = logs.read(tmp_path)
    assert log["clock/epoch"] == pytest.approx({0: -1, 5: 5 / 12 - 1, 10: 10 / 12 - 1, 12: 0, 15: 3 / 12, 20: 8 / 12, 24: 1})


def test_every_batches_goes_on_in_a_second_fit(tmp_path):
    model, explain = models.classifier(), callback(tmp_path, every=every_batches(5))
    for _ in range(2):
        models.fit(model, models.table(96), [explain], 1, batch_size=8)
    log = logs.read(tmp_path)
    assert logs.steps(log, "health/hidden") == [0, 5, 10, 12, 15, 20, 24]
    assert log["clock/epoch"][24] == 1
    model.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.warns(UserWarning, match="iteration 1 is logged as step 25"):
        models.fit(model, models.table(96), [explain], 1, batch_size=8)
    assert logs.steps(logs.read(tmp_path), "health/hidden") == [0, 5, 10, 12, 15, 20, 24, 25, 30, 35, 36]


def test_every_batches_with_several_steps_an_execution(tmp_path):
    model = models.classifier()
    model.compile("sgd", "sparse_categorical_crossentropy", steps_per_execution=4)
    models.fit(model, models.table(96), [callback(tmp_path, every=every_batches(5))], 1, batch_size=8)
    assert logs.steps(logs.read(tmp_path), "health/hidden") == [0, 8, 12]


def test_callbacks_of_one_run_may_have_schedules_of_their_own(tmp_path):
    explain = IntegratedGradients(str(tmp_path), (probe := Probe(*models.table(seed=1))), every=every_batches(8), on_error="raise")
    histograms = ActivationHistograms(str(tmp_path), probe, every=every_batches(4), on_error="raise")
    train_in_batches(tmp_path, [explain, histograms], 1)
    log = logs.read(tmp_path)
    assert logs.steps(log, "health/hidden") == [0, 4, 8, 12]
    assert logs.steps(log, "attribution/integrated_gradients") == [0, 8, 12]
    assert list(log["clock/overhead"]) == [0, 4, 8, 12]


def test_one_run_has_one_unit_of_steps(tmp_path):
    parts = [callback(tmp_path), callback(tmp_path, every=every_batches(5))]
    with pytest.raises(ValueError, match="the steps of a run have one unit"):
        train_in_batches(tmp_path, parts)


@pytest.mark.parametrize("batches", [0, -3, 2.5, True, None])
def test_every_batches_takes_whole_numbers(batches):
    with pytest.raises(ValueError, match="expected a whole number of batches, at least 1"):
        every_batches(batches)


def test_without_every_batches_no_hook_slows_the_batches(tmp_path):
    assert keras.src.utils.python_utils.is_default(callback(tmp_path).on_train_batch_end)
