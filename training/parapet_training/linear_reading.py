"""A reading of residuals: a linear function of a few sites, each transformed alike."""

from dataclasses import dataclass, field

import numpy as np
from sklearn.linear_model import LogisticRegression, Ridge


@dataclass(frozen=True)
class Transform:
    """`normalise` is "l2" or "standardise"; `drop` are dimensions set to zero first."""

    normalise: str
    drop: tuple[int, ...]
    center: np.ndarray = field(default_factory=lambda: np.zeros(0))
    scale: np.ndarray = field(default_factory=lambda: np.ones(0))

    def apply(self, residuals: np.ndarray) -> np.ndarray:
        """float32[rows, sites, hidden] → the same shape."""
        values = residuals.astype(np.float32).copy()
        values[..., list(self.drop)] = 0
        if self.normalise == "l2":
            return values / np.maximum(np.linalg.norm(values, axis=-1, keepdims=True), 1e-6)
        return (values - self.center) / self.scale


def fit_transform(residuals: np.ndarray, normalise: str, drop: tuple[int, ...]) -> Transform:
    """The transform whose statistics (if any) come from `residuals` float32[rows, sites, hidden]."""
    if normalise == "l2":
        return Transform("l2", drop)
    values = residuals.astype(np.float32).copy()
    values[..., list(drop)] = 0
    return Transform("standardise", drop, values.mean(0), np.maximum(values.std(0), 1e-3))


def massive_dimensions(residuals: np.ndarray, factor: float = 25.0) -> tuple[int, ...]:
    """Dimensions whose mean magnitude exceeds `factor` times the median dimension's, at any site."""
    size = np.abs(residuals).mean(0)
    ratio = size / np.median(size, axis=-1, keepdims=True)
    return tuple(int(d) for d in np.flatnonzero((ratio > factor).any(0)))


def fit_weights(features: np.ndarray, truth: np.ndarray, sample_weight: np.ndarray, method: str) -> np.ndarray:
    """Weights float32[sites, hidden] over transformed `features` float32[rows, sites, hidden].

    `method`: "means" (difference of class means), "ridge" (regression on ±1), "logistic-C", or "means-logistic": the
    difference of class means at each site, the sites weighed by a logistic regression on their projections.
    """
    rows, sites, hidden = features.shape
    flat = features.reshape(rows, -1)
    spread = float(flat.std()) or 1.0
    scaled = flat / spread
    if method == "means":
        weight = np.average(scaled[truth], axis=0, weights=sample_weight[truth])
        weight = weight - np.average(scaled[~truth], axis=0, weights=sample_weight[~truth])
        weight = weight / np.linalg.norm(weight)
    elif method == "means-logistic":
        difference = np.stack([
            np.average(scaled.reshape(rows, sites, hidden)[flag], axis=0, weights=sample_weight[flag]) for flag in (truth, ~truth)
        ])
        unit = (difference[0] - difference[1]) / np.linalg.norm(difference[0] - difference[1], axis=-1, keepdims=True)
        projected = np.einsum("rsh,sh->rs", scaled.reshape(rows, sites, hidden), unit)
        joined = LogisticRegression(C=1.0, max_iter=300).fit(projected, truth, sample_weight=sample_weight)
        weight = (joined.coef_[0][:, None] * unit).reshape(-1)
    elif method == "ridge":
        model = Ridge(alpha=0.3 * rows).fit(scaled, np.where(truth, 1.0, -1.0), sample_weight=sample_weight)
        weight = model.coef_
    else:
        strength = float(method.split("-", 1)[1])
        model = LogisticRegression(C=strength, max_iter=300, tol=1e-3)
        weight = model.fit(scaled, truth, sample_weight=sample_weight).coef_[0]
    return (weight / spread).reshape(sites, hidden).astype(np.float32)


def balanced_weights(sources: list[str], truth: np.ndarray) -> np.ndarray:
    """Each class weighs the same, and within a class each source by the square root of its size; mean 1."""
    keys = [f"{source}/{flag}" for source, flag in zip(sources, truth, strict=True)]
    count = {key: keys.count(key) for key in set(keys)}
    weight = np.array([1 / np.sqrt(count[key]) for key in keys])
    for flag in (True, False):
        weight[truth == flag] /= weight[truth == flag].sum()
    return weight / weight.mean()


def raw_score(weight: np.ndarray, features: np.ndarray) -> np.ndarray:
    """Σ over sites and dimensions of w · t(x), float64[rows]."""
    return np.einsum("rsh,sh->r", features.astype(np.float64), weight.astype(np.float64))
