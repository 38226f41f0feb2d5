"""Stage 4: what the trained model still gets wrong. Writes runs/sentinel/pairs.jsonl: prompt, wanted answer, given answer. About 5 minutes."""

import json
import random

import torch
from transformers import LlamaForCausalLM

from parapet_training.greedy import greedy
from parapet_training.prompt import PromptTokens
from parapet_training.refusal_rules import refuses
from parapet_training.sources import folded
from parapet_training.stage import run_stage
from recipes.sentinel import stage1_rows, stage3_train
from recipes.sentinel.composed_rows import mentions, ordinary
from recipes.sentinel.config import PairsConfig, RowsConfig
from recipes.sentinel.judge import decoded
from recipes.sentinel.refusals import refusal
from recipes.sentinel.stage1_rows import RUN, SOURCE, is_held, read_group


def pool(config: PairsConfig, tokens: PromptTokens) -> list[dict]:
    """Rows that do not judge, and save for those of `again` did not train."""
    rows_config = RowsConfig()
    shares = {source: share for source, share, _ in rows_config.spread}
    seen = {folded(row["text"]) for part in ("train", "held") for row in stage1_rows.read_part(part)}
    candidates = read_group(config.pool, None)
    rng = random.Random(config.seed)
    candidates += [row | {"refuse": False, "most": config.mentions} for row in mentions(rng, 4 * config.mentions)]
    candidates += [row | {"refuse": False, "most": config.ordinary} for row in ordinary(rng, config.ordinary)]
    counts: dict[tuple, int] = {}
    chosen = [row for row in stage1_rows.read_part("train") if row["source"] in config.again and row["system"] is None and len(row["ids"]) <= config.max_tokens]
    for row in candidates:
        key, group = folded(row["text"]), (row["source"], row["label"])
        if key in seen or is_held(row, shares) or counts.get(group, 0) >= row["most"]:
            continue
        row["ids"] = tokens.encode(row["text"])
        if len(row["ids"]) <= config.max_tokens:
            seen.add(key)
            counts[group] = counts.get(group, 0) + 1
            chosen.append(row)
    return chosen


def answered(model: LlamaForCausalLM, tokens: PromptTokens, rows: list[dict], steps: int, config: PairsConfig) -> list[list[int]]:
    """Greedy openings of every row."""
    answers: list[list[int]] = [[] for _ in rows]
    for batch in greedy(model, [row["ids"] for row in rows], steps, tokens.prefix, 1, 64, config.train.bf16):
        for place, index in enumerate(batch.rows):
            answers[index] = batch.tokens[place].tolist()
    return answers


def mine(config: PairsConfig) -> dict:
    torch.set_num_threads(config.train.threads)
    tokens = PromptTokens(SOURCE)
    rows = pool(config, tokens)
    tuned = LlamaForCausalLM.from_pretrained(RUN / "tuned", attn_implementation="eager")
    given = answered(tuned, tokens, rows, config.opening_tokens, config)
    wrong = [i for i, row in enumerate(rows) if refuses(decoded(tokens, given[i])) != row["refuse"]]
    too_strict = [rows[i] for i in wrong if not rows[i]["refuse"]]
    untuned = LlamaForCausalLM.from_pretrained(SOURCE, attn_implementation="eager")
    wanted = iter(answered(untuned, tokens, too_strict, config.train.targets.tokens, config))
    pairs = []
    for i in wrong:
        row = rows[i]
        answer = tokens.tokenizer.encode(refusal(random.Random(f"{config.seed} {row['text']}"))).ids if row["refuse"] else next(wanted)
        if row["refuse"] or not refuses(decoded(tokens, answer)):
            pairs.append({k: row[k] for k in ("text", "source", "label", "refuse", "ids")} | {"answer": answer[: config.train.answer_tokens], "given": given[i]})
    with (RUN / "pairs.jsonl").open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(pair, ensure_ascii=False) + "\n" for pair in pairs)
    return {"tried": len(rows), "refusedWrongly": len(too_strict), "answeredWrongly": len(wrong) - len(too_strict), "pairs": len(pairs)}


def main() -> dict:
    stage3_train.main()
    return run_stage("stage4_pairs", RUN, PairsConfig(), [RUN / "pairs.jsonl"], lambda: mine(PairsConfig()))


if __name__ == "__main__":
    main()
