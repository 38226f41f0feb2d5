"""onnxruntime sessions of the sentinel's graph, fed with an empty cache."""

from pathlib import Path

import numpy as np
import onnxruntime as ort


def open_session(source: Path | bytes, threads: int = 2) -> ort.InferenceSession:
    """A CPU session. `source` is a path or the graph's bytes."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(source if isinstance(source, bytes) else str(source), options, ["CPUExecutionProvider"])


def feeds(session: ort.InferenceSession, ids: np.ndarray) -> dict[str, np.ndarray]:
    """Inputs for int64[batch, sequence] tokens of equal length: mask of ones, cache of length 0."""
    batch = ids.shape[0]
    values: dict[str, np.ndarray] = {}
    for entry in session.get_inputs():
        if entry.name == "input_ids":
            values[entry.name] = ids
        elif entry.name == "attention_mask":
            values[entry.name] = np.ones_like(ids)
        else:
            values[entry.name] = np.zeros((batch, 3, 0, 64), dtype=np.float32)
    return values


def batches_of_equal_length(rows: list[list[int]], tokens: int = 2048) -> list[list[int]]:
    """Indices of `rows` in batches: one length a batch, at most `tokens` tokens in each (one row at least)."""
    order = sorted(range(len(rows)), key=lambda index: len(rows[index]))
    batches: list[list[int]] = []
    for index in order:
        last = batches[-1] if batches else None
        length = len(rows[index])
        if last and len(rows[last[0]]) == length and (len(last) + 1) * length <= tokens:
            last.append(index)
        else:
            batches.append([index])
    return batches
