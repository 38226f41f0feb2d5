"""Stage 3: choose sites, transform and method by cross-fitting over folds of sources; fit the two readings on all rows.

Reads {fit,held}.{npy,jsonl}; writes runs/refusal_direction/{ablation.json,crossfit.npz,readings.npz}. About 5 minutes on one core.
"""

import json
from dataclasses import dataclass

import numpy as np

from parapet_training.digest import file_sha256
from parapet_training.linear_reading import balanced_weights, fit_transform, fit_weights, massive_dimensions, raw_score
from parapet_training.metrics import auroc
from parapet_training.paths import MODELS, RUNS
from parapet_training.sources import fraction
from parapet_training.stage import run_stage
from recipes.refusal_direction.config import FitConfig

RUN = RUNS / "refusal_direction"
POSITIONS = ("last-instruction", "last")
READINGS = ("harmfulness", "refusal")


@dataclass(frozen=True)
class Settings:
    fit: FitConfig
    model_sha256: str


def load(part: str) -> tuple[np.ndarray, list[dict]]:
    """float32[rows, layers, 2, hidden] and the rows."""
    with (RUN / f"{part}.jsonl").open(encoding="utf-8") as lines:
        return np.load(RUN / f"{part}.npy", mmap_mode="r"), [json.loads(line) for line in lines]


def load_all() -> tuple[np.ndarray, list[dict]]:
    """Both parts, one after the other."""
    (first, rows), (second, others) = load("fit"), load("held")
    return np.concatenate([first, second]), rows + others


def folds_of(rows: list[dict], config: FitConfig) -> np.ndarray:
    """The fold of each row, int[rows]."""
    home = {source: index for index, fold in enumerate(config.folds) for source in fold}
    folds = []
    for row in rows:
        if row["source"] in config.spread:
            key = row["text"] if row["pair"] is None else f"pair {row['pair']}"
            folds.append(int(fraction(key, "fold") * len(config.folds)))
        else:
            folds.append(home[row["source"]])
    return np.array(folds)


def cross_fit(values: np.ndarray, rows: list[dict], folds: np.ndarray, transform: str, method: str, drop: tuple[int, ...]) -> np.ndarray:
    """Raw score float64[rows], each by a reading that saw no row of its fold. `values` float32[rows, sites, hidden]."""
    truth = np.array([row["harmful"] for row in rows])
    score = np.zeros(len(rows))
    for fold in sorted(set(folds.tolist())):
        out = folds == fold
        change = fit_transform(values[~out], transform, drop)
        weights = balanced_weights([row["source"] for row, o in zip(rows, out, strict=True) if not o], truth[~out])
        score[out] = raw_score(fit_weights(change.apply(values[~out]), truth[~out], weights, method), change.apply(values[out]))
    return score


def fold_figures(score: np.ndarray, truth: np.ndarray, folds: np.ndarray) -> list[float]:
    """AUROC inside each fold."""
    return [round(auroc(score[(folds == f) & ~truth], score[(folds == f) & truth]), 4) for f in sorted(set(folds.tolist()))]


def fit(config: FitConfig) -> dict:
    values, rows = load_all()
    layers, folds = list(config.rows.layers), folds_of(rows, config)
    truth = np.array([row["harmful"] for row in rows])
    weights = balanced_weights([row["source"] for row in rows], truth)
    table, arrays, chosen, scores = [], {}, {}, {}
    for position, name in enumerate(READINGS):
        best = None
        for sites in config.sites:
            picked = values[:, [layers.index(site) for site in sites], position]
            drop = massive_dimensions(picked)
            for transform in config.transforms:
                for method in config.methods:
                    score = cross_fit(picked, rows, folds, transform, method, drop)
                    figures = fold_figures(score, truth, folds)
                    line = {"reading": name, "sites": sites, "transform": transform, "method": method, "drop": drop}
                    table.append(line | {"mean": round(float(np.mean(figures)), 4), "groups": figures, "pooled": round(auroc(score[~truth], score[truth]), 4)})
                    print(table[-1], flush=True)
                    if best is None or table[-1]["mean"] > best["mean"]:
                        best, scores[name] = table[-1], score
        chosen[name] = best
        picked = values[:, [layers.index(site) for site in best["sites"]], position]
        change = fit_transform(picked, best["transform"], tuple(best["drop"]))
        arrays[f"{name}.weight"] = fit_weights(change.apply(picked), truth, weights, best["method"])
        if best["transform"] == "standardise":
            arrays[f"{name}.center"], arrays[f"{name}.scale"] = change.center, change.scale
    at = values[:, layers.index(config.direction_layer), 1].astype(np.float64)
    arrays["direction"] = (at[truth].mean(0) - at[~truth].mean(0)).astype(np.float32)
    np.savez(RUN / "readings.npz", **arrays)
    np.savez(RUN / "crossfit.npz", folds=folds, **scores)
    (RUN / "ablation.json").write_text(json.dumps({"chosen": chosen, "table": table}, indent=1))
    return {"chosen": chosen, "rows": len(rows)}


def main() -> dict:
    config = FitConfig()
    settings = Settings(config, file_sha256(MODELS / "sentinel" / "model.onnx"))
    outputs = [RUN / name for name in ("readings.npz", "crossfit.npz", "ablation.json")]
    return run_stage("stage3_fit", RUN, settings, outputs, lambda: fit(config))


if __name__ == "__main__":
    main()
