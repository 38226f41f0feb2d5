import numpy as np

from parapet_training.linear_reading import balanced_weights, fit_transform, fit_weights, massive_dimensions, raw_score
from parapet_training.metrics import auroc


def residuals(rows=400, hidden=16, seed=0):
    """Two classes along one direction, one dimension massive and meaningless."""
    generator = np.random.default_rng(seed)
    truth = generator.random(rows) < 0.5
    values = generator.normal(size=(rows, 2, hidden)).astype(np.float32)
    values[truth, :, 3] += 2
    values[:, :, 7] = 500 + 200 * generator.normal(size=(rows, 2))
    return values, truth


def test_the_massive_dimension_is_found():
    assert massive_dimensions(residuals()[0]) == (7,)


def test_every_method_finds_the_class_direction():
    values, truth = residuals()
    weight = balanced_weights(["one"] * len(truth), truth)
    for normalise in ("l2", "standardise"):
        change = fit_transform(values, normalise, (7,))
        for method in ("means", "means-logistic", "ridge", "logistic-0.01"):
            fitted = fit_weights(change.apply(values), truth, weight, method)
            score = raw_score(fitted, change.apply(values))
            assert fitted.shape == (2, 16)
            assert auroc(score[~truth], score[truth]) > 0.95


def test_a_dropped_dimension_moves_no_score():
    values, truth = residuals()
    change = fit_transform(values, "l2", (7,))
    fitted = fit_weights(change.apply(values), truth, np.ones(len(truth)), "means")
    moved = values.copy()
    moved[..., 7] *= -40

    np.testing.assert_allclose(raw_score(fitted, change.apply(values)), raw_score(fitted, change.apply(moved)))


def test_small_sources_weigh_more_per_row_and_classes_weigh_the_same():
    truth = np.array([True] * 90 + [True] * 10 + [False] * 300)
    weight = balanced_weights(["big"] * 90 + ["small"] * 10 + ["calm"] * 300, truth)

    assert weight[95] > weight[0]
    assert np.isclose(weight[truth].sum(), weight[~truth].sum())
