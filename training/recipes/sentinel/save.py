"""A tuned model beside the files of the untuned one: a whole Hugging Face folder."""

import shutil
from pathlib import Path

from transformers import LlamaForCausalLM

from recipes.sentinel.stage1_rows import SOURCE

BESIDE = ("config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "generation_config.json")


def save_tuned(model: LlamaForCausalLM, folder: Path) -> None:
    """Write `folder` with float32 weights, and the source's tokenizer and settings unchanged."""
    model.save_pretrained(folder)
    for name in BESIDE:
        shutil.copyfile(SOURCE / name, folder / name)
