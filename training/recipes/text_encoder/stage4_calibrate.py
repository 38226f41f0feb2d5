"""Stage 4: calibrate on rows that were never trained on; write calibration.json, manifest.json, report.json.

Rows are parted by hash of the text: maps are fitted on one half and judged on the other. Scores of the exported int8
graph, one window a pass, as the detectors run it. About 15 minutes on one core.
"""

import json
import os
from collections import Counter

import numpy as np

from parapet_training.baseline import LexicalBaseline
from parapet_training.digest import file_sha256
from parapet_training.encoder_reading import EncoderReading
from parapet_training.manifest import write_json
from parapet_training.paths import MODELS, RUNS
from parapet_training.sources import fraction, take
from recipes.text_encoder.calibrate_exclusive import calibrate_exclusive
from recipes.text_encoder.calibrate_labels import calibrate_labels
from recipes.text_encoder.config import EXCLUSIVE, TASKS, CalibrationConfig, TrainConfig
from recipes.text_encoder.encoder_facts import write_encoder_manifest
from recipes.text_encoder.judged_rows import Baseline, JudgedRows
from recipes.text_encoder.stage1_rows import read_part

RUN = RUNS / "text_encoder"
PACKAGE = MODELS / "encoder"


def unseen_rows(config: CalibrationConfig) -> list[dict]:
    """Rows that were not trained on, at most so many of a source that was."""
    rows = [row | {"part": part} for part in ("heldout", "spare") for row in read_part(part)]
    development: dict[str, list[dict]] = {}
    for row in read_part("development"):
        development.setdefault(f"{row['task']} {row['source']}", []).append(row | {"part": "development"})
    return rows + [row for name, some in sorted(development.items()) for row in take(some, config.rows_of_a_source, "judged")]


def read_all(rows: list[dict]) -> dict[str, np.ndarray]:
    """float32[rows, labels] for each task, kept in the run folder for this model.onnx."""
    digest = file_sha256(PACKAGE / "model.onnx")[:12]
    path = RUN / f"scores-{digest}-{len(rows)}.npz"
    if not path.exists():
        reading = EncoderReading(PACKAGE, int(os.environ.get("OMP_NUM_THREADS", "2")))
        read = [reading.read(row["text"], most_windows=24) for row in rows]
        np.savez(path, **{task: np.stack([one[task] for one in read]) for task in TASKS})
    saved = np.load(path)
    return {task: saved[task] for task in TASKS}


def baseline_of(task: str, train: list[dict], lexical: LexicalBaseline, places: list[int]) -> Baseline:
    """Scores of TF-IDF, trained on the rows that speak of the label (None: of the classes)."""

    def scores(inside: np.ndarray, index: int | None) -> np.ndarray:
        known = [i for i, row in enumerate(train) if row[task] and (index is None or row[task][index] is not None)]
        truth = np.array([int(np.argmax(train[i][task])) if index is None else train[i][task][index] >= 0.5 for i in known])
        return lexical.scores(known, truth, [places[i] for i in np.flatnonzero(inside)])

    return scores


def calibrate(config: CalibrationConfig) -> dict:
    train, everything = read_part("train"), unseen_rows(config)
    logits = read_all(everything)
    lexical = LexicalBaseline([row["text"] for row in train], [row["text"] for row in everything])
    detectors, report = {}, {}
    for task in TASKS:
        some = [index for index, row in enumerate(everything) if row[task]]
        rows = [everything[index] for index in some]
        outside = np.array([row["part"] != "development" or row["source"] in config.spread for row in rows])
        half = np.array([fraction(row["text"], "calibrate") < 0.5 for row in rows])
        judged = JudgedRows(task, rows, logits[task][some].astype(np.float64), outside & half, outside & ~half)
        chosen = calibrate_exclusive if task in EXCLUSIVE else calibrate_labels
        labels, shipped, report[task] = chosen(judged, config, baseline_of(task, train, lexical, some))
        if task not in EXCLUSIVE:
            for index, label in enumerate(TASKS[task]):
                known = [row[task][index] for row in train if row[task] and row[task][index] is not None]
                report[task][label]["trainedOn"] = {"rows": len(known), "bad": sum(value >= 0.5 for value in known)}
        coverage = {"languages": ["en"], "maxTokens": config.max_tokens, "minCharacters": 1}
        data = Counter(row["source"] for row, out in zip(rows, outside, strict=True) if out)
        detectors[task] = {
            "version": "0.1.0",
            "labels": labels,
            "coverage": coverage,
            "shipped": shipped,
            "data": [{"source": name, "n": count} for name, count in sorted(data.items())],
        }
        print(task, json.dumps({label: one["heldOut"]["auroc"] for label, one in report[task].items() if "heldOut" in one}), flush=True)
    digest = file_sha256(PACKAGE / "model.onnx")
    write_json(PACKAGE / "calibration.json", {"schema": "parapet.calibration/1", "modelSha256": digest, "detectors": detectors})
    write_json(RUN / "report.json", report)
    write_encoder_manifest(PACKAGE, TrainConfig())
    return report


if __name__ == "__main__":
    calibrate(CalibrationConfig())
