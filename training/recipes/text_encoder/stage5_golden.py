"""Stage 5: golden.json of the encoder: our own texts, their tokens and calibrated scores, for TypeScript to replay."""

import json

import numpy as np

from parapet_training.calibration import sigmoid
from parapet_training.encoder_reading import EncoderReading
from parapet_training.golden_texts import ALL
from parapet_training.manifest import write_json
from parapet_training.paths import MODELS

PACKAGE = MODELS / "encoder"
# int8 kernels differ between processors with and without VNNI.
TOLERANCE = 0.05


def scores_of(names: list[str], logits: np.ndarray, labels: dict) -> dict[str, float]:
    """The score of each calibrated label, as calibration.json maps the logits."""
    scores = {}
    for index, name in enumerate(names):
        if name not in labels:
            continue
        how = labels[name]["map"]
        if how["kind"] == "platt":
            score = sigmoid(np.float64(how["a"] * logits[index] + how["b"]))
        else:
            scaled = logits.astype(np.float64) / how["t"]
            share = np.exp(scaled - scaled.max())
            score = share[index] / share.sum()
        scores[name] = round(float(score), 6)
    return scores


def main() -> None:
    reading = EncoderReading(PACKAGE)
    detectors = json.loads((PACKAGE / "calibration.json").read_text())["detectors"]
    inputs = []
    for text in ALL:
        read, ids = reading.read(text), reading.ids(text)
        for task, facts in reading.manifest["outputs"].items():
            scores = scores_of(facts["labels"], read[task], detectors[task]["labels"])
            inputs.append({"detector": task, "text": text, "inputIds": ids, "scores": scores})
    facts = {"schema": "parapet.golden/1", "tolerance": TOLERANCE, "specialTokens": "inputIds are without [CLS] and [SEP]"}
    write_json(PACKAGE / "golden.json", facts | {"inputs": inputs})


if __name__ == "__main__":
    main()
