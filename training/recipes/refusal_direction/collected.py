"""What stage 2 wrote, as the later stages read it."""

import json
from dataclasses import dataclass

import numpy as np

from parapet_training.sources import folded
from parapet_training.token_reading import spans_of
from recipes.refusal_direction.rows import fold_of, tuned_on
from recipes.refusal_direction.stage2_collect import RUN


@dataclass(frozen=True)
class Collected:
    """Rows with their residuals; `fitted` says which may be fitted on, `seen` which the model itself was tuned on."""

    rows: list[dict]
    sites: np.ndarray
    tokens: np.ndarray
    starts: np.ndarray
    truth: np.ndarray
    folds: np.ndarray
    seen: np.ndarray

    @property
    def sources(self) -> list[str]:
        return [row["source"] for row in self.rows]

    def part(self, chosen: np.ndarray) -> "Collected":
        """The rows where `chosen`, with their own tokens."""
        picked = np.flatnonzero(chosen)
        tokens = [self.tokens[self.starts[i] : self.starts[i + 1]] for i in picked]
        rows = [self.rows[i] for i in picked]
        flat = np.concatenate(tokens) if tokens else self.tokens[:0]
        return Collected(rows, self.sites[picked], flat, spans_of(rows), self.truth[picked], self.folds[picked], self.seen[picked])


def load(part: str) -> Collected:
    with (RUN / f"{part}.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    known = tuned_on()
    return Collected(
        rows,
        np.load(RUN / f"{part}.sites.npy", mmap_mode="r"),
        np.load(RUN / f"{part}.tokens.npy", mmap_mode="r"),
        spans_of(rows),
        np.array([row["harmful"] for row in rows]),
        np.array([fold_of(row["group"]) for row in rows]),
        np.array([folded(row["text"]) in known for row in rows]),
    )
