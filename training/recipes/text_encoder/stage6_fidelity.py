"""Stage 6: what int8 costs, how often long everyday text is flagged, and milliseconds. Writes runs/text_encoder/fidelity.json.

About 4 minutes on one core.
"""

import json
import os
import random
import time
from pathlib import Path

import numpy as np

from parapet_training.encoder_reading import EncoderReading
from parapet_training.manifest import write_json
from parapet_training.metrics import auroc, wilson
from parapet_training.paths import MODELS, RUNS
from parapet_training.session import open_session
from parapet_training.sources import fraction
from recipes.text_encoder.config import TASKS
from recipes.text_encoder.stage1_rows import read_part
from recipes.text_encoder.stage5_golden import scores_of

RUN = RUNS / "text_encoder"
PACKAGE = MODELS / "encoder"
THREADS = int(os.environ.get("OMP_NUM_THREADS", "2"))


def with_graph(path: Path) -> EncoderReading:
    """The package's reading with another graph in it."""
    reading = EncoderReading(PACKAGE, THREADS)
    reading.session = open_session(path, THREADS)
    return reading


def precision(rows: list[dict]) -> list[dict]:
    """AUROC of the first label of each task on the same held-out texts, by graph."""
    lines = []
    for name, path in (("float32", RUN / "float.onnx"), ("int8, as shipped", PACKAGE / "model.onnx")):
        reading, line = with_graph(path), {"graph": name}
        for task in TASKS:
            some = sorted((r for r in rows if r[task] and r[task][0] is not None), key=lambda r: fraction(r["text"], "precision"))[:400]
            truth = np.array([r[task][0] >= 0.5 for r in some])
            scores = np.array([reading.read(r["text"], most_windows=8)[task][0] for r in some])
            line[task] = round(auroc(scores[~truth], scores[truth]), 4) if truth.any() and not truth.all() else None
        lines.append(line)
    return lines


def long_texts(rows: list[dict], count: int = 100) -> list[dict]:
    """Everyday texts that were not trained on, joined to 2,000, 6,000 and 16,000 characters: how many reach the shipped threshold."""
    detectors = json.loads((PACKAGE / "calibration.json").read_text())["detectors"]
    pool = sorted((r["text"] for r in rows if r["source"] in ("benign_documents", "benign_chats")), key=lambda text: fraction(text, "long"))
    reading, rng, lines = EncoderReading(PACKAGE, THREADS), random.Random(42), []
    for length, n in ((2000, count), (6000, count), (16_000, count // 3)):
        hits = dict.fromkeys(("toxicity", "attack", "harm"), 0)
        for _ in range(n):
            text = ""
            while len(text) < length:
                text += rng.choice(pool) + "\n"
            read = reading.read(text[:length])
            for task in hits:
                labels, shipped = detectors[task]["labels"], detectors[task]["shipped"]
                names = [name for name in (TASKS[task] if task == "attack" else TASKS[task][:1]) if name in labels]
                scores = scores_of(list(TASKS[task]), read[task], labels)
                hits[task] += any(scores[name] >= shipped[name]["threshold"] for name in names)
        lines.append({"kind": f"{length} characters", "n": n} | {task: wilson(found, n).text() for task, found in hits.items()})
    return lines


def milliseconds() -> dict[str, float]:
    """Fastest of 20 passes, two threads."""
    session = open_session(PACKAGE / "model.onnx", 2)
    table = {}
    for length in (32, 64, 128, 256, 512):
        # Longer than a window is two windows, one pass each, as the detectors run it.
        ids = np.random.default_rng(0).integers(1000, 29_000, (1, min(length, 256)))
        values = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        times = []
        for _ in range(21):
            start = time.perf_counter()
            for _ in range(-(-length // 256)):
                session.run(None, values)
            times.append(time.perf_counter() - start)
        table[str(length)] = round(min(times[1:]) * 1000, 1)
    return table


if __name__ == "__main__":
    outside, development = read_part("heldout"), read_part("development")
    result = {"precision": precision(outside + development), "long": long_texts(development), "milliseconds": milliseconds()}
    write_json(RUN / "fidelity.json", result)
    print(json.dumps(result, indent=1))
