"""Stage 3: choose sites, transform and method by leaving groups of sources out; fit the two readings.

Reads fit.npy, fit.jsonl; writes runs/refusal_direction/{ablation.json,readings.npz}. About 5 minutes on one core.
"""

import json
from dataclasses import dataclass

import numpy as np

from parapet_training.digest import file_sha256
from parapet_training.linear_reading import balanced_weights, fit_transform, fit_weights, massive_dimensions, raw_score
from parapet_training.metrics import auroc
from parapet_training.paths import MODELS, RUNS
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


def left_out_auroc(values: np.ndarray, rows: list[dict], config: FitConfig, transform: str, method: str, drop: tuple[int, ...]) -> list[float]:
    """AUROC within each left-out group, the reading fitted on the others. `values` float32[rows, sites, hidden]."""
    sources = [row["source"] for row in rows]
    truth = np.array([row["harmful"] for row in rows])
    figures = []
    for group in config.groups:
        out = np.array([source in group for source in sources])
        change = fit_transform(values[~out], transform, drop)
        weights = balanced_weights([s for s, o in zip(sources, out, strict=True) if not o], truth[~out])
        weight = fit_weights(change.apply(values[~out]), truth[~out], weights, method)
        score = raw_score(weight, change.apply(values[out]))
        figures.append(auroc(score[~truth[out]], score[truth[out]]))
    return figures


def fit(config: FitConfig) -> dict:
    values, rows = load("fit")
    layers = list(config.rows.layers)
    truth = np.array([row["harmful"] for row in rows])
    weights = balanced_weights([row["source"] for row in rows], truth)
    table, arrays, chosen = [], {}, {}
    for position, name in enumerate(READINGS):
        best = None
        for sites in config.sites:
            picked = np.array(values[:, [layers.index(site) for site in sites], position])
            drop = massive_dimensions(picked)
            for transform in config.transforms:
                for method in config.methods:
                    figures = left_out_auroc(picked, rows, config, transform, method, drop)
                    mean = float(np.mean(figures))
                    line = {"reading": name, "sites": sites, "transform": transform, "method": method, "drop": drop}
                    table.append(line | {"mean": round(mean, 4), "groups": [round(f, 4) for f in figures]})
                    print(table[-1], flush=True)
                    if best is None or mean > best["mean"]:
                        best = line | {"mean": mean}
        chosen[name] = best
        picked = np.array(values[:, [layers.index(site) for site in best["sites"]], position])
        change = fit_transform(picked, best["transform"], tuple(best["drop"]))
        arrays[f"{name}.weight"] = fit_weights(change.apply(picked), truth, weights, best["method"])
        if best["transform"] == "standardise":
            arrays[f"{name}.center"], arrays[f"{name}.scale"] = change.center, change.scale
    at = np.array(values[:, layers.index(config.direction_layer), 1], dtype=np.float64)
    arrays["direction"] = (at[truth].mean(0) - at[~truth].mean(0)).astype(np.float32)
    np.savez(RUN / "readings.npz", **arrays)
    (RUN / "ablation.json").write_text(json.dumps({"chosen": chosen, "table": table}, indent=1))
    return {"chosen": chosen, "rows": len(rows)}


def main() -> dict:
    config = FitConfig()
    settings = Settings(config, file_sha256(MODELS / "sentinel" / "model.onnx"))
    return run_stage("stage3_fit", RUN, settings, [RUN / "readings.npz", RUN / "ablation.json"], lambda: fit(config))


if __name__ == "__main__":
    main()
