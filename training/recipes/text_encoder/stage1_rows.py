"""Stage 1: choose the rows. Writes runs/text_encoder/{train,development,heldout,spare}.jsonl. About 20 seconds."""

import json
import random
from collections import Counter, defaultdict
from pathlib import Path

from parapet_training.paths import RUNS
from parapet_training.sources import folded, fraction, take
from parapet_training.stage import run_stage
from recipes.text_encoder.attack_rows import all_attack
from recipes.text_encoder.benign_rows import all_benign
from recipes.text_encoder.composed_rows import COMPOSERS
from recipes.text_encoder.config import RowsConfig
from recipes.text_encoder.harm_rows import all_harm
from recipes.text_encoder.refusal_rows import all_refusal
from recipes.text_encoder.sentiment_rows import all_sentiment
from recipes.text_encoder.toxicity_rows import all_toxicity

RUN = RUNS / "text_encoder"
PARTS = ("train", "development", "heldout", "spare")


def part_of(row: dict, config: RowsConfig) -> str:
    """Held-out sources whole; otherwise by hash of the text (of the pair, where rows are paired)."""
    if row["source"] in config.held_out:
        return "heldout"
    key = f"pair {row['pair']}" if "pair" in row else row["text"]
    return "development" if fraction(key, "split") < config.development_share else "train"


def is_bad(row: dict, task: str) -> bool:
    """Whether the row holds what its task looks for: the first label, and for attacks any."""
    values = row[task] or []
    return max((value or 0.0) for value in (values if task == "attack" else values[:1])) >= 0.5


def balanced(rows: list[dict], task: str, count: int, salt: str) -> list[dict]:
    """At most `count` rows, with what the task looks for and without in equal parts as far as the source goes."""
    if task in ("benign", "sentiment"):
        return take(rows, count, salt)
    bad = [row for row in rows if is_bad(row, task)]
    good = [row for row in rows if not is_bad(row, task)]
    some = take(bad, max(count // 2, count - len(good)), salt)
    return some + take(good, count - len(some), salt)


MOST_OF_A_SOURCE = 3000
# Benign rows that training has no room for: thresholds rest on them, so there have to be thousands.
SPARE = {("harm", "alphasteer_borderline"): 2600, ("benign", "benign_prompts"): 900, ("benign", "benign_documents"): 700, ("sentiment", "goemotions"): 600}
READERS = {"toxicity": all_toxicity, "sentiment": all_sentiment, "harm": all_harm, "attack": all_attack, "refusal": all_refusal, "benign": all_benign}


def choose(config: RowsConfig) -> dict:
    seen: set[str] = set()
    parts: dict[str, dict[tuple[str, str], list[dict]]] = {name: defaultdict(list) for name in PARTS}
    for task, reader in READERS.items():
        for row in reader():
            # An answer may stand as everyday text too: the judge reads it as another task.
            key = f"{task in ('refusal', 'sentiment', 'toxicity') and task} {folded(row['text'])}"
            if len(key) < 12 or key in seen:
                continue
            seen.add(key)
            parts[part_of(row, config)][task, row["source"]].append(row)
    rng = random.Random(config.seed)
    pools = parts["train"]
    train = [row for task, source, cap in config.caps for row in balanced(pools[task, source], task, cap, f"train {source}")]
    for name, count in config.composed:
        train += COMPOSERS[name](pools, count, rng)
    rng.shuffle(train)
    chosen = {"train": train}
    used = {id(row) for row in train}
    spare = {key: [row for row in pools[key] if id(row) not in used] for key in SPARE}
    chosen["spare"] = [row | {"task": key[0]} for key, rows in spare.items() for row in take(rows, SPARE[key], "spare")]
    for name in ("development", "heldout"):
        chosen[name] = [row | {"task": key[0]} for key, rows in sorted(parts[name].items()) for row in take(rows, MOST_OF_A_SOURCE, name)]
    for name, rows in chosen.items():
        with (RUN / f"{name}.jsonl").open("w", encoding="utf-8") as out:
            out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    counts = {name: dict(Counter(row["source"] for row in rows)) for name, rows in chosen.items()}
    return {"rows": {name: len(rows) for name, rows in chosen.items()}, "sources": counts}


def read_part(name: str, run: Path = RUN) -> list[dict]:
    """The rows of one part."""
    with (run / f"{name}.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def main() -> dict:
    config = RowsConfig()
    return run_stage("stage1_rows", RUN, config, [RUN / f"{name}.jsonl" for name in PARTS], lambda: choose(config))


if __name__ == "__main__":
    main()
