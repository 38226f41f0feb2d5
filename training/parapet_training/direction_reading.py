"""The refusal direction as the detector reads it: one pass over one text, scores from direction.safetensors."""

import json
import math
from pathlib import Path

import numpy as np
from safetensors import safe_open

from parapet_training.graph import truncated
from parapet_training.prompt import LAST, LAST_INSTRUCTION, PromptTokens
from parapet_training.session import feeds, open_session

OFFSETS = {"last": LAST, "last-instruction": LAST_INSTRUCTION}


class DirectionReading:
    """Scores of single prompts."""

    def __init__(self, package: Path, threads: int = 1) -> None:
        self.tokens = PromptTokens(package)
        with safe_open(package / "direction.safetensors", "numpy") as file:
            self.facts = json.loads(file.metadata()["parapet"])
            self.tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        places = [place["site"] for r in self.facts["readings"].values() for place in r["sites"]]
        self.layers = sorted({int(site.split(".")[1]) for site in places})
        self.session = open_session(truncated(package / "model.onnx", self.layers), threads)

    def logit(self, name: str, rows: dict[int, np.ndarray]) -> float:
        """The reading's logit. `rows` float32[sequence, hidden] by layer."""
        reading = self.facts["readings"][name]
        total = 0.0
        for index, place in enumerate(reading["sites"]):
            value = rows[int(place["site"].split(".")[1])][OFFSETS[place["position"]]].astype(np.float64)
            if reading["transform"]["normalise"] == "standardise":
                value = (value - self.tensors[f"{name}.center"][index]) / self.tensors[f"{name}.scale"][index]
            value[reading["transform"]["dropDimensions"]] = 0
            if reading["transform"]["normalise"] == "l2":
                value = value / (np.linalg.norm(value) or 1.0)
            total += float(self.tensors[f"{name}.weight"][index].astype(np.float64) @ value)
        return reading["scale"] * total + reading["bias"]

    def score(self, ids: list[int]) -> dict[str, float]:
        """harmful, harmfulness and refusal of one tokenised conversation."""
        outputs = self.session.run(None, feeds(self.session, np.array([ids], dtype=np.int64)))
        rows = {layer: output[0] for layer, output in zip(self.layers, outputs, strict=True)}
        harmfulness, refusal = self.logit("harmfulness", rows), self.logit("refusal", rows)
        combine = self.facts["combine"]
        joint = combine["harmfulness"] * harmfulness + combine["refusal"] * refusal + combine["bias"]
        values = {"harmful": joint, "harmfulness": harmfulness, "refusal": refusal}
        return {name: 1 / (1 + math.exp(-value)) for name, value in values.items()}
