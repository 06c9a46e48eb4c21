"""LIME, held to closed forms, to float64 twins in loops, and to scikit-learn's ridge regression."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers, ops
from sklearn.linear_model import Ridge

from tb_explain_plugin.callbacks.explainers import Scorer, lime, lime_players, superpixels
from tb_explain_plugin.callbacks.explainers.local_fit import exponential_kernel, weighted_ridge
from tests.explainers import reference


def linear_model(*shape):
    keras.utils.set_random_seed(0)
    inputs = keras.Input(shape)
    return keras.Model(inputs, layers.Dense(1, name="head")(layers.Flatten()(inputs)))


def weights_of(model):
    return model.get_layer("head").kernel.numpy()[:, 0].astype(np.float64)


# The local model ------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def neighbourhoods():
    generator = np.random.default_rng(2)
    design = generator.normal(size=(3, 20, 4))
    return design, np.sin(design @ [1.0, 2, -1, 0]) + design[..., 0], generator.random((3, 20))


def test_the_local_models_are_scikit_learns_ridge_regressions(neighbourhoods):
    design, scores, weight = neighbourhoods
    found = weighted_ridge(design, scores, weight, 1.0)
    for k in range(len(design)):
        expected = Ridge(alpha=1.0).fit(design[k], scores[k], sample_weight=weight[k])
        np.testing.assert_allclose(found.coefficients[k], expected.coef_, rtol=1e-9)


def test_the_fit_is_of_models_that_did_not_see_what_they_predict(neighbourhoods):
    design, scores, weight = neighbourhoods
    found = weighted_ridge(design, scores, weight, 0.3)
    expected = [reference.local_fit(*rows, 0.3) for rows in zip(design, scores, weight, strict=True)]
    np.testing.assert_allclose(found.fit, expected, rtol=1e-8)


def test_what_is_pure_noise_fits_no_better_than_a_mean():
    """As many columns as half the rows: seen by the rows that it is fitted to, R² would be a half."""
    generator = np.random.default_rng(0)
    found = weighted_ridge(generator.normal(size=(1, 60, 30)), generator.normal(size=(1, 60)), np.ones((1, 60)), 1e-6)
    assert found.fit[0] < 0


def test_a_constant_score_leaves_nothing_to_fit():
    design = np.random.default_rng(0).normal(size=(2, 30, 3))
    found = weighted_ridge(design, np.full((2, 30), 0.1, np.float32), np.ones((2, 30)), 1.0)
    np.testing.assert_allclose(found.coefficients, 0, atol=1e-12)
    assert np.isnan(found.fit).all()


def test_the_kernel_is_that_of_the_package():
    np.testing.assert_allclose(exponential_kernel(np.array([0.0, 1.0, 3.0]), 2.0), np.sqrt(np.exp([0, -1 / 4, -9 / 4])))


# Tables ---------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"around": "sample"}, {"baseline": "mean"}], ids=["around-mean", "around-sample", "hidden"])
def test_of_a_linear_model_a_column_contributes_its_weight_times_its_distance_to_the_mean(samples, options):
    x, _ = samples
    model = linear_model(5)
    attribution = lime(model, x, samples=300, alpha=1e-9, **options)
    expected = weights_of(model) * (x - x.mean(axis=0, dtype=np.float64))
    np.testing.assert_allclose(attribution.values, expected, atol=1e-5)
    np.testing.assert_allclose(attribution.fit, 1, atol=1e-6)
    assert attribution.completeness_error is None


@pytest.mark.parametrize("around", ["mean", "sample"])
def test_columns_equal_their_float64_twin(classifier, samples, around):
    x, y = samples[0][:4].astype(np.float64), samples[1][:4]
    data = samples[0] * [1, 2, 3, 4, 5]
    attribution = lime(classifier, x, y, samples=40, around=around, background=data.astype(np.float32), seed=9)
    noise = np.random.default_rng([9, 0]).standard_normal((39, 5))
    mean, scale = data.mean(axis=0), data.std(axis=0)
    twin = reference.DenseTwin.of(classifier)
    for i, target in enumerate(y):
        center = mean if around == "mean" else x[i]
        points = [x[i], *(center + scale * e for e in noise)]
        told = [(point - mean) / scale for point in points]
        scores = [reference.log_odds(twin.logits(point), target) for point in points]
        coefficients, fit = reference.lime(told, scores, 1.0, 0.75 * np.sqrt(5), reference.euclidean)
        np.testing.assert_allclose(attribution.values[i], coefficients * told[0], atol=2e-5)
        assert attribution.fit[i] == pytest.approx(fit, abs=1e-4)


def test_quartiles_equal_their_float64_twin(classifier, samples):
    x, y = samples
    values = lime(classifier, x, y, samples=40, discretize=True, seed=4).values
    rows = np.random.default_rng([4, 0]).integers(len(x), size=(39, 5))
    quartiles = np.quantile(x, [0.25, 0.5, 0.75], axis=0)
    twin = reference.DenseTwin.of(classifier)
    for i in range(3):
        points = [x[i], *([x[r, f] for f, r in enumerate(row)] for row in rows)]
        told = [[float(sum(quartiles[:, f] < v) == sum(quartiles[:, f] < x[i, f])) for f, v in enumerate(point)] for point in points]
        scores = [reference.log_odds(twin.logits(np.array(point, float)), y[i]) for point in points]
        coefficients, _ = reference.lime(told, scores, 1.0, 0.75 * np.sqrt(5), reference.euclidean)
        np.testing.assert_allclose(values[i], coefficients, atol=2e-5)


def categories_model():
    """F(size, code, word) = 2 size + w[code] + v[word]: a column of numbers, one made one-hot and one embedded."""
    size, code = keras.Input((1,), name="size"), keras.Input((1,), name="code", dtype="int32")
    word = keras.Input((1,), name="word", dtype="int32")
    made = layers.CategoryEncoding(4, output_mode="one_hot")(code)
    embedded = layers.Flatten()(layers.Embedding(3, 1, name="table")(word))
    score = 2 * size + layers.Dense(1, use_bias=False, name="head")(made) + embedded
    model = keras.Model({"size": size, "code": code, "word": word}, score)
    model.get_layer("head").kernel.assign(np.array([[1.0], [-2], [0.5], [3]]))
    model.get_layer("table").embeddings.assign(np.array([[0.0], [1.5], [-1]]))
    return model


def test_a_category_contributes_what_being_that_one_adds():
    """Against the others, as often as each comes in the data: the mean of their weights. Columns are drawn by themselves."""
    generator = np.random.default_rng(0)
    inputs = {"size": generator.normal(size=(60, 1)).astype(np.float32)}
    inputs |= {"code": generator.integers(0, 4, (60, 1)), "word": generator.integers(0, 3, (60, 1))}
    model = categories_model()
    values = lime(model, inputs, samples=20_000, alpha=1e-9, kernel_width=1e6).values
    np.testing.assert_allclose(values["size"], 2 * (inputs["size"] - inputs["size"].mean()), atol=0.05)
    for name, worth in (("code", [1.0, -2, 0.5, 3]), ("word", [0.0, 1.5, -1])):
        codes = inputs[name][:, 0]
        for category in np.unique(codes):
            others = np.mean([worth[c] for c in codes if c != category])
            np.testing.assert_allclose(values[name][codes == category], worth[category] - others, atol=0.1)


@pytest.mark.parametrize(("options", "rows"), [({}, 3 * 49), ({"around": "sample"}, 40 * 49)], ids=["around-mean", "around-sample"])
def test_draws_around_the_mean_are_scored_once_a_target(classifier, samples, options, rows):
    x, y = samples
    asked = []

    class Counting(Scorer):
        def scores(self, inputs, targets, entries=None):
            asked.append(len(targets))
            return super().scores(inputs, targets, entries)

    lime(Counting(classifier, x, y, batch_size=120), x, y, samples=50, **options)
    filled_up = 120
    assert rows <= sum(asked[1:]) < rows + filled_up


def test_a_column_that_never_varies_contributes_nothing(classifier, samples):
    x = samples[0].copy()
    x[:, 2] = 7
    attribution = lime(classifier, x, samples[1], samples=50)
    assert (attribution.values[:, 2] == 0).all()
    assert np.abs(attribution.values[:, 1]).min() > 0


def test_another_seed_is_another_estimate_of_the_same(classifier, samples):
    first, second = (lime(classifier, *samples, seed=seed).values for seed in (0, 1))
    assert not np.array_equal(first, second)
    assert np.corrcoef(first.ravel(), second.ravel())[0, 1] > 0.99


# Images ---------------------------------------------------------------------------------------------------------------------------


def by_loops(values, labels, picture):
    """Sum of an image's values over the superpixel that each pixel is in, shared equally by the pixels' channels."""
    result = np.zeros(picture.shape)
    for label in np.unique(labels):
        here = labels == label
        for channel in range(picture.shape[-1]):
            result[here, channel] = values[here].sum() / (here.sum() * picture.shape[-1])
    return result


@pytest.mark.parametrize("how", ["slic", (3, 3)], ids=["slic", "grid"])
def test_of_a_linear_model_a_superpixel_contributes_its_distance_to_its_mean_colour(pictures, how):
    model = linear_model(6, 6, 2)
    attribution = lime(model, pictures, samples=400, alpha=1e-9, players=how)
    scorer = Scorer(model, pictures)
    kernel = weights_of(model).reshape(6, 6, 2)
    grid = np.arange(6) // 2 * 3
    for i, picture in enumerate(pictures.astype(np.float64)):
        labels = superpixels.segment(scorer, pictures, "slic", 0)[i] if how == "slic" else grid[:, None] + grid // 3
        faded = picture.copy()
        for label in np.unique(labels):
            faded[labels == label] = picture[labels == label].mean(axis=0)
        np.testing.assert_allclose(attribution.values[i], by_loops(kernel * (picture - faded), labels, picture), atol=1e-5)
    np.testing.assert_allclose(attribution.fit, 1, atol=1e-6)


def test_superpixels_equal_their_float64_twin(pictures):
    """Of a model whose players act together, so that distances matter."""
    inputs = keras.Input((6, 6, 2))
    model = keras.Model(inputs, ops.sum(layers.AveragePooling2D(3)(inputs) ** 2, axis=(1, 2, 3))[:, None])
    found = lime(model, pictures, samples=60, players=(2, 2), baseline="zero", seed=3)
    present = np.random.default_rng([3, 0]).random((59, 4)) < 0.5
    for i, picture in enumerate(pictures.astype(np.float64)):
        told = [np.ones(4), *present.astype(float)]
        scores = []
        for z in told:
            shown = picture.copy()
            for player in range(4):
                if not z[player]:
                    shown[3 * (player // 2) :, 3 * (player % 2) :][:3, :3] = 0
            scores.append(sum(shown[r : r + 3, c : c + 3, k].mean() ** 2 for r in (0, 3) for c in (0, 3) for k in (0, 1)))
        coefficients, fit = reference.lime(told, scores, 1.0, 0.25, reference.cosine)
        for player in range(4):
            block = found.values[i, 3 * (player // 2) :, 3 * (player % 2) :][:3, :3]
            np.testing.assert_allclose(block, coefficients[player] / 18, atol=1e-6)
        assert found.fit[i] == pytest.approx(fit, abs=1e-4)


def test_superpixels_are_of_one_image_and_stay_those_of_a_run(pictures, monkeypatch):
    scorer = Scorer(linear_model(6, 6, 2), pictures)
    first = superpixels.segment(scorer, pictures, "slic", 0)
    assert first.shape == (3, 6, 6)
    assert (first.min(axis=(1, 2)) == 0).all()
    monkeypatch.setattr(superpixels, "_segment_one", None)
    assert superpixels.segment(scorer, pictures, "slic", 0) is first


def test_quickshift_finds_what_looks_alike():
    """Four squares of a color each, noise upon them."""
    generator = np.random.default_rng(0)
    colors = np.array([[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0]]).reshape(2, 2, 3)
    image = colors.repeat(40, 0).repeat(40, 1) + 0.01 * generator.normal(size=(80, 80, 3))
    scorer = Scorer(linear_model(80, 80, 3), image[None].astype(np.float32))
    labels = superpixels.segment(scorer, image[None], "quickshift", 0)[0]
    assert len(np.unique(labels)) >= 4
    for label in np.unique(labels):
        rows, columns = np.nonzero(labels == label)
        assert len(set(zip(rows // 40, columns // 40, strict=True))) == 1


def test_without_scikit_image_superpixels_are_a_grid(pictures, monkeypatch):
    model = linear_model(6, 6, 2)
    expected = lime(model, pictures, samples=30, players=(3, 3)).values
    monkeypatch.setattr(superpixels.importlib.util, "find_spec", lambda name: None)
    np.testing.assert_array_equal(lime(model, pictures, samples=30).values, expected)
    with pytest.raises(ValueError, match=r"pip install 'tb-explain-plugin\[superpixels\]'"):
        lime(model, pictures, players="slic")


# Texts and sequences --------------------------------------------------------------------------------------------------------------


TOKENS = np.array([[3, 4, 5, 0, 0, 0], [7, 8, 9, 10, 11, 12]])


def tokens_model():
    """F = Σ over positions of a word's weight: the padding's is 0.25."""
    tokens = keras.Input((6,), dtype="int32")
    model = keras.Model(tokens, ops.sum(layers.Embedding(20, 1, name="words")(tokens), axis=1))
    model.get_layer("words").embeddings.assign(np.linspace(0.25, 4, 20)[:, None])
    return model


def test_a_token_contributes_what_removing_it_takes_away_and_padding_nothing():
    attribution = lime(tokens_model(), TOKENS, samples=200, alpha=1e-9)
    words = np.linspace(0.25, 4, 20)
    np.testing.assert_allclose(attribution.values, words[TOKENS] - 0.25, atol=1e-5)
    np.testing.assert_allclose(attribution.fit, 1, atol=1e-6)


def test_any_number_of_tokens_is_hidden_equally_often():
    """Of the three words of the first text as of the six of the second."""
    scorer = Scorer(tokens_model(), TOKENS)
    drawn = lime_players.Hidden(scorer, TOKENS, None, scorer.entry_values(TOKENS), None, None, 20_000, 0)
    for text, words in ((slice(0, 1), 3), (slice(1, 2), 6)):
        left = drawn.design(text)[0, 1:].sum(axis=1)
        shares = np.bincount(left.astype(int), minlength=words + 1) / len(left)
        np.testing.assert_allclose(shares, 1 / (words + 1), atol=0.01)


def test_steps_of_a_sequence_are_hidden_by_their_mean(sequences):
    model = linear_model(5, 3)
    values = lime(model, sequences, samples=200, alpha=1e-9).values
    change = weights_of(model).reshape(5, 3) * (sequences - sequences.mean(axis=0, dtype=np.float64))
    np.testing.assert_allclose(values.sum(axis=2), change.sum(axis=2), atol=1e-5)


def test_counted_words_are_those_of_the_text():
    texts = np.array(["red fox", "red red dog", "a dog"])
    lookup = layers.TextVectorization(output_mode="count", vocabulary=["red", "fox", "dog"])
    inputs = keras.Input((), dtype="string")
    model = keras.Model(inputs, layers.Dense(1, use_bias=False, name="head")(lookup(inputs)))
    model.get_layer("head").kernel.assign(np.array([[5.0], [1], [2], [3]]))
    values = lime(model, texts, samples=100, alpha=1e-9).values
    np.testing.assert_allclose(values, [[0, 1, 2, 0], [0, 2, 0, 3], [5, 0, 0, 3]], atol=1e-5)


# Refusals -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"players": "felzenszwalb"}, r"players are 'felzenszwalb'; expected one of \('slic', 'quickshift'\)"),
        ({"discretize": True}, "discretize belong to tables"),
        ({"players": {"input": "slic", "other": "slic"}}, "'other' are 'slic', superpixels; expected that of images"),
    ],
)
def test_options_that_do_not_fit_an_image_are_refused(pictures, options, message):
    with pytest.raises(ValueError, match=message):
        lime(linear_model(6, 6, 2), pictures, **options)


def test_superpixels_of_a_table_are_refused(classifier, samples):
    with pytest.raises(ValueError, match="the model has no image among its inputs"):
        lime(classifier, *samples, players="slic")
