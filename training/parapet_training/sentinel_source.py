"""The sentinel's base as a Hugging Face folder: weights dequantised from the GGUF, tokenizer repaired."""

import json
from pathlib import Path

CHAT_FILES = ("tokenizer.json", "tokenizer_config.json", "config.json")


def repair_tokenizer(path: Path) -> None:
    """Give tokenizer.json the digit splitting that the GGUF names (`tokenizer.ggml.pre = smollm`).

    The conversion from GGUF keeps the byte-level step only, so "  1" would be cut differently from what
    the model was trained on.
    """
    tokenizer = json.loads(path.read_text(encoding="utf-8"))
    tokenizer["pre_tokenizer"] = {
        "type": "Sequence",
        "pretokenizers": [
            {"type": "Digits", "individual_digits": True},
            {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
        ],
    }
    tokenizer["post_processor"] = None
    path.write_text(json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def tokenizer_config(chat_template: str) -> dict:
    """tokenizer_config.json with the chat template inside, as JavaScript tokenizers read it."""
    return {
        "tokenizer_class": "GPT2Tokenizer",
        "add_prefix_space": False,
        "add_bos_token": False,
        "bos_token": "<|im_start|>",
        "eos_token": "<|im_end|>",
        "pad_token": "<|im_end|>",
        "unk_token": "<|endoftext|>",
        "clean_up_tokenization_spaces": False,
        "model_max_length": 6144,
        "chat_template": chat_template,
    }


def write_source(gguf: Path, folder: Path) -> None:
    """Write config.json, model.safetensors (float32), tokenizer.json and tokenizer_config.json to `folder`."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM

    loaded = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    settings = loaded.config.to_dict()
    for key in ("quantization_config", "_model_name_or_path", "_name_or_path"):
        settings.pop(key, None)
    # A model that was loaded from GGUF refuses to be saved; the same weights in a fresh one do not.
    model = LlamaForCausalLM(LlamaConfig(**settings))
    model.load_state_dict(loaded.state_dict())
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    template = tokenizer.chat_template
    repair_tokenizer(folder / "tokenizer.json")
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer_config(template), indent=2) + "\n")
