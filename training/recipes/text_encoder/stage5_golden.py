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
TOLERANCE = 0.03


def main() -> None:
    reading = EncoderReading(PACKAGE)
    detectors = json.loads((PACKAGE / "calibration.json").read_text())["detectors"]
    outputs = reading.manifest["outputs"]
    inputs = []
    for text in ALL:
        toxicity, sentiment = reading.read(text)
        ids = reading.ids(text)
        scores = {}
        for index, label in enumerate(outputs["toxicity"]["labels"]):
            platt = detectors["toxicity"]["labels"][label]["map"]
            scores[label] = round(float(sigmoid(np.float64(platt["a"] * toxicity[index] + platt["b"]))), 6)
        inputs.append({"detector": "toxicity", "text": text, "inputIds": ids, "scores": scores})
        scaled = sentiment.astype(np.float64) / detectors["sentiment"]["labels"]["neutral"]["map"]["t"]
        share = np.exp(scaled - scaled.max())
        share = share / share.sum()
        names = outputs["sentiment"]["labels"]
        scores = {label: round(float(value), 6) for label, value in zip(names, share, strict=True)}
        inputs.append({"detector": "sentiment", "text": text, "inputIds": ids, "scores": scores})
    facts = {"schema": "parapet.golden/1", "tolerance": TOLERANCE, "specialTokens": "inputIds are without [CLS] and [SEP]"}
    write_json(PACKAGE / "golden.json", facts | {"inputs": inputs})


if __name__ == "__main__":
    main()
