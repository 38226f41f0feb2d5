"""Stage 1: SmolLM2-135M-Instruct from its GGUF to one ONNX graph with 4-bit weights.

Writes runs/refusal_direction/source (float32) and packages/models/sentinel/{model.onnx,tokenizer.json,
tokenizer_config.json,config.json}. About 8 minutes on one core, most of it the repair of the rounding (GPTQ).
"""

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
from parapet_training.digest import config_sha256
from parapet_training.manifest import write_json
from parapet_training.paths import MODELS, RUNS, package_file
from parapet_training.prompt import PromptTokens
from parapet_training.quantise_decoder import quantise_decoder
from parapet_training.requantise_graph import replace_weights, shorten_rotary_tables
from parapet_training.sentinel_source import write_source
from parapet_training.stage import run_stage
from recipes.refusal_direction.calibration_rows import calibration_rows
from recipes.refusal_direction.config import ExportConfig
from recipes.refusal_direction.sentinel_facts import write_sentinel_manifest

RUN = RUNS / "refusal_direction"
PACKAGE = MODELS / "sentinel"


def quantised_weights(config: ExportConfig, source: Path) -> dict[str, QuantisedBlocks]:
    """The 4-bit weights, kept in the run folder between calls with the same configuration."""
    cache = RUN / f"gptq-{config_sha256(config)[:12]}.pickle"
    if not cache.exists():
        for name in ("tokenizer.json", "tokenizer_config.json"):
            shutil.copyfile(source / name, PACKAGE / name)
        torch.manual_seed(config.seed)
        model = LlamaForCausalLM.from_pretrained(source, attn_implementation="sdpa").eval()
        cache.write_bytes(pickle.dumps(quantise_decoder(model, calibration_rows(PromptTokens(PACKAGE), config))))
    return pickle.loads(cache.read_bytes())


def export(config: ExportConfig) -> dict:
    source, built = RUN / "source", RUN / "built"
    source.mkdir(parents=True, exist_ok=True)
    if not (source / "model.safetensors").exists():
        write_source(package_file(config.package, config.gguf), source)
    shutil.rmtree(built, ignore_errors=True)
    options = [
        "is_symmetric=true",  # asymmetric weights are not shared with the embedding by the builder
        "shared_embeddings=true",
        f"block_size={config.block_size}",
        f"accuracy_level={config.accuracy_level}",
        "hf_token=false",
    ]
    builder = [sys.executable, "-m", "onnxruntime_genai.models.builder", "-i", str(source), "-o", str(built)]
    builder += ["-p", "int4", "-e", "cpu", "-c", str(RUN / "cache"), "--extra_options", *options]
    with (RUN / "builder.log").open("w") as log:
        subprocess.run(builder, check=True, stdout=log, stderr=subprocess.STDOUT)
    model = onnx.load(built / "model.onnx")
    replace_weights(model, quantised_weights(config, source))
    shorten_rotary_tables(model, config.context_tokens)
    onnx.save(model, PACKAGE / "model.onnx")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(source / name, PACKAGE / name)
    settings = json.loads((source / "config.json").read_text())
    settings.pop("transformers_version", None)
    write_json(PACKAGE / "config.json", settings)
    write_sentinel_manifest(PACKAGE)
    return {"bytes": (PACKAGE / "model.onnx").stat().st_size}


if __name__ == "__main__":
    run_stage("stage1_export", RUN, ExportConfig(), [PACKAGE / "model.onnx"], lambda: export(ExportConfig()))
