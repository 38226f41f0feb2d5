"""A quick look at one set of weights: refusal rates on a share of the held rows. `python -m recipes.sentinel.quick tuned 0.5`."""

import json
import os
import sys

import torch
from transformers import LlamaForCausalLM

from parapet_training.paths import RUNS
from parapet_training.prompt import PromptTokens
from parapet_training.session import open_session
from recipes.sentinel import stage1_rows
from recipes.sentinel.judge import answer_rows, by_source
from recipes.sentinel.stage1_rows import RUN, SOURCE

OPENING_TOKENS = 10
LONGEST = 90


def main(name: str, share: float) -> None:
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "2")))
    rows = stage1_rows.read_part("held")
    # Long rows cost most and say least here.
    rows = [row for row in rows if len(row["ids"]) <= LONGEST][: int(share * len(rows))]
    if name.endswith(".onnx"):
        model = open_session(RUNS.parent.parent / name)
    else:
        model = LlamaForCausalLM.from_pretrained(SOURCE if name == "untuned" else RUN / name, attn_implementation="eager")
    answers = answer_rows(model, PromptTokens(SOURCE), rows, OPENING_TOKENS, [], bf16=True)
    refused = answers.refused()
    for line in by_source(rows, refused):
        print(f"{'refuse' if line['toRefuse'] else 'answer'} {line['source']:28} {line['label']:11} {line['n']:4} {line['refused']:.3f}")
    label = name.replace("/", "_")
    with (RUN / f"quick-{label}.jsonl").open("w", encoding="utf-8") as out:
        for row, text, value in zip(rows, answers.texts, refused, strict=True):
            out.write(json.dumps({k: row[k] for k in ("text", "source", "label", "refuse")} | {"answer": text, "refused": value}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 1.0)
