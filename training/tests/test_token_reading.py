import numpy as np

from parapet_training.linear_reading import fit_transform
from parapet_training.metrics import auroc
from parapet_training.token_reading import fit_token_weight, highest_rolling_mean, token_scores


def test_the_highest_rolling_mean_is_that_of_the_definition():
    rng = np.random.default_rng(0)
    for _ in range(50):
        values, window = rng.normal(size=rng.integers(1, 30)), int(rng.integers(1, 12))
        width = min(window, len(values))
        means = [values[at : at + width].mean() for at in range(len(values) - width + 1)]
        mean, begin = highest_rolling_mean(values, window)

        assert np.isclose(mean, max(means))
        assert begin == int(np.argmax(means))


def test_what_stands_in_one_place_of_a_long_text_is_found_wherever_it_stands():
    """Half of the texts hold eight tokens along a direction, somewhere in sixty that are noise."""
    rng = np.random.default_rng(1)
    truth = np.arange(200) % 2 == 0
    texts = rng.normal(size=(200, 60, 12)).astype(np.float32)
    for index in np.flatnonzero(truth):
        at = rng.integers(0, 52)
        texts[index, at : at + 8, 4] += 2.5
    tokens, starts = texts.reshape(-1, 12), np.arange(0, 200 * 60 + 1, 60)
    change = fit_transform(tokens[:1], "l2", ())
    half = 100 * 60
    weight = fit_token_weight(tokens[:half], starts[:101], truth[:100], np.ones(100), change, 8, "logistic-0.1", rounds=4)
    score = token_scores(weight, tokens[half:], starts[100:] - half, change, 8)
    mean = np.array([change.apply(text).mean(0) @ weight for text in texts[100:]])

    assert auroc(score[~truth[100:]], score[truth[100:]]) > 0.9
    assert auroc(score[~truth[100:]], score[truth[100:]]) > auroc(mean[~truth[100:]], mean[truth[100:]])
