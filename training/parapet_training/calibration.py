"""Maps from raw scores to probabilities, and the benign tails that thresholds are read from."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression

from parapet_training.metrics import bootstrap_auroc, threshold_at, wilson


def sigmoid(value: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(value, -60, 60)))


@dataclass(frozen=True)
class Platt:
    """Probability = sigmoid(a · raw + b)."""

    a: float
    b: float

    def apply(self, raw: np.ndarray) -> np.ndarray:
        return sigmoid(self.a * raw + self.b)

    def json(self) -> dict:
        return {"kind": "platt", "a": self.a, "b": self.b}


def fit_platt(raw: np.ndarray, truth: np.ndarray, sample_weight: np.ndarray | None = None) -> Platt:
    """Maximum likelihood; `truth` is boolean."""
    spread = float(raw.std()) or 1.0
    model = LogisticRegression(C=1e4).fit((raw / spread)[:, None], truth, sample_weight=sample_weight)
    return Platt(float(model.coef_[0, 0] / spread), float(model.intercept_[0]))


def fit_temperature(logits: np.ndarray, truth: np.ndarray) -> float:
    """The t that makes softmax(logits / t) likeliest; `truth` are class indices."""

    def loss(log_t: float) -> float:
        scaled = logits / np.exp(log_t)
        scaled = scaled - scaled.max(1, keepdims=True)
        return float(-(scaled[np.arange(len(truth)), truth] - np.log(np.exp(scaled).sum(1))).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-2, 2), method="bounded").x))


def tail(scores: np.ndarray) -> list[float]:
    """The highest benign scores, descending: the top 5 %, at most 1,000 of them.

    Rounded to seven digits upwards, so that a threshold read from them never flags more than asked.
    """
    count = min(1000, max(1, int(np.ceil(0.05 * len(scores)))))
    top = np.sort(scores)[::-1][:count]
    return [float(np.ceil(value * 1e7) / 1e7) for value in top]


def evidence(benign: np.ndarray, bad: np.ndarray, source: str) -> dict:
    """AUROC and true positives at 1 % false positives, with 95 % intervals."""
    interval = bootstrap_auroc(benign, bad)
    threshold = threshold_at(benign, 0.01)
    hits = wilson(int((bad >= threshold).sum()), len(bad))
    return {
        "auroc": round(interval.value, 4),
        "aurocInterval": [round(interval.low, 4), round(interval.high, 4)],
        "tprAt1": round(hits.value, 4),
        "tprAt1Interval": [round(hits.low, 4), round(hits.high, 4)],
        "n": {"benign": len(benign), "bad": len(bad)},
        "source": source,
    }


def shipped(benign: np.ndarray, rate: float = 0.01) -> dict:
    """The threshold that `rate` of the benign texts reach."""
    return {"falsePositiveRate": rate, "threshold": float(np.ceil(threshold_at(benign, rate) * 1e7) / 1e7)}
