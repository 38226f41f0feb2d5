"""Stage 3: choose layers, places, transform and method by cross-fitting over folds of sources; fit the readings on all rows.

Reads what stage 2 wrote; writes runs/refusal_direction/{ablation.json,crossfit.npz,readings.npz}. About 5 minutes on one core.
"""

import json
from dataclasses import dataclass

import numpy as np

from parapet_training.digest import file_sha256
from parapet_training.linear_reading import balanced_weights, fit_transform, fit_weights, massive_dimensions, raw_score
from parapet_training.metrics import auroc, tpr_at
from parapet_training.stage import run_stage
from parapet_training.token_reading import fit_token_weight, token_scores
from recipes.refusal_direction.collected import Collected, load
from recipes.refusal_direction.config_fit import FitConfig
from recipes.refusal_direction.stage2_collect import PACKAGE, RUN

READINGS = ("harmfulness", "refusal")


@dataclass(frozen=True)
class Settings:
    fit: FitConfig
    model_sha256: str


def picked(data: Collected, config: FitConfig, layers: tuple[int, ...], places: tuple[int, ...]) -> np.ndarray:
    """float32[rows, layers × places, hidden], a layer's places side by side."""
    at = [config.rows.layers.index(layer) for layer in layers]
    behind = [config.rows.tail.index(place) for place in places]
    values = np.asarray(data.sites[:, at][:, :, behind], np.float32)
    return values.reshape(len(values), -1, values.shape[-1])


def cross_fit(data: Collected, values: np.ndarray, fitted: np.ndarray, transform: str, method: str, drop: tuple[int, ...]) -> np.ndarray:
    """Raw score float64[rows], each by a reading that saw no row of its fold; rows that are not `fitted` are of no fit."""
    score = np.zeros(len(values))
    sources = np.array(data.sources)
    for fold in sorted(set(data.folds.tolist())):
        out, known = data.folds == fold, (data.folds != fold) & fitted
        change = fit_transform(values[known], transform, drop)
        weights = balanced_weights(sources[known].tolist(), data.truth[known])
        score[out] = raw_score(fit_weights(change.apply(values[known]), data.truth[known], weights, method), change.apply(values[out]))
    return score


def judge(data: Collected, score: np.ndarray, judged: np.ndarray) -> dict:
    """Mean over folds of AUROC and of what is found at 1 % of the fold's benign rows."""
    figures = []
    for fold in sorted(set(data.folds.tolist())):
        good, bad = (score[judged & (data.folds == fold) & (data.truth == flag)] for flag in (False, True))
        if len(good) > 20 and len(bad) > 20:
            figures.append((auroc(good, bad), tpr_at(good, bad)))
    areas, found = zip(*figures, strict=True)
    return {"auroc": round(float(np.mean(areas)), 4), "tprAt1": round(float(np.mean(found)), 4), "folds": [round(a, 4) for a in areas]}


def choose_places(name: str, data: Collected, config: FitConfig, fitted: np.ndarray, judged: np.ndarray) -> tuple[dict, np.ndarray, list[dict]]:
    """The best setting of one reading, its cross-fitted raw scores, and every line of the table."""
    table, best, kept = [], None, np.zeros(0)
    for places, layers, transform, method in getattr(config, name):
        values = picked(data, config, layers, places)
        drop = massive_dimensions(values)
        score = cross_fit(data, values, fitted, transform, method, drop)
        line = {"reading": name, "layers": layers, "places": places, "transform": transform, "method": method, "drop": drop} | judge(data, score, judged)
        table.append(line)
        print(json.dumps(line), flush=True)
        if layers[-1] in config.shallow:
            line["score"] = score
        elif best is None or line["auroc"] + line["tprAt1"] > best["auroc"] + best["tprAt1"]:
            best, kept = line, score
    assert best is not None
    return best, kept, table


def cross_fit_tokens(data: Collected, config: FitConfig, fitted: np.ndarray, drop: tuple[int, ...], window: int) -> np.ndarray:
    score, sources = np.zeros(len(data.rows)), np.array(data.sources)
    for fold in sorted(set(data.folds.tolist())):
        known, out = data.part((data.folds != fold) & fitted), data.part(data.folds == fold)
        change = fit_transform(known.tokens[:1], "l2", drop)
        weights = balanced_weights(sources[(data.folds != fold) & fitted].tolist(), known.truth)
        weight = fit_token_weight(known.tokens, known.starts, known.truth, weights, change, window, config.token_method)
        score[data.folds == fold] = token_scores(weight, out.tokens, out.starts, change, window)
    return score


def fit(config: FitConfig) -> dict:
    data = load("prompts")
    fitted = np.array([row["kind"] != "wild" for row in data.rows])
    # What the model itself was tuned on says nothing of texts that it was not.
    judged = fitted & ~data.seen
    sources = np.array(data.sources)
    arrays, chosen, scores, table = {}, {}, {}, []
    for name in READINGS:
        best, scores[name], lines = choose_places(name, data, config, fitted, judged)
        for line in lines:
            if "score" in line:
                scores[f"{name}-{line['layers'][0]}-{line['places'][-1]}"] = line.pop("score")
        table += lines
        values = picked(data, config, best["layers"], best["places"])[fitted]
        change = fit_transform(values, best["transform"], best["drop"])
        weights = balanced_weights(sources[fitted].tolist(), data.truth[fitted])
        arrays[f"{name}.weight"] = fit_weights(change.apply(values), data.truth[fitted], weights, best["method"])
        if best["transform"] == "standardise":
            arrays[f"{name}.center"], arrays[f"{name}.scale"] = change.center, change.scale
        chosen[name] = best

    drop = massive_dimensions(np.asarray(data.tokens[::7], np.float32)[:, None])
    best = None
    for window in config.windows:
        score = cross_fit_tokens(data, config, fitted, drop, window)
        line = {"reading": "tokens", "layers": (config.rows.token_layer,), "window": window, "drop": drop} | judge(data, score, judged)
        table.append(line)
        print(json.dumps(line), flush=True)
        if best is None or line["auroc"] + line["tprAt1"] > best["auroc"] + best["tprAt1"]:
            best, scores["tokens"] = line, score
    assert best is not None
    known = data.part(fitted)
    change = fit_transform(known.tokens[:1], "l2", drop)
    weights = balanced_weights(known.sources, known.truth)
    arrays["tokens.weight"] = fit_token_weight(known.tokens, known.starts, known.truth, weights, change, best["window"], config.token_method)
    chosen["tokens"] = best

    plain = np.array([row["kind"] == "plain" for row in data.rows])
    at = np.asarray(data.sites[:, config.rows.layers.index(config.direction_layer), config.rows.tail.index(6)], np.float64)
    arrays["direction"] = (at[plain & data.truth].mean(0) - at[plain & ~data.truth].mean(0)).astype(np.float32)
    np.savez(RUN / "readings.npz", **arrays)
    np.savez(RUN / "crossfit.npz", **scores)
    (RUN / "ablation.json").write_text(json.dumps({"chosen": chosen, "table": table}, indent=1))
    return {"rows": len(data.rows), "seen": int(data.seen.sum()), "chosen": {name: {k: v for k, v in line.items() if k != "drop"} for name, line in chosen.items()}}


def main() -> dict:
    settings = Settings(FitConfig(), file_sha256(PACKAGE / "model.onnx"))
    outputs = [RUN / name for name in ("readings.npz", "crossfit.npz", "ablation.json")]
    return run_stage("stage3_fit", RUN, settings, outputs, lambda: fit(FitConfig()))


if __name__ == "__main__":
    main()
