"""Calibration of a task of which one label holds: one temperature for all, one threshold a label."""

import numpy as np
from sklearn.metrics import recall_score

from parapet_training.calibration import evidence, fit_temperature, shipped, tail
from parapet_training.metrics import auroc, expected_calibration_error, wilson
from recipes.text_encoder.calibrate_labels import WHERE
from recipes.text_encoder.config import TASKS, CalibrationConfig
from recipes.text_encoder.judged_rows import Baseline, JudgedRows


def by_source(sources: np.ndarray, truth: np.ndarray, score: np.ndarray, baseline: np.ndarray) -> dict:
    """Accuracy and macro recall for each source; AUROC of the last label against the first."""
    # A baseline of two classes gives one value for each row, above 0 for the second.
    guess = baseline.argmax(1) if baseline.ndim == 2 else (baseline > 0).astype(int)
    table = {}
    for source in sorted(set(sources)):
        inside = sources == source
        right, last = score[inside].argmax(1), score.shape[1] - 1
        low, high = score[inside & (truth == 0), last], score[inside & (truth == last), last]
        table[source] = {
            "n": int(inside.sum()),
            "accuracy": wilson(int((right == truth[inside]).sum()), int(inside.sum())).text(),
            "macroRecall": round(float(recall_score(truth[inside], right, average="macro")), 4),
            "tfidfMacroRecall": round(float(recall_score(truth[inside], guess[inside], average="macro")), 4),
            "lastAgainstFirst": round(auroc(low, high), 4) if len(low) and len(high) else "–",
        }
    return table


def calibrate_exclusive(judged: JudgedRows, config: CalibrationConfig, baseline_of: Baseline) -> tuple[dict, dict, dict]:
    """The labels and shipped thresholds of calibration.json, and the report."""
    truth = np.array([int(np.argmax(row[judged.task])) for row in judged.rows])
    t = fit_temperature(judged.logits[judged.first], truth[judged.first])
    scaled = judged.logits / t
    exponent = np.exp(scaled - scaled.max(1, keepdims=True))
    score = exponent / exponent.sum(1, keepdims=True)
    baseline = baseline_of(np.ones(len(judged.rows), bool), None)
    second, labels, thresholds = judged.second, {}, {}
    outside = judged.first | second
    report: dict = {"temperature": round(t, 4), "sources": by_source(judged.sources, truth, score, baseline)}
    for index, label in enumerate(TASKS[judged.task]):
        holds = truth == index
        guess = baseline[:, index] if baseline.ndim == 2 else (baseline if index else -baseline)
        held = evidence(score[second & ~holds, index], score[second & holds, index], WHERE)
        benign = score[outside & ~holds, index]
        thresholds[label] = shipped(benign)
        labels[label] = {"map": {"kind": "temperature", "t": t}, "benign": {"n": len(benign), "tail": tail(benign)}, "evidence": held}
        report[label] = {"heldOut": held, "tfidf": evidence(guess[second & ~holds], guess[second & holds], "the same rows")}
    top = score.max(1)
    report["calibrationError"] = round(expected_calibration_error(top[second], (score.argmax(1) == truth)[second]), 4)
    return labels, thresholds, report
