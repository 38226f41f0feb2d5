"""Stage 4: calibrate on sources that were never trained on; write calibration.json, manifest.json, report.json.

The held-out sources are parted by hash of the text: maps are fitted on one half and judged on the other.
Scores of the exported int8 graph, one window a pass, as the detectors run it. About 4 minutes on one core.
"""

import json
import os
from collections import Counter

import numpy as np
from sklearn.metrics import recall_score

from parapet_training.baseline import tfidf_scores
from parapet_training.calibration import evidence, fit_platt, fit_temperature, shipped, tail
from parapet_training.digest import file_sha256
from parapet_training.encoder_reading import EncoderReading
from parapet_training.manifest import write_json
from parapet_training.metrics import auroc, bootstrap_auroc, expected_calibration_error, wilson
from parapet_training.paths import MODELS, RUNS
from parapet_training.sources import fraction
from recipes.text_encoder.config import SENTIMENT, TOXICITY, TrainConfig
from recipes.text_encoder.encoder_facts import write_encoder_manifest
from recipes.text_encoder.stage1_rows import read_part

RUN = RUNS / "text_encoder"
PACKAGE = MODELS / "encoder"
MAX_TOKENS = 4096
COVERAGE = {"languages": ["en"], "maxTokens": MAX_TOKENS, "minCharacters": 1}


def read_all(rows: list[dict], name: str) -> tuple[np.ndarray, np.ndarray]:
    """float32[rows, toxicity labels], float32[rows, 3], kept in the run folder for this model.onnx."""
    digest = file_sha256(PACKAGE / "model.onnx")[:12]
    path = RUN / f"scores-{name}-{digest}.npz"
    if path.exists():
        saved = np.load(path)
        return saved["toxicity"], saved["sentiment"]
    reading = EncoderReading(PACKAGE, int(os.environ.get("OMP_NUM_THREADS", "2")))
    both = [reading.read(row["text"]) for row in rows]
    toxicity, sentiment = np.stack([b[0] for b in both]), np.stack([b[1] for b in both])
    np.savez(path, toxicity=toxicity, sentiment=sentiment)
    return toxicity, sentiment


def source_weights(sources: list[str], truth: np.ndarray) -> np.ndarray:
    """Classes weigh the same; within a class, sources by the square root of their size."""
    keys = [f"{s}/{t}" for s, t in zip(sources, truth, strict=True)]
    count = Counter(keys)
    weight = np.array([1 / np.sqrt(count[key]) for key in keys])
    for value in set(truth.tolist()):
        weight[truth == value] /= weight[truth == value].sum()
    return weight / weight.mean()


def calibrate_toxicity(rows: list[dict], logits: np.ndarray, train: list[dict], report: dict) -> dict:
    """The toxicity entry of calibration.json."""
    labels, thresholds = {}, {}
    for index, label in enumerate(TOXICITY):
        known = [i for i, r in enumerate(rows) if r["toxicity"] and r["toxicity"][index] is not None]
        raw = logits[known, index].astype(np.float64)
        truth = np.array([rows[i]["toxicity"][index] >= 0.5 for i in known])
        sources = [rows[i]["source"] for i in known]
        outside = np.array([rows[i]["part"] == "heldout" or rows[i]["source"] == "benign" for i in known])
        half = np.array([fraction(rows[i]["text"], "calibrate") < 0.5 for i in known])
        first, second = outside & half, outside & ~half
        weights = source_weights([s for s, f in zip(sources, first, strict=True) if f], truth[first])
        platt = fit_platt(raw[first], truth[first], weights)
        score = platt.apply(raw)
        texts = [r["text"] for r in train if r["toxicity"] and r["toxicity"][index] is not None]
        known_truth = np.array([r["toxicity"][index] >= 0.5 for r in train if r["toxicity"] and r["toxicity"][index] is not None])
        baseline = tfidf_scores(texts, known_truth, [rows[i]["text"] for i in known])
        held = evidence(score[second & ~truth], score[second & truth], "held out by source, second half by hash")
        benign = score[outside & ~truth]
        thresholds[label] = shipped(benign)
        per_source = {}
        for source in sorted(set(sources)):
            inside = np.array([s == source for s in sources])
            good, bad = score[inside & ~truth], score[inside & truth]
            entry = {"benign": len(good), "bad": len(bad)}
            if len(good) >= 20 and len(bad) >= 20:
                entry["auroc"] = bootstrap_auroc(good, bad).text()
                entry["tfidf"] = bootstrap_auroc(baseline[inside & ~truth], baseline[inside & truth]).text()
            for key, values in (("flagged", good), ("found", bad)):
                hits = int((values >= thresholds[label]["threshold"]).sum())
                entry[key] = wilson(hits, len(values)).text() if len(values) else "–"
            per_source[source] = entry
        report[label] = {
            "heldOut": held,
            "tfidf": evidence(baseline[second & ~truth], baseline[second & truth], "the same rows"),
            "calibrationError": round(expected_calibration_error(score[second], truth[second], source_weights([s for s, f in zip(sources, second, strict=True) if f], truth[second])), 4),
            "sources": per_source,
            "trainedOn": {"rows": len(texts), "bad": int(known_truth.sum())},
        }
        labels[label] = {"map": platt.json(), "benign": {"n": len(benign), "tail": tail(benign)}, "evidence": held}
    counts = Counter(r["source"] for r in rows if r["toxicity"] and (r["part"] == "heldout" or r["source"] == "benign"))
    data = [{"source": name, "n": count} for name, count in sorted(counts.items())]
    return {"version": "0.1.0", "labels": labels, "coverage": COVERAGE, "shipped": thresholds, "data": data}


def calibrate_sentiment(rows: list[dict], logits: np.ndarray, train: list[dict], report: dict) -> dict:
    """The sentiment entry of calibration.json."""
    known = [i for i, r in enumerate(rows) if r["sentiment"] and r["part"] == "heldout"]
    raw = logits[known].astype(np.float64)
    truth = np.array([int(np.argmax(rows[i]["sentiment"])) for i in known])
    half = np.array([fraction(rows[i]["text"], "calibrate") < 0.5 for i in known])
    t = fit_temperature(raw[half], truth[half])
    exponent = np.exp(raw / t - (raw / t).max(1, keepdims=True))
    score = exponent / exponent.sum(1, keepdims=True)
    texts = [r["text"] for r in train if r["sentiment"]]
    classes = np.array([int(np.argmax(r["sentiment"])) for r in train if r["sentiment"]])
    baseline = tfidf_scores(texts, classes, [rows[i]["text"] for i in known])
    second, labels, thresholds = ~half, {}, {}
    for index, label in enumerate(SENTIMENT):
        is_label = truth == index
        good = score[~is_label, index]
        held = evidence(score[second & ~is_label, index], score[second & is_label, index], "held out by source, second half by hash")
        thresholds[label] = shipped(good)
        labels[label] = {"map": {"kind": "temperature", "t": t}, "benign": {"n": len(good), "tail": tail(good)}, "evidence": held}
        report[label] = {"heldOut": held, "tfidf": evidence(baseline[second & ~is_label, index], baseline[second & is_label, index], "the same rows")}
    sources = np.array([rows[i]["source"] for i in known])
    report["sources"] = {
        source: {
            "n": int((sources == source).sum()),
            "accuracy": wilson(int((score.argmax(1) == truth)[sources == source].sum()), int((sources == source).sum())).text(),
            "macroRecall": round(float(recall_score(truth[sources == source], score.argmax(1)[sources == source], average="macro")), 4),
            "tfidfMacroRecall": round(float(recall_score(truth[sources == source], baseline.argmax(1)[sources == source], average="macro")), 4),
            "positiveAgainstNegative": round(auroc(score[(sources == source) & (truth == 0), 2], score[(sources == source) & (truth == 2), 2]), 4),
        }
        for source in sorted(set(sources))
    }
    top = score.max(1)
    report["calibrationError"] = round(expected_calibration_error(top[second], (score.argmax(1) == truth)[second]), 4)
    report["temperature"] = round(t, 4)
    development = [i for i, r in enumerate(rows) if r["sentiment"] and r["part"] == "development"]
    right = np.array([int(np.argmax(rows[i]["sentiment"])) == int(logits[i].argmax()) for i in development])
    names = np.array([rows[i]["source"] for i in development])
    report["development"] = {n: wilson(int(right[names == n].sum()), int((names == n).sum())).text() for n in sorted(set(names))}
    data = [{"source": name, "n": count} for name, count in sorted(Counter(sources.tolist()).items())]
    return {"version": "0.1.0", "labels": labels, "coverage": COVERAGE, "shipped": thresholds, "data": data}


def calibrate() -> dict:
    train = read_part("train")
    rows = [row | {"part": part} for part in ("heldout", "development") for row in read_part(part)]
    toxicity, sentiment = read_all(rows, "outside")
    report: dict = {"toxicity": {}, "sentiment": {}}
    detectors = {
        "toxicity": calibrate_toxicity(rows, toxicity, train, report["toxicity"]),
        "sentiment": calibrate_sentiment(rows, sentiment, train, report["sentiment"]),
    }
    digest = file_sha256(PACKAGE / "model.onnx")
    write_json(PACKAGE / "calibration.json", {"schema": "parapet.calibration/1", "modelSha256": digest, "detectors": detectors})
    write_json(RUN / "report.json", report)
    write_encoder_manifest(PACKAGE, TrainConfig())
    return report


if __name__ == "__main__":
    print(json.dumps(calibrate(), indent=1))
