"""Methods that answer at some of the explained steps: what is logged when, and what follows them."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from tb_explain_plugin.callbacks import Explain, Probe
from tb_explain_plugin.callbacks.explainers import kernel_shap
from tests.callbacks import logs, models

FEW = functools.partial(kernel_shap, samples=64)


@pytest.fixture(scope="module")
def beside(tmp_path_factory):
    """A run led by integrated gradients, Kernel SHAP at each third step beside it: its log, Keras' logs and the model."""
    return explained(tmp_path_factory.mktemp("beside"), [FEW, "integrated_gradients"])


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """A run that only Kernel SHAP explains."""
    return explained(tmp_path_factory.mktemp("alone"), [FEW])


def explained(directory, methods):
    model, data = models.classifier(), models.table()
    explain = Explain(
        str(directory),
        Probe(*models.table(24, seed=1), feature_names=list("abcdef")),
        methods=methods,
        method_every={"kernel_shap": 3},
        watch={"first two": ["a", "b"]},
        training_probe=tuple(v[:24] for v in data),
        deletion_every=2,
        on_error="raise",
    )
    history = models.fit(model, data, [explain], 8)
    return logs.read(directory), history.history, model


DUE = [-1, 2, 5, 7]
"""Of the steps −1 … 7: the first, each third after it, and the last."""


def test_it_answers_at_the_first_each_third_and_the_last_step(beside, alone):
    for log, *_ in (beside, alone):
        assert sorted(log["attribution/kernel_shap"]) == DUE
        assert sorted(log["importance/kernel_shap/table"]) == DUE
    assert sorted(beside[0]["attribution/integrated_gradients"]) == list(range(-1, 8))


def test_its_last_answer_is_of_the_trained_model(beside):
    log, _, model = beside
    expected = FEW(model, *models.table(24, seed=1)).values
    np.testing.assert_allclose(log["attribution/kernel_shap"][7]["values:table"], expected, rtol=2e-3, atol=1e-3)


def test_the_method_that_answers_most_often_leads(beside):
    """Though it was named second: drift, watches and the gap to the training samples follow it at every step."""
    log, history, _ = beside
    assert sorted(log["watch/first%20two"]) == list(range(-1, 8))
    assert "training/integrated_gradients/table" in log
    assert "training/kernel_shap/table" not in log
    assert np.isfinite(history["explain_share_shift"][1:]).all()


def test_what_follows_a_sparse_leader_is_logged_where_it_answers(alone):
    log, history, _ = alone
    assert sorted(log["watch/first%20two"]) == DUE
    assert sorted(log["training/kernel_shap/table"]) == DUE
    shifts = history["explain_share_shift"]
    assert len(shifts) == 8
    assert np.isfinite(np.array(shifts)[[2, 5, 7]]).all()


def test_deletion_gaps_are_of_the_steps_that_both_are_due_at(beside, alone):
    """Gaps are due at every second step, the first and the last; a method has one where it has answered."""
    assert sorted(beside[0]["trust/deletion_gap/integrated_gradients"]) == [-1, 1, 3, 5, 7]
    for log, *_ in (beside, alone):
        assert sorted(log["trust/deletion_gap/kernel_shap"]) == [-1, 5, 7]


def test_a_background_is_named_in_the_manifest_instead_of_a_baseline(tmp_path):
    x, y = models.table(12)
    hashes = []
    for background in (None, x[:3], x[:4]):
        explain = Explain(str(tmp_path / str(len(hashes))), Probe(x, y), methods=[functools.partial(kernel_shap, background=background)])
        models.fit(models.classifier(), (x, y), [explain], 1)
        hashes.append(logs.manifest(logs.read(tmp_path / str(len(hashes)))).methods[0].baseline_hash)
    assert len(set(hashes)) == 3
    assert all(hashes)


def test_by_name_it_asks_about_fewer_coalitions_than_in_a_call_by_itself(tmp_path):
    x, y = models.table(12)
    for method in ("kernel_shap", kernel_shap):
        directory = tmp_path / ("function" if callable(method) else "name")
        models.fit(models.classifier(), (x, y), [Explain(str(directory), Probe(x, y), methods=[method])], 1)
    parameters = [dict(logs.manifest(logs.read(tmp_path / way)).methods[0].parameters)["samples"] for way in ("name", "function")]
    assert parameters == ["512", "2048"]


def test_options_that_cannot_be_are_refused_before_training():
    with pytest.raises(ValueError, match="samples is 1; expected 2 to 16384 coalitions"):
        Explain("unused", (np.zeros((2, 3), "f4"), [0, 1]), methods=[functools.partial(kernel_shap, samples=1)])
