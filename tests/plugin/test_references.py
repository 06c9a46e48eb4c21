"""What each form of `against=` compares a step with, and what is none."""

import numpy as np
import pytest

from tb_explain_plugin import comparison, drift_matrix, reader, references
from tb_explain_plugin.errors import BadRequestError, NotFoundError
from tests.plugin import two_inputs
from tests.plugin.conftest import open_log
from tests.plugin.two_inputs import STEPS, TAG

RUN = "a/explain"


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    logdir = tmp_path_factory.mktemp("references")
    two_inputs.write_log(logdir)
    with open_log(logdir, "python") as opened:
        yield opened.log


NONE_AT_FIRST = {
    "previous": [[], [-1], [0], [1], [2], [4]],
    "trailing:1": [[], [-1], [0], [1], [2], [4]],
    "trailing:3": [[], [-1], [-1, 0], [-1, 0, 1], [0, 1, 2], [1, 2, 4]],
    "trailing:50": [STEPS[:i] for i in range(6)],
    "run:b@2/explain": [[], [0], [1], [2], [4], [6]],
}
FIXED = {
    "start": -1,
    "last": 6,
    "step:2": 2,
    "best:val_loss": 2,  # step 3 has no explanation, 4 is NaN, 6 ties and comes later
    "best:accuracy": 1,
    "run:b@2/explain@6": 6,
}
REFERENCES = NONE_AT_FIRST | {against: [[step]] * 6 for against, step in FIXED.items()}


@pytest.mark.parametrize("against", REFERENCES)
def test_each_form_names_its_steps(log, against):
    found = references.resolve(log, RUN, TAG, against)
    assert found.run == ("b@2/explain" if against.startswith("run") else RUN)
    assert list(found.blobs) == STEPS
    assert [[blob.step for blob in blobs] for blobs in found.blobs.values()] == REFERENCES[against]


@pytest.mark.parametrize("against", REFERENCES)
def test_each_form_is_answered_with_every_figure(log, against):
    found = comparison.drift_of_run(log, RUN, TAG, against)
    assert list(found["reference_steps"]) == [steps[0] if steps else None for steps in REFERENCES[against]]
    compared = {**found["local_drift"], **found["share_shift"], **{name: found[name] for name in ("jensen_shannon", "sign_flip_mass")}}
    compared |= {"rank_correlation": found["rank_correlation"], "top_overlap": found["top_overlap"]["value"]}
    compared |= {"rank_biased_overlap": found["rank_biased_overlap"]["value"]}
    without = np.array([not steps for steps in REFERENCES[against]])
    for name, values in compared.items():
        np.testing.assert_array_equal(np.isnan(values), without, err_msg=name)
    for values in (found["effective_features"], *found["total_attribution"].values(), found["completeness_p50"], found["completeness_p95"]):
        assert np.isfinite(values).all()


@pytest.mark.parametrize("what", ["probe", "score", "baseline"])
def test_what_is_not_comparable_is_not_compared(log, what):
    for ask in (
        lambda: comparison.drift_of_run(log, RUN, TAG, f"run:other_{what}/explain"),
        lambda: comparison.drift_of_run(log, RUN, TAG, f"run:other_{what}/explain@0"),
        lambda: drift_matrix.drift_matrix(log, RUN, TAG, f"other_{what}/explain"),
        lambda: comparison.compare(log, RUN, TAG, 0, f"run:other_{what}/explain"),
    ):
        with pytest.raises(BadRequestError, match=f"cannot be compared: their {what}s differ"):
            ask()


# fmt: off
ABSURD = ["", "start:", "previous:1", "trailing", "trailing:", "trailing:0", "trailing:51", "trailing:-1", "trailing:1e3", "step:",
          "step:x", "step:1.5", "step:٣", "step:" + "9" * 400, "best", "nothing", "Start", "run", "start\x00", "<script>"]
# fmt: on


@pytest.mark.parametrize("against", ABSURD)
def test_an_absurd_reference_is_a_bad_request(log, against):
    with pytest.raises(BadRequestError, match="expected"):
        references.resolve(log, RUN, TAG, against)


def test_a_reference_that_is_not_there_is_not_found(log):
    with pytest.raises(NotFoundError, match="2, 4, 6, received 5"):
        references.resolve(log, RUN, TAG, "step:5")
    with pytest.raises(NotFoundError, match="accuracy, val_loss, received loss"):
        references.resolve(log, RUN, TAG, "best:loss")
    with pytest.raises(NotFoundError, match="no such run"):
        references.resolve(log, RUN, TAG, "run:nowhere")
    with pytest.raises(NotFoundError, match="received 77"):
        references.resolve(log, RUN, TAG, "run:b@2/explain@77")


def test_what_is_remembered_is_bounded_and_answers_the_same(log):
    small = log._replace(cache=type(log.cache)(3000))
    for against in ("trailing:3", "start"):
        np.testing.assert_equal(comparison.drift_of_run(small, RUN, TAG, against), comparison.drift_of_run(log, RUN, TAG, against))
    assert small.cache.size <= 3000


def test_a_frame_is_read_once_however_often_it_is_compared(log, monkeypatch):
    counted = log._replace(cache=type(log.cache)(10**8))
    read, reading = [], reader.read_frame
    monkeypatch.setattr(reader, "read_frame", lambda *args: read.append(args[-1].step) or reading(*args))
    for against in ("start", "previous", "trailing:3", "trailing:50"):
        comparison.drift_of_run(counted, RUN, TAG, against)
    drift_matrix.drift_matrix(counted, RUN, TAG, RUN)
    assert sorted(read) == STEPS
