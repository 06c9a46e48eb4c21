"""What moves while a model trains: Keras' logs, TensorBoard's curves, watches, trust and alarms."""

from __future__ import annotations

import warnings

import keras
import numpy as np
import pytest
from scipy.stats import spearmanr

from tb_explain_plugin import drift
from tb_explain_plugin.callbacks import AlarmWarning, Explain, IntegratedGradients, Probe, Watch
from tb_explain_plugin.callbacks.explainers import deletion_gap, integrated_gradients, smooth_grad
from tests.callbacks import logs, models

NAMES = [f"column_{k}" for k in range(6)]


def probe(samples=24, seed=1):
    return Probe(*models.table(samples, seed=seed), feature_names=NAMES)


def values(log, step):
    return log["attribution/integrated_gradients"][step]["values:table"]


def frames(log):
    return {step: values(log, step) for step in logs.steps(log, "attribution/integrated_gradients")}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run of all that Explain can follow: its directory, log, curves, history and model."""
    directory = tmp_path_factory.mktemp("run")
    model = models.classifier()
    explain = Explain(
        str(directory),
        probe(),
        watch={"first": "column_0", "rest": ["column_3", "column_4", 5]},
        training_probe=models.table(40),
        deletion_every=2,
        permutation_every=2,
        on_error="raise",
    )
    history = models.fit(model, models.table(), [explain], 4)
    return directory, logs.read(directory), logs.read_scalars(directory), history.history, model


def test_figures_are_those_of_the_logged_frames(trained):
    _, log, curves, _, _ = trained
    explained = frames(log)
    for step in range(4):
        now, before, start = explained[step], explained[step - 1], explained[-1]
        assert curves["explain/share_shift"][step] == pytest.approx(drift.share_shift(now, before).value, rel=1e-6)
        assert curves["explain/share_shift_from_start"][step] == pytest.approx(drift.share_shift(now, start).value, rel=1e-6)
        assert curves["explain/local_drift"][step] == pytest.approx(np.median(drift.local_drift(now, before)), rel=1e-5)
        assert curves["explain/effective_features"][step] == pytest.approx(drift.effective_features(drift.shares(now)), rel=1e-5)
        errors = log["attribution/integrated_gradients"][step]["completeness_error"]
        assert curves["explain/completeness_error_p95"][step] == pytest.approx(np.quantile(errors, 0.95), rel=1e-5)
        assert curves["explain/completeness_error_p50"][step] == pytest.approx(np.median(errors), rel=1e-5)
    assert sorted(curves["explain/share_shift"]) == [0, 1, 2, 3]
    assert sorted(curves["explain/effective_features"]) == [-1, 0, 1, 2, 3]


def test_keras_sees_them(trained):
    _, log, curves, history, _ = trained
    np.testing.assert_allclose(history["explain_share_shift"], [curves["explain/share_shift"][step] for step in range(4)], rtol=1e-6)
    np.testing.assert_allclose(history["explain_first"], [log["watch/first"][step][0] for step in range(4)], rtol=1e-6)
    assert not [tag for tag in log if tag.startswith("metric/explain")]


def test_watched_shares(trained):
    _, log, curves, _, _ = trained
    for step, now in frames(log).items():
        share, error = drift.shares(now), drift.share_errors(now)
        assert log["watch/first"][step] == pytest.approx([share[0], error[0]], rel=2e-3)
        assert log["watch/rest"][step][0] == pytest.approx(share[3:].sum(), rel=2e-3)
        assert curves["explain/first"][step] == pytest.approx(share[0], rel=2e-3)
    contents = logs.manifest(log)
    x = probe().inputs
    contrast = np.abs(x - x.mean(axis=0)).sum(axis=0)
    contrast /= contrast.sum()
    assert [(w.name, w.input, list(w.cells)) for w in contents.watches] == [("first", "table", [0]), ("rest", "table", [3, 4, 5])]
    assert [w.contrast for w in contents.watches] == pytest.approx([contrast[0], contrast[3:].sum()], rel=1e-5)
    assert np.isnan([limit for w in contents.watches for limit in (w.at_most, w.at_least)]).all()
    regions = {m.name: m.regions[0].contrast for m in contents.methods}
    np.testing.assert_allclose(regions["integrated_gradients"], contrast, rtol=1e-5)
    assert not regions["gradient"]


def test_trust_is_measured_every_so_often(trained):
    _, log, curves, _, model = trained
    assert logs.steps(log, "trust/deletion_gap/integrated_gradients") == logs.steps(log, "trust/agreement/integrated_gradients")
    assert logs.steps(log, "trust/deletion_gap/integrated_gradients") == [-1, 1, 3]
    samples = probe()
    gap = deletion_gap(model, samples.inputs, samples.targets)
    assert log["trust/deletion_gap/integrated_gradients"][3] == pytest.approx([gap.mean, gap.standard_error], rel=1e-4)
    assert curves["explain/deletion_gap"][3] == pytest.approx(gap.mean, rel=1e-4)
    own, permuted = (log[f"importance/{method}/table"][3][0] for method in ("integrated_gradients", "permutation"))
    assert log["trust/agreement/integrated_gradients"][3] == pytest.approx(spearmanr(own, permuted).statistic)


def test_a_sensitivity_is_deleted_by_magnitude(tmp_path):
    """SmoothGrad has signs, but they do not speak for or against."""
    model = models.classifier()
    models.fit(model, models.table(), [Explain(str(tmp_path), probe(), methods=["smooth_grad"], on_error="raise")], 1)
    samples = probe()
    smooth = smooth_grad(model, samples.inputs, samples.targets)
    gap = deletion_gap(model, samples.inputs, samples.targets, smooth, signed=False)
    assert logs.read(tmp_path)["trust/deletion_gap/smooth_grad"][0] == pytest.approx([gap.mean, gap.standard_error], rel=1e-3)


def test_training_samples_beside_the_probe(trained):
    """From one baseline, the probe's."""
    _, log, _, _, model = trained
    assert logs.manifest(log).training_samples == 40
    samples, (x, y) = probe(), models.table(40)
    attribution = integrated_gradients(model, x, y, baseline=samples.inputs.mean(axis=0))
    np.testing.assert_allclose(log["training/integrated_gradients/table"][3][0], np.abs(attribution.values).mean(axis=0), rtol=1e-4)
    gap = drift.share_gap(attribution.values, integrated_gradients(model, samples.inputs, samples.targets).values)
    assert log["trust/training_gap/integrated_gradients"][3] == pytest.approx(gap, rel=1e-3)


def test_share_gap_against_a_bootstrap():
    generator = np.random.default_rng(0)
    values = generator.gamma(2, size=(300, 5)) * [1, 2, 3, 4, 5]
    others = generator.gamma(2, size=(200, 5)) * [3, 2, 3, 4, 2]
    gap = drift.share_gap(values, others)
    s, t = (side.mean(0) / side.mean(0).sum() for side in (values, others))
    assert gap.value == pytest.approx(0.5 * np.abs(s - t).sum())
    drawn = []
    for _ in range(2000):
        a, b = (side[generator.integers(0, len(side), len(side))].mean(0) for side in (values, others))
        drawn.append(0.5 * np.abs(a / a.sum() - b / b.sum()).sum())
    assert gap.standard_error == pytest.approx(np.std(drawn), rel=0.1)
    assert np.isnan(drift.share_gap(values[:1], others).standard_error)
    assert np.isnan(drift.share_gap(values * 0, others).value)


def test_the_last_value_is_carried(tmp_path):
    explain = Explain(str(tmp_path), probe(), every=3, on_error="raise")
    history = models.fit(models.classifier(), models.table(), [explain], 7).history["explain_share_shift"]
    curve = logs.read_scalars(tmp_path)["explain/share_shift"]
    assert sorted(curve) == [0, 3, 6]
    np.testing.assert_allclose(history, [curve[step] for step in (0, 0, 0, 3, 3, 3, 6)], rtol=1e-6)


def test_later_callbacks_may_monitor(tmp_path):
    class Settles(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                self.model.optimizer.learning_rate = 0.0

    explain = Explain(str(tmp_path), probe(), on_error="raise")
    stop = keras.callbacks.EarlyStopping(monitor="explain_share_shift", patience=1, mode="min")
    keep = keras.callbacks.ModelCheckpoint(tmp_path / "best.keras", monitor="explain_share_shift", mode="min", save_best_only=True)
    history = models.fit(models.classifier(), models.table(), [Settles(), explain, stop, keep], 9)
    shifts = history.history["explain_share_shift"]
    assert shifts[2:] == [0, 0]
    assert len(shifts) == 4
    assert (tmp_path / "best.keras").exists()


@pytest.mark.parametrize("callback", [IntegratedGradients, Explain])
def test_earlier_callbacks_that_monitor_are_told_before_the_first_batch(tmp_path, callback):
    model = models.classifier()
    before = model.get_weights()
    stop = keras.callbacks.EarlyStopping(monitor="explain_share_shift", mode="min")
    with pytest.raises(ValueError, match=f"EarlyStopping monitors 'explain_share_shift' but stands before {callback.__name__}.*first"):
        models.fit(model, models.table(), [stop, callback(str(tmp_path), probe())])
    for a, b in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_monitor_that_nothing_logs(tmp_path):
    stop = keras.callbacks.EarlyStopping(monitor="explain_share_shifts", mode="min")
    with pytest.raises(ValueError, match=r"'explain_share_shifts', which nothing logs; Explain logs \['explain_share_shift'\]"):
        models.fit(models.classifier(), models.table(), [Explain(str(tmp_path), probe()), stop])


def test_a_second_fit_goes_on_from_the_first(tmp_path):
    model, explain = models.classifier(), Explain(str(tmp_path), probe(), on_error="raise")
    models.fit(model, models.table(), [explain], 2)
    with pytest.warns(UserWarning, match="goes on after an earlier fit"):
        models.fit(model, models.table(), [explain], 2)
    explained = frames(logs.read(tmp_path))
    assert sorted(explained) == [-1, 0, 1, 2, 3]
    curve = logs.read_scalars(tmp_path)["explain/share_shift"]
    assert curve[2] == pytest.approx(drift.share_shift(explained[2], explained[1]).value, rel=1e-6)


def test_what_fails_in_following_leaves_the_log_whole(tmp_path, monkeypatch):
    def fails(self, step):
        raise RuntimeError(f"no alarms at {step}")

    explain = Explain(str(tmp_path), probe())
    monkeypatch.setattr(type(explain.drift), "agreement", lambda *_: {})
    sizes = []

    class Looks(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 0:
                monkeypatch.setattr(type(explain.drift), "end_step", fails)
            sizes.append(sum(file.stat().st_size for file in (tmp_path / "explain").iterdir()))

    with pytest.warns(UserWarning, match="RuntimeError: no alarms at 1") as caught:
        models.fit(models.classifier(), models.table(), [explain, Looks()], 4)
    assert len([w for w in caught if w.category is UserWarning]) == 1
    assert sizes[0] < sizes[1] < sizes[2] < sizes[3]
    assert logs.steps(logs.read(tmp_path), "clock/explain_seconds") == [-1, 0, 1, 2, 3]


class Breaks(keras.callbacks.Callback):
    """Puts NaN into a weight after an epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 2:
            kernel, bias = self.model.get_layer("hidden").get_weights()
            kernel[0, 0] = np.nan
            self.model.get_layer("hidden").set_weights([kernel, bias])


def test_alarms_warn_once_and_call(tmp_path):
    told = []
    explain = Explain(
        str(tmp_path), probe(), watch=[Watch("first", features="column_0", at_most=0.01)], on_alarm=told.append, on_error="raise"
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        models.fit(models.classifier(), models.table(), [Breaks(), explain], 4)
    warned = [str(w.message) for w in caught if w.category is AlarmWarning]
    assert warned == [alarm.text for alarm in told]
    assert len(set(warned)) == len(warned)
    kinds = {(alarm.kind, alarm.subject) for alarm in told}
    assert ("watch_above", "first") in kinds
    assert ("non_finite", "integrated_gradients") in kinds
    first = next(alarm for alarm in told if alarm.kind == "non_finite")
    assert first.step == 2
    assert first.text.startswith("epoch 2: ")


def test_what_is_called_with_alarms_may_fail(tmp_path):
    def fails(alarm):
        raise RuntimeError(f"no network for {alarm.kind}")

    explain = Explain(str(tmp_path), probe(), watch=[Watch("first", features="column_0", at_most=0.01)], on_alarm=fails)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        history = models.fit(models.classifier(), models.table(), [Breaks(), explain], 4)
    assert len(history.epoch) == 4
    faults = [str(w.message) for w in caught if w.category is UserWarning]
    assert len(faults) == 1
    assert "on_alarm failed and training goes on without it: RuntimeError: no network" in faults[0]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"watch": "column_9"}, ValueError, "did you mean"),
        ({"watch": {"share_shift": "column_0"}}, ValueError, "as other curves of explanations are"),
        ({"watch": "column_0", "methods": []}, ValueError, "methods has none"),
        ({"deletion_every": 0}, ValueError, "deletion_every is 0; expected a whole number of at least 1, or None"),
        ({"on_alarm": "print"}, TypeError, "on_alarm is 'print'; expected a callable"),
        ({"training_probe": models.table(30, features=5)}, ValueError, "shape"),
    ],
)
def test_bad_options(tmp_path, options, error, message):
    with pytest.raises(error, match=message):
        models.fit(models.classifier(), models.table(), [Explain(str(tmp_path), probe(), **options)])


def test_watches_of_a_method_without_a_baseline(tmp_path):
    explain = Explain(str(tmp_path), probe(), methods=["saliency"], watch="column_0", training_probe=models.table(30), on_error="raise")
    models.fit(models.classifier(), models.table(), [explain], 1)
    log = logs.read(tmp_path)
    assert np.isnan(logs.manifest(log).watches[0].contrast)
    assert logs.steps(log, "training/saliency/table") == [-1, 0]


class Fails(IntegratedGradients):
    """Fails from its second epoch on."""

    def compute(self, run, step):
        if step >= 1:
            raise RuntimeError("on purpose")
        return super().compute(run, step)


def test_a_method_that_fails_is_told_of_once(tmp_path):
    """What builds on it is silent; Keras goes on with the last values."""
    explain = Explain(str(tmp_path), probe(), watch="column_0", training_probe=models.table(30), deletion_every=1)
    explain._parts[0] = Fails(str(tmp_path), explain.probe)
    with pytest.warns(UserWarning, match="integrated_gradients failed") as caught:
        history = models.fit(models.classifier(), models.table(), [explain], 3).history
    assert len([w for w in caught if w.category is UserWarning]) == 1
    assert len(set(history["explain_share_shift"])) == len(set(history["explain_column_0"])) == 1
    assert np.isfinite(history["explain_share_shift"]).all()
    log = logs.read(tmp_path)
    assert logs.steps(log, "watch/column_0") == logs.steps(log, "training/integrated_gradients/table") == [-1, 0]
