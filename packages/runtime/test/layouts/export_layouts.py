"""Makes the graphs that `packages/runtime/test/layouts` tests with.

Each is a decoder of a few blocks and random weights, made from a transformers configuration by a real exporter, so that
names and structure are those that users have. Weights are left out (`strip`): a test fills them in again from a seed.

    python export_layouts.py genai OUT     # onnxruntime-genai's builder, its folder `models` on PYTHONPATH
    python export_layouts.py optimum OUT   # Optimum (TorchScript)

Writes `<layout>.onnx.gz` and the configuration that the manifest needs as `<layout>.json`.
"""

import gzip
import json
import runpy
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import onnx
import torch
import transformers
from tokenizers import Tokenizer, models, pre_tokenizers

VOCABULARY = 259
"""The tokens of the tests' tokenizer."""
CONTEXT = 64
EXPORTER = {"genai": "onnxruntime-genai", "optimum": "optimum-onnx"}
LARGEST_KEPT_BYTES = 256
"""Smaller tensors stay: shapes, axes, norms' weights."""

COMMON = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "max_position_embeddings": CONTEXT,
    "bos_token_id": 256,
    "eos_token_id": 258,
    "pad_token_id": 256,
}
GEMMA = COMMON | {"head_dim": 16, "query_pre_attn_scalar": 16, "sliding_window": 32, "num_hidden_layers": 4}

GENAI = {
    "genai-llama": ("LlamaConfig", COMMON, "fp32"),
    "genai-llama-int4": ("LlamaConfig", COMMON | {"tie_word_embeddings": True}, "int4"),
    "genai-qwen2": ("Qwen2Config", COMMON, "fp32"),
    "genai-qwen3": ("Qwen3Config", COMMON | {"head_dim": 16}, "fp32"),
    "genai-phi3": ("Phi3Config", COMMON | {"original_max_position_embeddings": CONTEXT}, "fp32"),
    "genai-gemma2": ("Gemma2Config", GEMMA, "fp32"),
    "genai-gemma3": ("Gemma3TextConfig", GEMMA, "fp32"),
    "genai-gemma3-int4": ("Gemma3TextConfig", GEMMA, "int4"),
}
GPT2 = {
    "vocab_size": VOCABULARY,
    "n_embd": 32,
    "n_layer": 3,
    "n_head": 2,
    "n_positions": CONTEXT,
    "bos_token_id": 256,
    "eos_token_id": 258,
}
OPTIMUM = {
    "optimum-llama": ("LlamaConfig", COMMON, None),
    "optimum-qwen2": ("Qwen2Config", COMMON, None),
    "optimum-qwen3": ("Qwen3Config", COMMON | {"head_dim": 16}, None),
    "optimum-phi3": ("Phi3Config", COMMON, None),
    "optimum-gemma2": ("Gemma2Config", GEMMA, None),
    "optimum-gpt2": ("GPT2Config", GPT2, None),
}


def main() -> None:
    exporter, out = sys.argv[1], Path(sys.argv[2])
    only = sys.argv[3:]
    layouts, export = {"genai": (GENAI, export_genai), "optimum": (OPTIMUM, export_optimum)}[exporter]
    for name, (kind, options, precision) in layouts.items():
        if only and name not in only:
            continue
        torch.manual_seed(0)
        config = getattr(transformers, kind)(**options)
        model = transformers.AutoModelForCausalLM.from_config(config).float()
        for parameter in model.parameters():
            # Norms and biases too, so that none of them can be lost unseen.
            torch.nn.init.uniform_(parameter, -0.4, 0.4)
        with tempfile.TemporaryDirectory() as folder:
            source, made = Path(folder, "source"), Path(folder, "made")
            model.save_pretrained(source)
            save_tokenizer(source)
            graph = onnx.load(export(source, made, precision))
        write(out, name, graph, config)


def export_genai(source: Path, made: Path, precision: str) -> Path:
    # The builder (0.18) reads transformers 4's form of Gemma 3's two rotary bases; only tables of angles depend on them.
    import builders.gemma

    builders.gemma.Gemma3Model.make_rope_init = lambda _self, _config: None
    transformers.Gemma3TextConfig.rope_local_base_freq = 10_000
    arguments = ["-i", source, "-o", made, "-p", precision, "-e", "cpu", "-c", made.parent / "cache"]
    sys.argv = ["builder", *(str(argument) for argument in arguments)]
    runpy.run_module("onnxruntime_genai.models.builder", run_name="__main__", alter_sys=False)
    return made / "model.onnx"


def export_optimum(source: Path, made: Path, _precision: None) -> Path:
    from optimum.exporters.onnx import main_export

    main_export(str(source), str(made), task="text-generation-with-past", do_validation=False)
    return made / "model.onnx"


def save_tokenizer(folder: Path) -> None:
    """The exporters want one; the graph does not depend on it."""
    vocabulary = {chr(0x4E00 + index): index for index in range(256)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=chr(0x4E00)))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>"
    )
    fast.save_pretrained(folder)


def write(out: Path, name: str, model: onnx.ModelProto, config: transformers.PretrainedConfig) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for tensor in model.graph.initializer:
        strip(tensor)
    for node in model.graph.node:
        node.ClearField("doc_string")
        del node.metadata_props[:]
    packed = gzip.compress(model.SerializeToString(deterministic=True), mtime=0)
    (out / f"{name}.onnx.gz").write_bytes(packed)
    heads = config.num_attention_heads
    facts = {
        "madeBy": {package: version(package) for package in (EXPORTER[name.split("-")[0]], "torch", "transformers")},
        "layers": config.num_hidden_layers,
        "hidden": config.hidden_size,
        "vocabulary": config.vocab_size,
        "kvHeads": getattr(config, "num_key_value_heads", heads),
        "headSize": getattr(config, "head_dim", None) or config.hidden_size // heads,
        "contextTokens": CONTEXT,
    }
    (out / f"{name}.json").write_text(json.dumps(facts, indent=2) + "\n")
    print(name, len(packed), "bytes,", len(model.graph.node), "nodes")


def strip(tensor: onnx.TensorProto) -> None:
    refilled = tensor.data_type in (onnx.TensorProto.FLOAT, onnx.TensorProto.UINT8)
    if refilled and len(tensor.raw_data) > LARGEST_KEPT_BYTES:
        tensor.ClearField("raw_data")


if __name__ == "__main__":
    main()
