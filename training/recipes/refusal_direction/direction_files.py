"""direction.safetensors and calibration.json of the sentinel's package."""

import json
import platform
from importlib.metadata import version

import numpy as np
from safetensors.numpy import save_file

from parapet_training.calibration import Platt, shipped, tail
from parapet_training.digest import file_sha256, text_sha256
from parapet_training.graph import site_name
from parapet_training.manifest import write_json
from recipes.refusal_direction.config_fit import FitConfig
from recipes.refusal_direction.stage2_collect import PACKAGE, RUN

VERSION = "0.2.0"
TAIL_TOKENS = 6


def position_name(place: int) -> str | int:
    """How a file spells a place so many tokens behind the instruction's last: the template's tail has six."""
    return "last-instruction" if place == 0 else "last" if place == TAIL_TOKENS else place - TAIL_TOKENS - 1


def write_direction(config: FitConfig, chosen: dict, scales: dict[str, Platt], combine: dict, pieces: list[dict], answer: dict, answer_weight: np.ndarray, report: dict) -> None:
    arrays = dict(np.load(RUN / "readings.npz")) | {"answer.weight": answer_weight}
    template = json.loads((PACKAGE / "tokenizer_config.json").read_text())["chat_template"]
    readings = {
        name: {
            "sites": [{"site": site_name(layer), "position": position_name(place)} for layer in chosen[name]["layers"] for place in chosen[name]["places"]],
            "transform": {"dropDimensions": list(chosen[name]["drop"]), "normalise": chosen[name]["transform"]},
            "scale": scales[name].a,
            "bias": scales[name].b,
        }
        for name in ("harmfulness", "refusal")
    }
    of_tokens = {"site": site_name(config.rows.token_layer), "transform": {"dropDimensions": list(chosen["tokens"]["drop"]), "normalise": "l2"}}
    facts = {
        "schema": "parapet.direction/1",
        "id": "refusal-direction",
        "version": VERSION,
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
        "tokens": of_tokens | {"windowTokens": chosen["tokens"]["window"], "scale": scales["tokens"].a, "bias": scales["tokens"].b},
        "answer": of_tokens | answer,
        "combine": combine,
        "byLength": pieces,
        "coverage": {"languages": ["en"], "maxTokens": config.max_tokens},
        "madeBy": {
            "seed": config.seed,
            "rows": {part: file_sha256(RUN / f"{part}.jsonl") for part in ("prompts", "exchanges")},
            "tools": {name: version(name) for name in ("numpy", "scikit-learn", "onnxruntime", "onnxruntime-genai", "tokenizers")} | {"python": platform.python_version()},
        },
        "evidence": {"origin": report["origin"], "heldOut": report["heldOut"], "exchange": report["exchange"]},
    }
    tensors = {key: np.ascontiguousarray(value, dtype=np.float32) for key, value in arrays.items()}
    path = PACKAGE / "direction.safetensors"
    save_file(tensors, path, metadata={"parapet": json.dumps(facts, sort_keys=True)})
    path.chmod(0o644)


def write_calibration(benign: dict[str, np.ndarray], rows: list[dict], held: dict) -> None:
    counts: dict[str, int] = {}
    for row in rows:
        counts[f"{row['source']}/{row['label']}"] = counts.get(f"{row['source']}/{row['label']}", 0) + 1
    labels = {
        name: {"map": {"kind": "none"}, "benign": {"n": len(benign[name]), "tail": tail(benign[name])}, "evidence": held[name]}
        for name in ("harmful", "harmfulness", "refusal")
    }
    detector = {
        "version": VERSION,
        "labels": labels,
        "coverage": {"languages": ["en"], "maxTokens": FitConfig().max_tokens, "minCharacters": 1},
        "shipped": {name: shipped(benign[name]) for name in labels},
        "data": [{"source": name, "n": count} for name, count in sorted(counts.items())],
    }
    digest = file_sha256(PACKAGE / "model.onnx")
    write_json(PACKAGE / "calibration.json", {"schema": "parapet.calibration/1", "modelSha256": digest, "detectors": {"refusal-direction": detector}})
