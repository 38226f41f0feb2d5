"""Rows that judge one task, with the logits that the exported graph gives them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

# Decision values of a lexical baseline for the rows that are true in boolean[rows], by the label's index (None: by class).
Baseline = Callable[[np.ndarray, int | None], np.ndarray]


@dataclass(frozen=True)
class JudgedRows:
    """Rows, logits float64[rows, labels], and the two halves (boolean[rows]) of those that count: to fit on, to judge by."""

    task: str
    rows: list[dict]
    logits: np.ndarray
    first: np.ndarray
    second: np.ndarray

    @property
    def sources(self) -> np.ndarray:
        return np.array([row["source"] for row in self.rows])


def source_weights(sources: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Classes weigh the same; within a class, sources by the square root of their size."""
    keys = [f"{s}/{t}" for s, t in zip(sources, truth, strict=True)]
    count = Counter(keys)
    weight = np.array([1 / np.sqrt(count[key]) for key in keys])
    for value in set(truth.tolist()):
        weight[truth == value] /= weight[truth == value].sum()
    return weight / weight.mean()
