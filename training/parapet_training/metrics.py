"""Figures of a detector, with intervals."""

from dataclasses import dataclass

import numpy as np


def auroc(good: np.ndarray, bad: np.ndarray) -> float:
    """Probability that a bad example scores above a good one, ties counted half."""
    from scipy.stats import rankdata

    ranks = rankdata(np.concatenate([good, bad]))
    return float((ranks[len(good) :].sum() - len(bad) * (len(bad) + 1) / 2) / (len(good) * len(bad)))


def threshold_at(benign: np.ndarray, rate: float) -> float:
    """The smallest score t with count(benign ≥ t) / n ≤ rate; just above the maximum when no score does."""
    ordered = np.sort(benign)[::-1]
    allowed = int(np.floor(rate * len(ordered)))
    # Scores equal to the first one that is not allowed must stay below the threshold.
    return float(np.nextafter(ordered[allowed], np.inf)) if allowed < len(ordered) else float(ordered[-1])


def tpr_at(benign: np.ndarray, bad: np.ndarray, rate: float = 0.01) -> float:
    """Share of bad examples at or over the threshold that `rate` of the benign ones reach."""
    return float((bad >= threshold_at(benign, rate)).mean())


@dataclass(frozen=True)
class Interval:
    """A value and its 95 % interval."""

    value: float
    low: float
    high: float

    def text(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def wilson(hits: int, n: int) -> Interval:
    """A share with Wilson's 95 % interval."""
    if n == 0:
        return Interval(0.0, 0.0, 1.0)
    z, share = 1.96, hits / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return Interval(share, max(0.0, float(middle - half)), min(1.0, float(middle + half)))


def bootstrap_auroc(good: np.ndarray, bad: np.ndarray, rounds: int = 300, seed: int = 42) -> Interval:
    """AUROC with a percentile bootstrap interval over examples of both classes."""
    rng = np.random.default_rng(seed)
    draws = [auroc(rng.choice(good, len(good)), rng.choice(bad, len(bad))) for _ in range(rounds)]
    low, high = np.quantile(draws, [0.025, 0.975])
    return Interval(auroc(good, bad), float(low), float(high))


def expected_calibration_error(probability: np.ndarray, truth: np.ndarray, weight: np.ndarray | None = None, bins: int = 10) -> float:
    """Mean gap between score and share of truths over equal-width bins; `weight` are the weights that the map was fitted with."""
    weight = np.ones(len(truth)) if weight is None else weight
    index = np.minimum((probability * bins).astype(int), bins - 1)
    gap = 0.0
    for value in range(bins):
        inside = index == value
        if inside.any():
            share = np.average(truth[inside], weights=weight[inside])
            gap += weight[inside].sum() / weight.sum() * abs(np.average(probability[inside], weights=weight[inside]) - share)
    return float(gap)
