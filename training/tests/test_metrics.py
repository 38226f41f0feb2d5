import numpy as np
import pytest

from parapet_training.calibration import fit_platt, fit_temperature, shipped, sigmoid, tail
from parapet_training.metrics import auroc, expected_calibration_error, threshold_at, tpr_at, wilson


def test_auroc_counts_ties_half():
    assert auroc(np.array([0.0, 1.0]), np.array([1.0, 2.0])) == pytest.approx(0.875)


@pytest.mark.parametrize("rate", [0.0, 0.001, 0.01, 0.05, 0.5])
def test_a_threshold_never_flags_more_benign_texts_than_asked(rate):
    scores = np.round(np.random.default_rng(0).random(997), 2)

    assert (scores >= threshold_at(scores, rate)).mean() <= rate


def test_the_threshold_is_no_stricter_than_needed():
    scores = np.arange(1000) / 1000

    assert (scores >= threshold_at(scores, 0.01)).sum() == 10


def test_the_tail_is_descending_and_never_below_the_score_it_stands_for():
    scores = np.random.default_rng(1).random(5000)

    top = tail(scores)

    assert len(top) == 250
    assert top == sorted(top, reverse=True)
    assert all(value >= score for value, score in zip(top, np.sort(scores)[::-1], strict=False))


def test_a_shipped_threshold_holds_its_rate():
    scores = np.random.default_rng(2).random(3000)

    assert (scores >= shipped(scores)["threshold"]).mean() <= 0.01


def test_platt_finds_the_curve_that_made_the_labels():
    generator = np.random.default_rng(3)
    raw = generator.normal(size=20_000) * 3
    truth = generator.random(20_000) < sigmoid(1.5 * raw - 0.7)

    fitted = fit_platt(raw, truth)

    assert fitted.a == pytest.approx(1.5, abs=0.1)
    assert fitted.b == pytest.approx(-0.7, abs=0.1)


def test_the_temperature_undoes_a_factor_on_the_logits():
    generator = np.random.default_rng(4)
    logits = generator.normal(size=(20_000, 3)) * 2
    share = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    truth = np.array([generator.choice(3, p=row) for row in share])

    assert fit_temperature(logits * 2.5, truth) == pytest.approx(2.5, abs=0.15)


def test_a_perfectly_calibrated_score_has_almost_no_calibration_error():
    score = np.random.default_rng(5).random(50_000)
    truth = np.random.default_rng(6).random(50_000) < score

    assert expected_calibration_error(score, truth) < 0.02


def test_wilson_stays_inside_zero_and_one():
    assert 0 <= wilson(0, 10).low < wilson(0, 10).high < 0.4
    assert wilson(10, 10).high <= 1


def test_true_positives_are_counted_at_the_benign_threshold():
    assert tpr_at(np.arange(100) / 100, np.array([0.5, 0.985, 0.999, 1.5]), 0.01) == pytest.approx(0.75)
