"""Greedy answers of an exported graph through onnxruntime, as whoever ships it gets them."""

from collections.abc import Iterator

import numpy as np
import onnxruntime as ort

from parapet_training.greedy import batches_by_length
from parapet_training.session import feeds


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """float32, over the last axis."""
    shifted = logits - logits.max(-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))


def onnx_greedy(session: ort.InferenceSession, prompts: list[list[int]], steps: int, size: int = 16) -> Iterator[tuple[list[int], np.ndarray, np.ndarray]]:
    """(indices of the prompts, tokens int64[rows, steps], log-probabilities of the first token float32[rows, vocabulary])."""
    names = [output.name for output in session.get_outputs()]
    for rows in batches_by_length(prompts, [], size):
        ids = np.array([prompts[index] for index in rows], dtype=np.int64)
        values = feeds(session, ids)
        chosen, first = [], None
        for step in range(steps):
            outputs = dict(zip(names, session.run(names, values), strict=True))
            every = log_softmax(outputs["logits"][:, -1].astype(np.float32))
            first = every if step == 0 else first
            chosen.append(every.argmax(-1)[:, None])
            mask = np.ones((len(rows), values["attention_mask"].shape[1] + 1), dtype=np.int64)
            values = {"input_ids": chosen[-1], "attention_mask": mask}
            values |= {name.replace("present", "past_key_values"): array for name, array in outputs.items() if name.startswith("present")}
        yield rows, np.concatenate(chosen, 1), first
