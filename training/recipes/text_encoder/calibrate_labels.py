"""Calibration of a task whose labels stand each for themselves: one Platt map and one threshold a label."""

import numpy as np

from parapet_training.calibration import evidence, fit_platt, shipped, tail
from parapet_training.metrics import bootstrap_auroc, expected_calibration_error, wilson
from recipes.text_encoder.config import TASKS, CalibrationConfig
from recipes.text_encoder.judged_rows import Baseline, JudgedRows, source_weights

WHERE = "unseen rows, the half by hash that no map was fitted on"


def by_source(sources: np.ndarray, truth: np.ndarray, score: np.ndarray, baseline: np.ndarray, threshold: float) -> dict:
    """AUROC, and shares at the shipped threshold, for each source."""
    table = {}
    for source in sorted(set(sources)):
        inside = sources == source
        good, bad = score[inside & ~truth], score[inside & truth]
        entry: dict[str, object] = {"benign": len(good), "bad": len(bad)}
        if len(good) >= 20 and len(bad) >= 20:
            entry["auroc"] = bootstrap_auroc(good, bad).text()
            entry["tfidf"] = bootstrap_auroc(baseline[inside & ~truth], baseline[inside & truth]).text()
        for key, values in (("flagged", good), ("found", bad)):
            entry[key] = wilson(int((values >= threshold).sum()), len(values)).text() if len(values) else "–"
        table[source] = entry
    return table


def joined(raw: np.ndarray, baseline: np.ndarray, first: np.ndarray) -> np.ndarray:
    """The plain sum of both, standardised on the rows to fit on: what a lexical branch beside the encoder would add."""
    return sum((values - values[first].mean()) / (values[first].std() or 1.0) for values in (raw, baseline))


def calibrate_labels(judged: JudgedRows, config: CalibrationConfig, baseline_of: Baseline) -> tuple[dict, dict, dict]:
    """The labels and shipped thresholds of calibration.json, and the report. A label without evidence is in the report alone."""
    labels, thresholds, report = {}, {}, {}
    hard = dict(config.hard)[judged.task]
    for index, label in enumerate(TASKS[judged.task]):
        known = np.array([row[judged.task][index] is not None for row in judged.rows])
        rows = [row for row, here in zip(judged.rows, known, strict=True) if here]
        raw, sources = judged.logits[known, index], judged.sources[known]
        first, second = judged.first[known], judged.second[known]
        truth = np.array([row[judged.task][index] >= 0.5 for row in rows])
        bad = int((truth & second).sum())
        report[label] = {"n": {"benign": int((~truth & second).sum()), "bad": bad}, "offered": False}
        if bad < config.least_bad:
            continue
        platt = fit_platt(raw[first], truth[first], source_weights(sources[first], truth[first]))
        score, baseline = platt.apply(raw), baseline_of(known, index)
        both = joined(raw, baseline, first)
        held = evidence(score[second & ~truth], score[second & truth], WHERE)
        benign = score[np.isin(sources, hard) & ~truth]
        threshold = shipped(benign)
        weights = source_weights(sources[second], truth[second])
        report[label] |= {
            "heldOut": held,
            "tfidf": evidence(baseline[second & ~truth], baseline[second & truth], "the same rows"),
            "joined": evidence(both[second & ~truth], both[second & truth], "the same rows"),
            "calibrationError": round(expected_calibration_error(score[second], truth[second], weights), 4),
            "sources": by_source(sources, truth, score, baseline, threshold["threshold"]),
            "offered": held["aurocInterval"][0] >= config.least_auroc or index == 0,
        }
        if report[label]["offered"]:
            labels[label] = {"map": platt.json(), "benign": {"n": len(benign), "tail": tail(benign)}, "evidence": held}
            thresholds[label] = threshold
    return labels, thresholds, report
