"""Stage 1: float32 weights to one ONNX graph with 4-bit weights.

Writes packages/models/sentinel/{model.onnx,tokenizer.json,tokenizer_config.json,config.json} from the tuned weights of
recipes.sentinel; with `--untuned` the same of the model as it was to runs/refusal_direction/untuned. About 8 minutes on one
core, most of it the repair of the rounding (GPTQ).
"""

import dataclasses
import json
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import onnx
import torch
from transformers import LlamaForCausalLM

from parapet_training.block_quantise import QuantisedBlocks
from parapet_training.digest import config_sha256, file_sha256
from parapet_training.manifest import write_json
from parapet_training.prompt import PromptTokens
from parapet_training.quantise_decoder import quantise_decoder
from parapet_training.requantise_graph import replace_weights, shorten_rotary_tables
from parapet_training.stage import run_stage
from recipes.refusal_direction.calibration_rows import calibration_rows
from recipes.refusal_direction.config import ExportConfig
from recipes.refusal_direction.sentinel_facts import write_sentinel_manifest
from recipes.refusal_direction.weights import RUN, package_folder, weights_folder

TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json")


@dataclasses.dataclass(frozen=True)
class StageConfig:
    """The settings and the weights they were used on."""

    export: ExportConfig
    weights_sha256: str


def quantised_weights(config: StageConfig, weights: Path) -> dict[str, QuantisedBlocks]:
    """The 4-bit weights, kept in the run folder between calls with the same configuration and weights."""
    cache = RUN / f"gptq-{config_sha256(config)[:12]}.pickle"
    if not cache.exists():
        torch.manual_seed(config.export.seed)
        model = LlamaForCausalLM.from_pretrained(weights, attn_implementation="sdpa").eval()
        cache.write_bytes(pickle.dumps(quantise_decoder(model, calibration_rows(PromptTokens(weights), config.export))))
    return pickle.loads(cache.read_bytes())


def export(config: StageConfig, weights: Path, package: Path) -> dict:
    built = RUN / "built"
    package.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(built, ignore_errors=True)
    options = [
        "is_symmetric=true",  # asymmetric weights are not shared with the embedding by the builder
        "shared_embeddings=true",
        f"block_size={config.export.block_size}",
        f"accuracy_level={config.export.accuracy_level}",
        "hf_token=false",
    ]
    builder = [sys.executable, "-m", "onnxruntime_genai.models.builder", "-i", str(weights), "-o", str(built)]
    builder += ["-p", "int4", "-e", "cpu", "-c", str(RUN / "cache"), "--extra_options", *options]
    with (RUN / "builder.log").open("w") as log:
        subprocess.run(builder, check=True, stdout=log, stderr=subprocess.STDOUT)
    model = onnx.load(built / "model.onnx")
    replace_weights(model, quantised_weights(config, weights))
    shorten_rotary_tables(model, config.export.context_tokens)
    onnx.save(model, package / "model.onnx")
    for name in TOKENIZER_FILES:
        shutil.copyfile(weights / name, package / name)
    settings = json.loads((weights / "config.json").read_text())
    settings.pop("transformers_version", None)
    write_json(package / "config.json", settings)
    write_sentinel_manifest(package)
    return {"bytes": (package / "model.onnx").stat().st_size, "weights": config.weights_sha256}


def main(tuned: bool) -> dict:
    RUN.mkdir(parents=True, exist_ok=True)
    settings = ExportConfig(tuned=tuned)
    weights, package = weights_folder(settings), package_folder(settings)
    config = StageConfig(settings, file_sha256(weights / "model.safetensors"))
    name = "stage1_export" if tuned else "stage1_export_untuned"
    return run_stage(name, RUN, config, [package / "model.onnx"], lambda: export(config, weights, package))


if __name__ == "__main__":
    main(tuned="--untuned" not in sys.argv[1:])
