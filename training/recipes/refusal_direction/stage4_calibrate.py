"""Stage 4: calibrate on cross-fitted scores; write direction.safetensors, calibration.json, manifest.json and report.json.

Every score used here comes from a reading that saw no row of the text's fold. The rows are parted by hash of the text:
on one half the scales are fitted, on the other they are judged. About 3 minutes on one core.
"""

import json
import platform
from importlib.metadata import version

import numpy as np
from safetensors.numpy import save_file
from sklearn.linear_model import LogisticRegression

from parapet_training.baseline import tfidf_scores
from parapet_training.calibration import evidence, fit_platt, shipped, sigmoid, tail
from parapet_training.digest import file_sha256, text_sha256
from parapet_training.graph import site_name
from parapet_training.linear_reading import Transform, balanced_weights, raw_score
from parapet_training.manifest import write_json
from parapet_training.metrics import auroc, expected_calibration_error, tpr_at, wilson
from parapet_training.paths import MODELS, RUNS
from parapet_training.sources import fraction
from recipes.refusal_direction.config import FitConfig, LongConfig
from recipes.refusal_direction.sentinel_facts import write_sentinel_manifest
from recipes.refusal_direction.stage3_fit import POSITIONS, READINGS, load, load_all

RUN = RUNS / "refusal_direction"
PACKAGE = MODELS / "sentinel"
MAX_TOKENS = LongConfig().max_tokens


def shipped_raw(name: str, values: np.ndarray, config: FitConfig) -> np.ndarray:
    """Raw scores float64[rows] of the reading that ships, before its scale and bias."""
    arrays = np.load(RUN / "readings.npz")
    chosen = json.loads((RUN / "ablation.json").read_text())["chosen"][name]
    picked = np.array(values[:, [config.rows.layers.index(site) for site in chosen["sites"]], READINGS.index(name)])
    drop = tuple(chosen["drop"])
    if chosen["transform"] == "l2":
        change = Transform("l2", drop)
    else:
        change = Transform("standardise", drop, arrays[f"{name}.center"], arrays[f"{name}.scale"])
    return raw_score(arrays[f"{name}.weight"], change.apply(picked))


def cross_fitted_tfidf(rows: list[dict], truth: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Decision values float64[rows] of the baseline, over the same folds."""
    texts, score = [row["text"] for row in rows], np.zeros(len(rows))
    for fold in sorted(set(folds.tolist())):
        out = folds == fold
        inside = [text for text, o in zip(texts, out, strict=True) if not o]
        score[out] = tfidf_scores(inside, truth[~out], [text for text, o in zip(texts, out, strict=True) if o])
    return score


def twin_accuracy(score: np.ndarray, rows: list[dict]) -> dict:
    """Share of pairs whose harmful half scores higher."""
    pairs: dict[int, dict[bool, float]] = {}
    for value, row in zip(score, rows, strict=True):
        if row["source"] == "twins":
            pairs.setdefault(row["pair"], {})[row["harmful"]] = value
    full = [pair for pair in pairs.values() if len(pair) == 2]
    interval = wilson(sum(pair[True] > pair[False] for pair in full), len(full))
    return {"accuracy": round(interval.value, 4), "interval": [round(interval.low, 4), round(interval.high, 4)], "pairs": len(full)}


def slices(score: np.ndarray, rows: list[dict], threshold: float) -> list[dict]:
    """Per source and label: how many are flagged at the shipped threshold."""
    table = []
    for source, label in sorted({(row["source"], row["label"]) for row in rows}):
        inside = np.array([row["source"] == source and row["label"] == label for row in rows])
        interval = wilson(int((score[inside] >= threshold).sum()), int(inside.sum()))
        table.append({"source": source, "label": label, "n": int(inside.sum()), "flagged": interval.text()})
    return table


def long_slices(score: np.ndarray, rows: list[dict], threshold: float) -> list[dict]:
    """Flagged at the shipped threshold, by length."""
    table = []
    tokens = np.array([row["tokens"] for row in rows])
    harmful = np.array([row["harmful"] for row in rows])
    for kind, flag in (("everyday", False), ("jailbreak, from the wild", True)):
        for low, high in ((321, 600), (601, 1500)):
            inside = (harmful == flag) & (tokens >= low) & (tokens <= high)
            interval = wilson(int((score[inside] >= threshold).sum()), int(inside.sum()))
            table.append({"kind": f"{kind}, {low} to {high} tokens", "n": int(inside.sum()), "flagged": interval.text()})
    return table


def calibrate(config: FitConfig) -> dict:
    _, rows = load_all()
    crossed = np.load(RUN / "crossfit.npz")
    truth = np.array([row["harmful"] for row in rows])
    half = np.array([fraction(row["text"], "calibrate") < 0.5 for row in rows])
    weights = balanced_weights([row["source"] for row in rows], truth)
    logits, scales = {}, {}
    for name in READINGS:
        raw = crossed[name]
        scales[name] = fit_platt(raw[half], truth[half], weights[half])
        logits[name] = scales[name].a * raw + scales[name].b
    pair = np.stack([logits[name] for name in READINGS], axis=1)
    long_values, long_rows = load("long")
    long_truth = np.array([row["harmful"] for row in long_rows])
    joint = LogisticRegression(C=1e4).fit(pair[half], truth[half], sample_weight=weights[half])
    scores = {name: sigmoid(logits[name]) for name in READINGS}
    scores["harmful"] = sigmoid(pair @ joint.coef_[0] + joint.intercept_[0])
    combine = {name: float(w) for name, w in zip(READINGS, joint.coef_[0], strict=True)} | {"bias": float(joint.intercept_[0])}

    long_logits = {name: scales[name].a * shipped_raw(name, long_values, config) + scales[name].b for name in READINGS}
    long_scores = {name: sigmoid(value) for name, value in long_logits.items()}
    long_scores["harmful"] = sigmoid(np.stack([long_logits[n] for n in READINGS], axis=1) @ joint.coef_[0] + joint.intercept_[0])
    # Thresholds are read off every benign text that nothing was fitted on, long ones included.
    benign = {name: np.concatenate([score[~truth], long_scores[name][~long_truth]]) for name, score in scores.items()}
    threshold = shipped(benign["harmful"])["threshold"]

    baseline = cross_fitted_tfidf(rows, truth, crossed["folds"])
    other = ~half
    held = {name: evidence(score[other & ~truth], score[other & truth], "cross-fitted by source (twins by pair, borderline by hash), second half by hash") for name, score in scores.items()}
    borderline = np.array([row["label"] in ("borderline", "harmless", "safe") for row in rows])
    report = {
        "heldOut": held,
        "tfidf": evidence(baseline[other & ~truth], baseline[other & truth], "the same rows"),
        "againstHard": {
            name: {"auroc": round(auroc(s[other & borderline], s[other & truth]), 4), "tprAt1": round(tpr_at(s[other & borderline], s[other & truth]), 4)}
            for name, s in (scores | {"tfidf": baseline}).items()
        },
        "againstOrdinary": {
            name: {"auroc": round(auroc(s[other & ~truth & ~borderline], s[other & truth]), 4), "tprAt1": round(tpr_at(s[other & ~truth & ~borderline], s[other & truth]), 4)}
            for name, s in (scores | {"tfidf": baseline}).items()
        },
        "twins": twin_accuracy(scores["harmful"], rows) | {"tfidf": twin_accuracy(baseline, rows)},
        "calibrationError": round(expected_calibration_error(scores["harmful"][other], truth[other], weights[other]), 4),
        "slices": slices(scores["harmful"], rows, threshold),
        "long": long_slices(long_scores["harmful"], long_rows, threshold),
    }
    write_json(RUN / "report.json", report)
    write_direction(config, scales, combine, report)
    write_calibration(benign, [*rows, *long_rows], held)
    write_sentinel_manifest(PACKAGE)
    return {"harmful": held["harmful"], "tfidf": report["tfidf"], "twins": report["twins"], "combine": combine}


def write_direction(config: FitConfig, scales: dict, combine: dict, report: dict) -> None:
    arrays = dict(np.load(RUN / "readings.npz"))
    chosen = json.loads((RUN / "ablation.json").read_text())["chosen"]
    template = json.loads((PACKAGE / "tokenizer_config.json").read_text())["chat_template"]
    readings = {}
    for name, position in zip(READINGS, POSITIONS, strict=True):
        one = chosen[name]
        readings[name] = {
            "sites": [{"site": site_name(layer), "position": position} for layer in one["sites"]],
            "transform": {"dropDimensions": list(one["drop"]), "normalise": one["transform"]},
            "bias": scales[name].b,
            "scale": scales[name].a,
        }
    facts = {
        "schema": "parapet.direction/1",
        "id": "refusal-direction",
        "version": "0.1.0",
        "model": {
            "id": "sentinel",
            "sha256": file_sha256(PACKAGE / "model.onnx"),
            "tokenizerSha256": file_sha256(PACKAGE / "tokenizer.json"),
            "templateSha256": text_sha256(template),
            "layers": 30,
            "hidden": 576,
        },
        "direction": {"site": site_name(config.direction_layer), "position": "last"},
        "readings": readings,
        "combine": combine,
        "coverage": {"languages": ["en"], "maxTokens": MAX_TOKENS},
        "madeBy": {
            "seed": config.seed,
            "rows": {part: file_sha256(RUN / f"{part}.jsonl") for part in ("fit", "held", "long")},
            "tools": {name: version(name) for name in ("numpy", "scikit-learn", "onnxruntime", "onnxruntime-genai", "tokenizers")}
            | {"python": platform.python_version()},
        },
        "evidence": {"origin": "native", "heldOut": report["heldOut"]},
    }
    tensors = {key: np.ascontiguousarray(value, dtype=np.float32) for key, value in arrays.items()}
    path = PACKAGE / "direction.safetensors"
    save_file(tensors, path, metadata={"parapet": json.dumps(facts, sort_keys=True)})
    path.chmod(0o644)


def write_calibration(benign: dict, rows: list[dict], held: dict) -> None:
    counts: dict[str, int] = {}
    for row in rows:
        counts[f"{row['source']}/{row['label']}"] = counts.get(f"{row['source']}/{row['label']}", 0) + 1
    labels = {
        name: {
            "map": {"kind": "none"},
            "benign": {"n": len(benign[name]), "tail": tail(benign[name])},
            "evidence": held[name],
        }
        for name in ("harmful", "harmfulness", "refusal")
    }
    detector = {
        "version": "0.1.0",
        "labels": labels,
        "coverage": {"languages": ["en"], "maxTokens": MAX_TOKENS, "minCharacters": 1},
        "shipped": {name: shipped(benign[name]) for name in labels},
        "data": [{"source": name, "n": count} for name, count in sorted(counts.items())],
    }
    digest = file_sha256(PACKAGE / "model.onnx")
    write_json(PACKAGE / "calibration.json", {"schema": "parapet.calibration/1", "modelSha256": digest, "detectors": {"refusal-direction": detector}})


if __name__ == "__main__":
    result = calibrate(FitConfig())
    print(json.dumps(result, indent=1))
