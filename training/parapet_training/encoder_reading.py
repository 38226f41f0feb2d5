"""The exported encoder as the detectors run it: windows of one text, one pass each, without padding."""

import json
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from parapet_training.session import open_session


def token_windows(ids: list[int], size: int, stride: int) -> list[list[int]]:
    """Overlapping windows, the last one ending with the text; an empty text has one empty window."""
    windows, start = [], 0
    while True:
        windows.append(ids[start : start + size])
        if start + size >= len(ids):
            return windows
        start += stride


JOIN = {"maximum": np.max, "mean-of-logits": np.mean}


class EncoderReading:
    """The logits of a text for each output, joined over its windows as the manifest says."""

    def __init__(self, package: Path, threads: int = 1) -> None:
        self.manifest = json.loads((package / "manifest.json").read_text())
        self.tokenizer = Tokenizer.from_file(str(package / "tokenizer.json"))
        self.session = open_session(package / "model.onnx", threads)
        self.before, self.after = self.manifest["startTokens"], self.manifest["endTokens"]

    def ids(self, text: str) -> list[int]:
        """Token ids without the special tokens around them."""
        return self.tokenizer.encode(text, add_special_tokens=False).ids

    def read(self, text: str, most_windows: int | None = None) -> dict[str, np.ndarray]:
        """float32[labels] for each output."""
        room = self.manifest["windowTokens"] - len(self.before) - len(self.after)
        outputs = self.manifest["outputs"]
        rows: dict[str, list[np.ndarray]] = {name: [] for name in outputs}
        for window in token_windows(self.ids(text), room, min(self.manifest["strideTokens"], room))[:most_windows]:
            row = np.array([self.before + window + self.after], dtype=np.int64)
            # A pass of its own: dynamic quantisation takes its range over the whole batch.
            results = self.session.run(list(outputs), {"input_ids": row, "attention_mask": np.ones_like(row)})
            for name, result in zip(outputs, results, strict=True):
                rows[name].append(result[0])
        return {name: JOIN[facts["aggregate"]](rows[name], axis=0) for name, facts in outputs.items()}
