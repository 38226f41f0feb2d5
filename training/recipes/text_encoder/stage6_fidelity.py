"""Stage 6: what int8 costs, how often long everyday text is flagged, and milliseconds. Writes runs/text_encoder/fidelity.json.

About 4 minutes on one core.
"""

import json
import os
import random
import time
from pathlib import Path

import numpy as np

from parapet_training.calibration import sigmoid
from parapet_training.encoder_reading import EncoderReading
from parapet_training.manifest import write_json
from parapet_training.metrics import auroc, wilson
from parapet_training.paths import MODELS, RUNS
from parapet_training.session import open_session
from parapet_training.sources import fraction
from recipes.text_encoder.stage1_rows import read_part

RUN = RUNS / "text_encoder"
PACKAGE = MODELS / "encoder"
THREADS = int(os.environ.get("OMP_NUM_THREADS", "2"))


def with_graph(path: Path) -> EncoderReading:
    """The package's reading with another graph in it."""
    reading = EncoderReading(PACKAGE, THREADS)
    reading.session = open_session(path, THREADS)
    return reading


def precision(rows: list[dict]) -> list[dict]:
    """AUROC of `toxic` and accuracy of sentiment on the same held-out texts, by graph."""
    toxic = [r for r in rows if r["source"] == "realtoxicityprompts"]
    toxic = sorted(toxic, key=lambda r: fraction(r["text"], "precision"))[:600]
    moods = sorted((r for r in rows if r["sentiment"]), key=lambda r: fraction(r["text"], "precision"))[:600]
    truth = np.array([r["toxicity"][0] >= 0.5 for r in toxic])
    classes = np.array([int(np.argmax(r["sentiment"])) for r in moods])
    lines = []
    for name, path in (("float32", RUN / "float.onnx"), ("int8, as shipped", PACKAGE / "model.onnx")):
        reading = with_graph(path)
        scores = np.array([reading.read(r["text"])[0][0] for r in toxic])
        guesses = np.array([reading.read(r["text"])[1].argmax() for r in moods])
        lines.append({"graph": name, "toxic": round(auroc(scores[~truth], scores[truth]), 4), "sentiment": round(float((guesses == classes).mean()), 4)})
    return lines


def long_texts(rows: list[dict], count: int = 120) -> list[dict]:
    """Everyday texts that were not trained on, joined to 2,000, 6,000 and 16,000 characters."""
    calibration = json.loads((PACKAGE / "calibration.json").read_text())["detectors"]["toxicity"]
    platt, threshold = calibration["labels"]["toxic"]["map"], calibration["shipped"]["toxic"]["threshold"]
    pool = sorted((r["text"] for r in rows if r["source"] == "benign"), key=lambda text: fraction(text, "long"))
    reading, rng, lines = EncoderReading(PACKAGE, THREADS), random.Random(42), []
    for length, n in ((2000, count), (6000, count), (16_000, count // 3)):
        hits = 0
        for _ in range(n):
            text = ""
            while len(text) < length:
                text += rng.choice(pool) + "\n"
            score = sigmoid(np.float64(platt["a"] * reading.read(text[:length])[0][0] + platt["b"]))
            hits += bool(score >= threshold)
        lines.append({"kind": f"{length} characters", "n": n, "flagged": wilson(hits, n).text()})
    return lines


def milliseconds() -> dict[str, float]:
    """Fastest of 20 passes, two threads."""
    session = open_session(PACKAGE / "model.onnx", 2)
    table = {}
    for length in (32, 64, 128, 256):
        ids = np.random.default_rng(0).integers(1000, 29_000, (1, length))
        values = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        times = []
        for _ in range(21):
            start = time.perf_counter()
            session.run(None, values)
            times.append(time.perf_counter() - start)
        table[str(length)] = round(min(times[1:]) * 1000, 1)
    return table


if __name__ == "__main__":
    outside, development = read_part("heldout"), read_part("development")
    result = {"precision": precision(outside), "long": long_texts(development), "milliseconds": milliseconds()}
    write_json(RUN / "fidelity.json", result)
    print(json.dumps(result, indent=1))
