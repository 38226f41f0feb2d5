"""Stage 7: how the tuned model answers held rows. Writes runs/sentinel/judge.json and answers.jsonl. About 12 minutes on two cores.

Refusal rates by source of the untuned model, the tuned float32 weights and the exported 4-bit graph; first-token
divergence on harmless rows; a blind comparison of harmless answers.
"""

import dataclasses
import json
import os
import pickle
import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from transformers import LlamaForCausalLM

from parapet_training.digest import config_sha256, file_sha256
from parapet_training.manifest import write_json
from parapet_training.paths import MODELS
from parapet_training.prompt import PromptTokens
from parapet_training.session import open_session
from parapet_training.stage import run_stage
from recipes.sentinel import blind, stage1_rows
from recipes.sentinel.config import TrainConfig
from recipes.sentinel.judge import Answers, answer_rows, by_source, divergence, macro
from recipes.sentinel.stage1_rows import RUN, SOURCE
from recipes.sentinel.stage3_train import examples

PACKAGE = MODELS / "sentinel"
ORDINARY = ("clinc150", "oasst_trees")


@dataclass(frozen=True)
class JudgeConfig:
    """What is measured, and on which graph and weights."""

    weights_sha256: str
    graph_sha256: str
    # Long rows cost most of the time.
    longest: int = 112
    rows: int = 1100
    opening_tokens: int = 14
    measured: int = 200
    blind_pairs: int = 70
    blind_tokens: int = 40
    bf16: bool = True
    seed: int = 45


def moved(reference: Answers, other: Answers, rows: list[dict]) -> dict:
    """First-token KL from the untuned model, over ordinary rows and over those that sound dangerous."""
    values = divergence(reference, other)
    ordinary = np.array([rows[index]["source"] in ORDINARY for index in reference.measured])
    same = (reference.first.argmax(-1) == other.first.argmax(-1)).mean()
    result = {name: {"n": int(keep.sum()), "mean": round(float(values[keep].mean()), 4), "median": round(float(np.median(values[keep])), 4)} for name, keep in (("ordinary", ordinary), ("sounding dangerous", ~ordinary))}
    return result | {"sameFirstToken": round(float(same), 4)}


def blind_comparison(config: JudgeConfig, tokens: PromptTokens, rows: list[dict], untuned: LlamaForCausalLM, graph) -> dict:
    """Untuned float32 against the exported graph on harmless rows that neither refuses."""
    safe = [row for row in rows if not row["refuse"] and len(row["ids"]) < 100]
    chosen = random.Random(config.seed).sample(safe, min(len(safe), config.blind_pairs))
    sides = [answer_rows(model, tokens, chosen, config.blind_tokens, [], bf16) for model, bf16 in ((untuned, config.bf16), (graph, False))]
    results = []
    for row, before, after, refused in zip(chosen, sides[0].texts, sides[1].texts, sides[1].refused(), strict=True):
        if refused:
            continue
        scored = [
            blind.measures(row["text"], text, blind.fluency(untuned, row["ids"], tokens.tokenizer.encode(text, add_special_tokens=False).ids))
            for text in (after, before)
        ]
        results.append(blind.compare(*scored))
    return blind.verdict(results)


def chosen_rows(config: JudgeConfig) -> tuple[list[dict], list[int]]:
    """Held rows, and the indices of harmless ones whose first token is compared."""
    rows = [row for row in stage1_rows.read_part("held") if len(row["ids"]) <= config.longest][: config.rows]
    safe = [index for index, row in enumerate(rows) if not row["refuse"]]
    return rows, sorted(random.Random(config.seed).sample(safe, min(len(safe), config.measured)))


def torch_answers(folder: Path, config: JudgeConfig) -> Answers:
    """Answers of float32 weights, kept in the run folder: they cost minutes, and do not depend on the graph."""
    settings = dataclasses.replace(config, graph_sha256="", weights_sha256=file_sha256(folder / "model.safetensors"))
    cache = RUN / f"answers-{config_sha256(settings)[:12]}.pickle"
    if not cache.exists():
        model = LlamaForCausalLM.from_pretrained(folder, attn_implementation="eager")
        rows, measured = chosen_rows(config)
        cache.write_bytes(pickle.dumps(answer_rows(model, PromptTokens(SOURCE), rows, config.opening_tokens, measured, config.bf16)))
    return pickle.loads(cache.read_bytes())


def judge(config: JudgeConfig) -> dict:
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "2")))
    tokens = PromptTokens(SOURCE)
    rows, measured = chosen_rows(config)
    answers = {"untuned": torch_answers(SOURCE, config), "float32": torch_answers(RUN / "final", config)}
    graph = open_session(PACKAGE / "model.onnx")
    answers["4-bit"] = answer_rows(graph, tokens, rows, config.opening_tokens, measured)
    report: dict = {"weights": config.weights_sha256, "graph": config.graph_sha256, "openingTokens": config.opening_tokens, "refused": {}, "firstTokenKl": {}}
    for name in answers:
        table = by_source(rows, answers[name].refused())
        report["refused"][name] = table
        report.setdefault("macro", {})[name] = {"toRefuse": macro(table, lambda line: line["toRefuse"]), "toAnswer": macro(table, lambda line: not line["toRefuse"])}
        if name != "untuned":
            report["firstTokenKl"][name] = moved(answers["untuned"], answers[name], rows)
        print(name, report["macro"][name], flush=True)
    both = zip(answers["float32"].refused(), answers["4-bit"].refused(), strict=True)
    report["quantisation"] = {"sameDecision": round(float(np.mean([one == other for one, other in both])), 4)}
    report["blind"] = blind_comparison(config, tokens, rows, LlamaForCausalLM.from_pretrained(SOURCE, attn_implementation="eager"), graph)
    report["trained"] = dict(Counter(f"{row['source']}/{row['label']}" for row in examples(TrainConfig())))
    write_json(RUN / "judge.json", report)
    with (RUN / "answers.jsonl").open("w", encoding="utf-8") as out:
        for index, row in enumerate(rows):
            line = {key: row[key] for key in ("text", "source", "label", "refuse")} | {name: one.texts[index] for name, one in answers.items()}
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
    return {"macro": report["macro"], "blind": report["blind"]}


def main() -> dict:
    config = JudgeConfig(file_sha256(RUN / "final" / "model.safetensors"), file_sha256(PACKAGE / "model.onnx"))
    return run_stage("stage7_judge", RUN, config, [RUN / "judge.json", RUN / "answers.jsonl"], lambda: judge(config))


if __name__ == "__main__":
    main()
