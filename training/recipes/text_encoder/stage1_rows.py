"""Stage 1: choose the rows. Writes runs/text_encoder/{train,development,heldout}.jsonl. About 20 seconds."""

import json
import random
from collections import Counter, defaultdict
from pathlib import Path

from parapet_training.paths import RUNS
from parapet_training.sources import folded, fraction, take
from parapet_training.stage import run_stage
from recipes.text_encoder.config import TOXICITY, RowsConfig
from recipes.text_encoder.sentiment_rows import all_sentiment
from recipes.text_encoder.toxicity_rows import all_toxicity

RUN = RUNS / "text_encoder"
PARTS = ("train", "development", "heldout")


def part_of(row: dict, config: RowsConfig) -> str:
    """Held-out sources whole; otherwise by hash of the text (of the pair, where rows are paired)."""
    if row["source"] in config.held_out:
        return "heldout"
    key = f"pair {row['pair']}" if "pair" in row else row["text"]
    return "development" if fraction(key, "split") < config.development_share else "train"


def balanced(rows: list[dict], count: int, salt: str) -> list[dict]:
    """At most `count` rows, toxic and not in equal parts as far as the source goes."""
    if rows and rows[0]["toxicity"] is not None and not (rows[0]["source"] == "benign"):
        bad = [row for row in rows if (row["toxicity"][0] or 0) >= 0.5]
        good = [row for row in rows if (row["toxicity"][0] or 0) < 0.5]
        half = count // 2
        some = take(bad, max(half, count - len(good)), salt)
        return some + take(good, count - len(some), salt)
    return take(rows, count, salt)


def composed(bad: list[dict], good: list[dict], count: int, rng: random.Random) -> list[dict]:
    """Long text of benign sentences, with a toxic comment somewhere inside half of them."""
    rows = []
    for index in range(count):
        host = rng.choice(good)["text"][: rng.randint(250, 900)].split(". ")
        if index % 2:
            guest = rng.choice(bad)
            host.insert(rng.randint(0, len(host)), guest["text"][:300])
            values = [None if value is None else min(value, 0.95) for value in guest["toxicity"]]
        else:
            values = [0.0] * len(TOXICITY)
        rows.append({"text": ". ".join(host), "source": "composed", "toxicity": values, "sentiment": None})
    return rows


def choose(config: RowsConfig) -> dict:
    seen: set[str] = set()
    parts: dict[str, dict[tuple[str, str], list[dict]]] = {name: defaultdict(list) for name in PARTS}
    for task, rows in (("toxicity", all_toxicity()), ("sentiment", all_sentiment())):
        for row in rows:
            key = f"{task} {folded(row['text'])}"
            if len(key) < 12 or key in seen:
                continue
            seen.add(key)
            parts[part_of(row, config)][task, row["source"]].append(row)
    rng = random.Random(config.seed)
    train: list[dict] = []
    pools = parts["train"]
    for task, caps in (("toxicity", config.toxicity_caps), ("sentiment", config.sentiment_caps)):
        for source, cap in caps:
            if source == "composed":
                bad = [r for r in pools["toxicity", "jigsaw_toxic_comments"] + pools["toxicity", "toxic_spans"] if r["toxicity"][0] >= 0.8]
                train += composed(bad, pools["toxicity", "benign"], cap, rng)
            else:
                train += balanced(pools[task, source], cap, f"train {source}")
    rng.shuffle(train)
    chosen = {"train": train}
    for name in ("development", "heldout"):
        chosen[name] = [row for key, rows in sorted(parts[name].items()) for row in take(rows, 5000, name)]
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
