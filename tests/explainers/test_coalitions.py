"""Coalitions: who plays, and what the model scores when some are absent."""

from __future__ import annotations

import functools

import keras
import numpy as np
import pytest
from keras import layers

from tb_explain_plugin.callbacks.explainers import Scorer
from tb_explain_plugin.callbacks.explainers.coalitions import Coalitions
from tests.explainers import reference


@functools.cache
def picture_model():
    keras.utils.set_random_seed(2)
    hidden = [layers.Flatten(), layers.Dense(4, activation="tanh"), layers.Dense(3)]
    return keras.Sequential([layers.Input((6, 6, 2), name="image"), *hidden])


@functools.cache
def table_model():
    keras.utils.set_random_seed(3)
    return keras.Sequential([layers.Input((5,), name="table"), layers.Dense(7, activation="tanh"), layers.Dense(3)])


def players_of(inputs, model, players=None):
    return Coalitions(model, inputs, 0, players=players).players


def test_a_player_is_a_column_a_step_a_token_or_a_block_of_an_image(rows, sequences):
    np.testing.assert_array_equal(players_of(rows, table_model()).labels[0], [[0, 1, 2, 3, 4]])
    model = keras.Sequential([layers.Input((5, 3)), layers.Flatten(), layers.Dense(3)])
    np.testing.assert_array_equal(players_of(sequences, model).labels[0], np.repeat(np.arange(5), 3).reshape(1, 5, 3))
    model = keras.Sequential([layers.Input((20, 20, 1)), layers.Flatten(), layers.Dense(3)])
    labels = players_of(np.zeros((2, 20, 20, 1), np.float32), model).labels[0]
    expected = [[7 * (row // 3) + column // 3 for column in range(20)] for row in range(20)]
    np.testing.assert_array_equal(labels[0, ..., 0], expected)
    model = keras.Sequential([layers.Input((4,), dtype="int32"), layers.Embedding(9, 2), layers.Flatten(), layers.Dense(3)])
    np.testing.assert_array_equal(players_of(np.ones((2, 4), np.int32), model).labels[0], [[0, 1, 2, 3]])


def test_players_are_chosen_by_blocks_labels_or_groups(rows, pictures):
    assert players_of(pictures, picture_model(), (2, 3)).count == 6
    assert players_of(pictures, picture_model(), {"image": (3,)}).count == 3
    superpixels = np.random.default_rng(0).integers(0, 4, (3, 6, 6))
    own = players_of(pictures, picture_model(), superpixels)
    np.testing.assert_array_equal(own.labels[0], np.repeat(superpixels[..., None], 2, axis=-1))
    assert not own.are_shared
    np.testing.assert_array_equal(players_of(rows, table_model(), [[1, 4], [0]]).labels[0], [[1, 0, 2, 3, 0]])


def test_a_players_worth_is_shared_equally_so_that_sums_survive(pictures):
    superpixels = np.random.default_rng(0).integers(0, 4, (3, 6, 6))
    own = players_of(pictures, picture_model(), superpixels)
    worth = np.random.default_rng(1).normal(size=(3, 4))
    (values,) = own.shares(worth)
    for n in range(3):
        for player in range(4):
            elements = values[n][superpixels[n] == player]
            np.testing.assert_allclose(elements, worth[n, player] / elements.size, rtol=1e-6)
    np.testing.assert_allclose(own.sums([values]), worth, rtol=1e-6)


@pytest.mark.parametrize("own_masks", [False, True])
@pytest.mark.parametrize("own_players", [False, True])
@pytest.mark.parametrize("with_background", [False, True])
@pytest.mark.parametrize("batch_size", [1, 7, None])
def test_scores_are_those_of_the_slow_way(pictures, own_masks, own_players, with_background, batch_size):
    generator = np.random.default_rng(8)
    labels = generator.integers(0, 4, (3, 6, 6) if own_players else (6, 6))
    masks = generator.random((3, 11, 4) if own_masks else (11, 4)) < 0.5
    others = generator.normal(size=(5, 6, 6, 2)).astype(np.float32) if with_background else None
    model, targets = picture_model(), [0, 2, 1]
    options = {"baseline": "zero", "background": others, "players": labels}
    game = Coalitions(model, pictures, targets, **options, score="logit", batch_size=batch_size)
    found = game.scores(masks)
    twin = reference.DenseTwin.of(model)
    for n, x in enumerate(pictures):
        own = labels[n] if own_players else labels
        replaced = np.zeros_like(x)[None] if others is None else others
        for k, mask in enumerate(masks[n] if own_masks else masks):
            expected = reference.coalition_score(lambda x, n=n: twin.logits(x.ravel())[targets[n]], x, replaced, own, mask)
            np.testing.assert_allclose(found[n, k], expected, atol=2e-6)


def test_a_mask_input_is_always_present_and_is_worth_nothing():
    keras.utils.set_random_seed(0)
    x, mask = keras.Input((4, 2), name="x"), keras.Input((4,), dtype="bool", name="mask")
    model = keras.Model([x, mask], layers.Dense(2)(layers.GlobalAveragePooling1D()(layers.Dense(3)(x), mask=mask)))
    generator = np.random.default_rng(0)
    inputs = [generator.normal(size=(3, 4, 2)).astype(np.float32), generator.random((3, 4)) < 0.7]
    inputs[1][:, 0] = True
    game = Coalitions(model, inputs, 1, baseline="zero", score="logit")
    assert game.players.count == 4
    zeros = model.predict([np.zeros_like(inputs[0]), inputs[1]], verbose=0)[:, 1]
    np.testing.assert_allclose(game.scores(np.zeros((1, 4), bool))[:, 0], zeros, atol=1e-6)
    assert not game.players.shares(np.ones((3, 4)))[1].any()


def test_players_that_equal_their_baseline_are_known():
    x = np.array([[1, 0, 2, 0, 3], [0, 0, 1, 1, 1]], np.float32)
    game = Coalitions(table_model(), x, 0, baseline="zero", players=[[0, 1], [2, 3]])
    np.testing.assert_array_equal(game.differing(), [[True, True, True], [False, True, True]])
    game = Coalitions(table_model(), x, 0, background=x[[0, 0]])
    np.testing.assert_array_equal(game.differing(), [[False] * 5, [True, False, True, True, True]])


def test_all_questions_of_one_size_share_a_trace(rows):
    scorer = Scorer(table_model(), rows, 0, score="logit")
    masks = np.random.default_rng(0).random((40, 5)) < 0.5
    Coalitions(scorer, rows, 0).scores(masks)
    traces = sum(len(traced.traces) for traced in scorer._functions.values())
    Coalitions(scorer, rows + 1, 1).scores(~masks)
    assert sum(len(traced.traces) for traced in scorer._functions.values()) == traces


WRONG = {
    "unknown input": ({"words": 3}, r"players name inputs \['words'\] that the model does not have; its inputs are \['image'\]"),
    "blocks": ((4, 4), r"players of input 'image' are \(4, 4\).*expected numbers of equal blocks"),
    "axes": ((2, 2, 2, 2), "expected numbers of equal blocks"),
    "labels' shape": (np.zeros((4, 4), int), r"array int64 of shape \(4, 4\); its samples have shape \(6, 6, 2\): expected whole numbers"),
    "labels below 0": (np.full((6, 6), -1), "expected whole numbers from 0"),
    "groups of an image": ([[0, 1], [2]], "expected lists of columns by position"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_players_that_do_not_fit_are_refused(pictures, wrong):
    players, message = WRONG[wrong]
    with pytest.raises(ValueError, match=message):
        players_of(pictures, picture_model(), players)


@pytest.mark.parametrize("groups", [[[0, 9]], [[0, 1], [1]], [[-1]]])
def test_groups_of_columns_that_do_not_fit_are_refused(rows, groups):
    with pytest.raises(ValueError, match="each in one group at most"):
        players_of(rows, table_model(), groups)


def test_a_scorer_at_a_layer_is_refused(pictures):
    model = picture_model()
    with pytest.raises(ValueError, match="players are of the inputs"):
        Coalitions(Scorer(model, pictures, 0, score="logit").at(model.layers[0].name), pictures, 0)
