"""Protected attributes of a linear model, whose shares have a closed form, from training to the alarm in the tab."""

from __future__ import annotations

import warnings

import keras
import numpy as np
import pytest

from tb_explain_plugin import by_group, plugin
from tb_explain_plugin.callbacks import Explain, Probe, Watch
from tests.callbacks.logs import manifest, read
from tests.plugin.conftest import open_log

NAMES = ["age", "income", "sex", "postcode"]
BEFORE, AFTER = np.array([1.0, 2.0, 0.0, 0.5]), np.array([1.0, 2.0, 1.5, 0.5])
LEARNED = 6
GROUPS = ["north"] * 40 + ["south"] * 52 + ["islands"] * 8


def people():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(100, 4))
    x[:, 2] = rng.choice([-1, 1], 100)
    return x.astype("f4"), rng.integers(0, 2, 100).astype("i4")


class Learns(keras.callbacks.Callback):
    """Comes to use the third column at an epoch; nothing else moves."""

    def on_epoch_begin(self, epoch, logs=None):
        weight = AFTER if epoch >= LEARNED else BEFORE
        self.model.layers[-1].set_weights([weight[:, None], np.zeros(1)])


def trained(log_dir, *, groups=GROUPS, protected=True, learns=True):
    x, y = people()
    model = keras.Sequential([keras.Input((4,), name="people"), keras.layers.Dense(1, "sigmoid")])
    model.layers[-1].set_weights([BEFORE[:, None], np.zeros(1)])
    model.compile(keras.optimizers.SGD(0.0), "binary_crossentropy")
    told = []
    probe = Probe(x, y, feature_names=NAMES, groups=groups)
    watch = [Watch("sex", features="sex", protected=protected)]
    explain = Explain(str(log_dir), probe, watch=watch, on_alarm=told.append, on_error="raise", permutation_every=100, deletion_every=None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(x, y, epochs=12, verbose=0, callbacks=[explain, *([Learns()] if learns else [])])
    return told


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    directory = tmp_path_factory.mktemp("protected")
    return directory, trained(directory)


def closed_form(weight, members):
    """The share of the third column, and its error by leaving samples out one at a time."""
    x, _ = people()
    sizes = np.abs((x - x.mean(axis=0)) * weight)[members]
    share = lambda rows: rows[:, 2].sum() / rows.sum()  # noqa: E731
    left_out = np.array([share(np.delete(sizes, i, axis=0)) for i in range(len(sizes))])
    return share(sizes), np.sqrt((len(sizes) - 1) / len(sizes) * ((left_out - left_out.mean()) ** 2).sum())


def test_shares_within_groups_have_their_closed_form(run):
    log = read(run[0])
    assert manifest(log).watches[0].protected
    values = log["watch_by_group/sex"]
    for step, weight in ((LEARNED - 1, BEFORE), (LEARNED, AFTER)):
        for row, group in enumerate(("south", "north")):
            share, error = closed_form(weight, np.array(GROUPS) == group)
            assert values[step][row, 0] == pytest.approx(share, abs=1e-5)
            assert values[step][row, 1] == pytest.approx(error, rel=0.05, abs=1e-6)
        assert np.isnan(values[step][2]).all()  # eight islanders are too few


def test_the_alarm_is_told_once_and_the_tab_says_the_same(run):
    directory, told = run
    [alarm] = [alarm for alarm in told if alarm.kind == "protected_share"]
    assert (alarm.step, alarm.subject) == (LEARNED + 1, "sex")
    share = closed_form(AFTER, np.ones(100, bool))[0]
    assert alarm.evidence["before"] == pytest.approx(0, abs=1e-6)
    assert alarm.evidence["after"] == pytest.approx(share, abs=1e-5)
    assert alarm.text == (
        f"epoch {LEARNED + 1}: sex, which is protected, has grown from 0.0 % to {100 * share:.1f} % of the attribution "
        f"(z = {alarm.evidence['statistic']:.0f})"
    )
    with open_log(directory, "python") as opened:
        answered = plugin.alarms_impl(opened.log, "")["alarms"]
        assert [{"run": "explain"} | one._asdict() for one in told] == answered
        figures = by_group.by_group(opened.log, "explain", "attribution/integrated_gradients")
    place = figures["regions"].index({"input": "people", "region": 2})
    [south] = [group for group in figures["groups"] if group["name"] == "south"]
    expected = read(directory)["watch_by_group/sex"]
    np.testing.assert_allclose(south["shares"][place]["value"], [expected[step][0, 0] for step in figures["steps"]], atol=1e-3)


def test_nothing_is_told_of_a_column_that_stays_unused_or_is_not_protected(tmp_path):
    assert [alarm.kind for alarm in trained(tmp_path / "quiet", learns=False)] == []
    told = trained(tmp_path / "unprotected", protected=False)
    assert "protected_share" not in {alarm.kind for alarm in told}
    assert "watch_by_group/sex" not in read(tmp_path / "unprotected")


def test_without_groups_all_samples_are_followed(tmp_path):
    told = trained(tmp_path, groups=None)
    assert [alarm.step for alarm in told if alarm.kind == "protected_share"] == [LEARNED + 1]
    assert "watch_by_group/sex" not in read(tmp_path)


def test_protected_is_true_or_false():
    with pytest.raises(TypeError, match="protected of the watch 'sex' is 'yes'; expected True or False"):
        Watch("sex", features="sex", protected="yes")
