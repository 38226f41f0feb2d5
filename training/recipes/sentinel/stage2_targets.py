"""Stage 2: what the untuned model answers to every row that is to be answered. About 8 minutes on two cores.

Writes runs/sentinel/targets.npz: `tokens` int32[rows, steps], `top` int32 and `logprobs` float16 [rows, steps, kept], in
the order of the rows of train.jsonl; zeros where a row is to be refused. Parts are kept on the way, so that a stopped run goes on.
"""

import numpy as np
import torch
from transformers import LlamaForCausalLM

from parapet_training.digest import config_sha256
from parapet_training.greedy import greedy
from parapet_training.prompt import PromptTokens
from parapet_training.stage import run_stage
from recipes.sentinel import stage1_rows
from recipes.sentinel.config import TargetsConfig
from recipes.sentinel.stage1_rows import RUN, SOURCE

PART_ROWS = 2000


def answers(model: LlamaForCausalLM, prompts: list[list[int]], config: TargetsConfig) -> dict[str, np.ndarray]:
    """The answers of one part."""
    shape = (len(prompts), config.tokens, config.kept_logits)
    result = {"tokens": np.zeros(shape[:2], np.int32), "top": np.zeros(shape, np.int32), "logprobs": np.zeros(shape, np.float16)}
    prefix = PromptTokens(SOURCE).prefix
    for batch in greedy(model, prompts, config.tokens, prefix, config.kept_logits, config.batch, config.bf16):
        result["tokens"][batch.rows] = batch.tokens.numpy()
        result["top"][batch.rows] = batch.top.numpy()
        result["logprobs"][batch.rows] = batch.logprobs.numpy()
    return result


def make(config: TargetsConfig) -> dict:
    torch.set_num_threads(config.threads)
    rows = stage1_rows.read_part("train")
    wanted = [index for index, row in enumerate(rows) if not row["refuse"]]
    # Rows of like length lie in one part, so that its batches are full.
    wanted.sort(key=lambda index: len(rows[index]["ids"]))
    model = LlamaForCausalLM.from_pretrained(SOURCE, attn_implementation="eager")
    parts = []
    for start in range(0, len(wanted), PART_ROWS):
        path = RUN / f"targets-{config_sha256(config)[:12]}-{start}.npz"
        if not path.exists():
            np.savez(path, **answers(model, [rows[index]["ids"] for index in wanted[start : start + PART_ROWS]], config))
            print(path.name, flush=True)
        parts.append(np.load(path))
    whole = {}
    for name in ("tokens", "top", "logprobs"):
        values = np.concatenate([part[name] for part in parts])
        whole[name] = np.zeros((len(rows), *values.shape[1:]), values.dtype)
        whole[name][wanted] = values
    np.savez(RUN / "targets.npz", **whole)
    return {"rows": len(wanted)}


def main() -> dict:
    return run_stage("stage2_targets", RUN, TargetsConfig(), [RUN / "targets.npz"], lambda: make(TargetsConfig()))


if __name__ == "__main__":
    stage1_rows.main()
    main()
