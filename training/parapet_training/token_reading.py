"""A reading of single tokens: the weights, and the highest mean of neighbours that a text is scored by."""

import numpy as np

from parapet_training.linear_reading import Transform, fit_weights


def highest_rolling_mean(values: np.ndarray, window: int) -> tuple[float, int]:
    """The highest mean of `window` neighbours of float64[tokens] (of all, where there are fewer), and where it begins."""
    width = min(window, len(values))
    sums = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    means = (sums[width:] - sums[:-width]) / width
    best = int(means.argmax())
    return float(means[best]), best


def spans_of(rows: list[dict]) -> np.ndarray:
    """Where each row's tokens begin in the concatenation, int[rows + 1]."""
    return np.cumsum([0, *(row["span"][1] - row["span"][0] for row in rows)])


def token_scores(weight: np.ndarray, tokens: np.ndarray, starts: np.ndarray, change: Transform, window: int) -> np.ndarray:
    """float64[rows]: each row's highest rolling mean."""
    values = per_token(weight, tokens, change)
    return np.array([highest_rolling_mean(values[low:high], window)[0] for low, high in zip(starts[:-1], starts[1:], strict=True)])


def per_token(weight: np.ndarray, tokens: np.ndarray, change: Transform) -> np.ndarray:
    """weight · t(x) of float16[tokens, hidden], a piece at a time."""
    return np.concatenate([change.apply(tokens[at : at + 8192]).astype(np.float64) @ weight.astype(np.float64) for at in range(0, len(tokens), 8192)])


def fit_token_weight(
    tokens: np.ndarray, starts: np.ndarray, truth: np.ndarray, sample_weight: np.ndarray, change: Transform, window: int, method: str, rounds: int = 2
) -> np.ndarray:
    """float32[hidden], fitted on means of tokens: at first of each whole text, then of the window that scores highest.

    The maximum is what a text is scored by, so the windows that score highest are what must be told apart
    (multiple-instance learning; Andrews et al. 2002). A weight fitted on means of whole texts alone fires on single words of long ones.
    """
    bounds = list(zip(starts[:-1], starts[1:], strict=True))
    pieces, weight = bounds, np.zeros(tokens.shape[-1], np.float32)
    for turn in range(rounds + 1):
        means = np.stack([change.apply(tokens[low:high]).mean(0) for low, high in pieces])
        weight = fit_weights(means[:, None], truth, sample_weight, method)[0]
        if turn < rounds:
            values = per_token(weight, tokens, change)
            found = [low + highest_rolling_mean(values[low:high], window)[1] for low, high in bounds]
            pieces = [(begin, min(begin + window, high)) for begin, (_, high) in zip(found, bounds, strict=True)]
    return weight
