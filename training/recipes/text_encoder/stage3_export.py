"""Stage 3: ONNX with dynamic int8 weights. Writes packages/models/encoder/{model.onnx,tokenizer.json}. About 1 minute."""

import json
import sys
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from parapet_training.paths import MODELS, RUNS, package_file
from parapet_training.stage import run_stage
from recipes.text_encoder.config import TASKS, TrainConfig
from recipes.text_encoder.encoder_facts import write_encoder_manifest
from recipes.text_encoder.model import TextEncoder, fresh_model

RUN = RUNS / "text_encoder"
PACKAGE = MODELS / "encoder"


def export_float(model: TextEncoder, path: Path) -> None:
    """The float32 graph: input_ids, attention_mask int64[batch, sequence] → the logits of each task."""
    model.eval()
    ids = torch.ones(2, 16, dtype=torch.int64)
    axes = {0: "batch", 1: "sequence"}
    torch.onnx.export(
        model,
        (ids, torch.ones_like(ids)),
        str(path),
        input_names=["input_ids", "attention_mask"],
        output_names=list(TASKS),
        dynamic_axes={"input_ids": axes, "attention_mask": axes} | {task: {0: "batch"} for task in TASKS},
        opset_version=17,
        dynamo=False,
    )


def plain_tokenizer(source: Path, target: Path) -> None:
    """tokenizer.json without the padding to 128 and the cut at 128 that the package carries."""
    tokenizer = json.loads(source.read_text(encoding="utf-8"))
    tokenizer["truncation"] = None
    tokenizer["padding"] = None
    target.write_text(json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def export(config: TrainConfig, weights: Path) -> dict:
    folder = package_file(config.package, "model")
    model = fresh_model(folder)
    saved = torch.load(weights)
    model.load_state_dict(saved.get("model", saved))
    model.base.config._attn_implementation = "eager"
    floating = RUN / "float.onnx"
    export_float(model, floating)
    # Seven bits in the weights: on processors without VNNI, eight overflow the 16-bit sums.
    quantize_dynamic(floating, PACKAGE / "model.onnx", per_channel=True, reduce_range=True, weight_type=QuantType.QInt8)
    plain_tokenizer(folder / "tokenizer.json", PACKAGE / "tokenizer.json")
    write_encoder_manifest(PACKAGE, config)
    onnx.checker.check_model(str(floating))
    return {"bytes": (PACKAGE / "model.onnx").stat().st_size}


if __name__ == "__main__":
    chosen = Path(sys.argv[1]) if len(sys.argv) > 1 else RUN / "model.pt"
    settings = TrainConfig()
    if len(sys.argv) > 1:
        print(export(settings, chosen))
    else:
        run_stage("stage3_export", RUN, settings, [PACKAGE / "model.onnx"], lambda: export(settings, chosen))
