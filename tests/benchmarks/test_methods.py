"""Our own rows of the comparison and the floor, on a model whose attributions are known: a linear one."""

import importlib.util

import keras
import numpy as np
import pytest

from benchmarks import floor, methods, models, peers, reference


@pytest.fixture(scope="module")
def problem():
    generator = np.random.default_rng(0)
    model = keras.Sequential([keras.layers.Input((5,)), keras.layers.Dense(3)])
    model.set_weights([generator.normal(size=(5, 3)).astype("float32"), generator.normal(size=3).astype("float32")])
    return models.Problem("linear", model, generator.normal(size=(32, 5)).astype("float32"), np.arange(32, dtype="int32") % 3)


@pytest.fixture(scope="module")
def expected(problem):
    """What each input adds to the logit of the true class: weight times input."""
    return problem.x * problem.model.get_weights()[0][:, problem.y].T


def test_the_nodes_of_the_reference_integrate_what_they_should():
    for nodes, weights in (reference.panels(40), reference.midpoint(40)):
        assert len(nodes) == 40
        assert weights.sum() == pytest.approx(1)
        assert weights @ nodes == pytest.approx(1 / 2)
    nodes, weights = reference.panels(40)
    assert weights @ nodes**7 == pytest.approx(1 / 8, rel=1e-14)


def test_the_reference_of_a_linear_model_is_weight_times_input(problem, expected):
    np.testing.assert_allclose(reference.integrate(problem, *reference.panels(8)), expected, rtol=1e-5, atol=1e-6)


def test_errors_are_those_of_the_worst_sample(expected):
    known = reference.Reference(expected, expected.sum(axis=1), 0.0)
    values = expected.copy()
    values[3] *= 1.5
    values[4] *= 0.9
    assert known.error(values) == pytest.approx(0.5)
    assert known.completeness_error(values) == pytest.approx(np.abs(expected[3].sum()) * 0.5 / np.abs(values[3]).sum())
    assert known.error(expected) == 0


@pytest.mark.parametrize("name", [methods.FIXED, *peers.PEERS])
def test_every_method_explains_the_same_score(problem, expected, name):
    if name in peers.PEERS and (importlib.util.find_spec(peers.PEERS[name].package) is None or peers.PEERS[name].backend == "torch"):
        available, absent = methods.available(problem, worker=None)
        assert name not in available
        assert peers.PEERS[name].backend == "torch" or any(line.startswith(name) for line in absent)
        return
    values = methods.local(name, problem)(64, 256)
    if name in peers.PEERS and peers.PEERS[name].wrong:
        assert not np.allclose(values, expected, rtol=0.1)
    else:
        np.testing.assert_allclose(values, expected, rtol=1e-3, atol=1e-5)


def test_the_floor_takes_as_many_gradients_in_a_batch_of_its_choice(problem):
    bare = floor.local(problem)
    assert bare.rows in floor.ROWS
    assert bare.seconds() > 0


def test_ours_is_timed_and_costs_its_steps(problem):
    ours = methods.available(problem, worker=None)[0][methods.FIXED]
    assert ours.gradients(16) == methods.counted(methods.FIXED, problem, 16) == 16
    assert ours.seconds(4, 0) > 0


def test_more_effort_is_less_tolerance():
    assert methods.tolerance_of(4) == 0.25
    assert methods.options(methods.ADAPTIVE, 8) == {"tolerance": 0.125}
    assert methods.options(methods.FIXED, 8) == {"steps": 8}
