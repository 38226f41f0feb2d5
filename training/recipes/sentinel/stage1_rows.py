"""Stage 1: the rows to refuse and to answer. Writes runs/sentinel/{train,held}.jsonl. Seconds."""

import json
import random

from parapet_training.digest import file_sha256
from parapet_training.paths import RUNS, data_folder
from parapet_training.prompt import PromptTokens
from parapet_training.sources import folded, fraction, read_rows
from parapet_training.stage import run_stage
from recipes.refusal_direction.config import ExportConfig
from recipes.refusal_direction.weights import UNTUNED, write_untuned
from recipes.sentinel.composed_rows import SYSTEMS, crimes, mentions, wrapped
from recipes.sentinel.config import RowsConfig

RUN = RUNS / "sentinel"
SOURCE = UNTUNED


def usable(row: dict) -> bool:
    """English, and complete without an image or an earlier turn."""
    text = row["text"]
    if row.get("lang", "en") != "en" or row.get("turns", 1) not in (1, None) or text.startswith(("User:", "Assistant:")):
        return False
    return "image shows" not in text and not text.startswith(("junto", "';"))


def read_group(wanted: tuple[tuple[str, str, str, int], ...], refuse: bool | None) -> list[dict]:
    """Rows of each source, ordered by hash of the text, with the number that its source may give."""
    rows = []
    for file, source, label, count in wanted:
        found = [row for row in read_rows(file) if row["source"] == source and row.get("label") == label and usable(row)]
        found.sort(key=lambda row: fraction(row["text"], "sentinel"))
        harmful = label in ("harmful", "jailbreak") if refuse is None else refuse
        rows += [
            {"text": r["text"], "source": source, "label": label, "pair": r.get("pair"), "refuse": harmful, "most": count} for r in found
        ]
    return rows


def is_held(row: dict, shares: dict[str, float]) -> bool:
    """Whether a row of a spread source is held out: its pair decides where it has one."""
    return fraction(str(row.get("pair") or row["text"]), "held") < shares.get(row["source"], 0.0)


def composed(config: RowsConfig, harmful: list[dict], harmless: list[dict]) -> list[dict]:
    """Composed rows; wrapped requests are taken from rows that are trained on, so that held sources stay unseen."""
    rng = random.Random(config.seed)
    rows = [row | {"refuse": False} for row in mentions(rng, config.mentions)]
    rows += [row | {"refuse": True} for row in crimes(rng, config.crimes)]
    short = [[row for row in group if len(row["text"]) < 220] for group in (harmful, harmless)]
    rows += [row | {"refuse": True} for row in wrapped(rng, short[0], config.wrapped_harmful, "harmful")]
    rows += [row | {"refuse": False} for row in wrapped(rng, short[1], config.wrapped_harmless, "harmless")]
    return rows


def choose(config: RowsConfig, tokens: PromptTokens) -> dict[str, list[dict]]:
    """Both parts; each text once, held rows first."""
    shares = {source: share for source, share, _ in config.spread}
    most_held = {source: most for source, _, most in config.spread}
    pool = read_group(config.refuse, True) + read_group(config.answer, False)
    kept = [row for row in pool if not is_held(row, shares)]
    pool += composed(config, [r for r in kept if r["refuse"]], [r for r in kept if not r["refuse"]])
    parts: dict[str, list[dict]] = {"held": [], "train": []}
    seen: set[str] = set()
    counts: dict[tuple, int] = {}
    rng = random.Random(config.seed)
    held = read_group(config.held, None) + [row for row in pool if is_held(row, shares)]
    for part, rows in (("held", held), ("train", [row for row in pool if not is_held(row, shares)])):
        for row in rows:
            key, group = folded(row["text"]), (part, row["source"], row["label"])
            limit = row.pop("most", 10**9)
            if part == "held":
                limit = min(limit, most_held.get(row["source"], limit))
            if not key or key in seen or counts.get(group, 0) >= limit:
                continue
            other = part == "train" and rng.random() < config.other_system_share
            row["system"] = rng.choice(SYSTEMS) if other else None
            row["ids"] = tokens.encode(row["text"], row["system"])
            if len(row["ids"]) > config.max_tokens:
                continue
            seen.add(key)
            counts[group] = counts.get(group, 0) + 1
            parts[part].append(row)
    return parts


def write(config: RowsConfig) -> dict:
    RUN.mkdir(parents=True, exist_ok=True)
    result: dict = {}
    for part, rows in choose(config, PromptTokens(SOURCE)).items():
        random.Random(config.seed).shuffle(rows)
        with (RUN / f"{part}.jsonl").open("w", encoding="utf-8") as out:
            out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        counts: dict[str, int] = {}
        for row in rows:
            name = f"{row['source']}/{row['label']}"
            counts[name] = counts.get(name, 0) + 1
        result[part] = {"rows": len(rows), "refuse": sum(row["refuse"] for row in rows), "sources": counts}
    files = {file for group in (config.refuse, config.answer, config.held) for file, *_ in group}
    result["data"] = {file: file_sha256(data_folder() / f"{file}.jsonl.gz") for file in sorted(files)}
    return result


def read_part(part: str) -> list[dict]:
    """The rows of `train` or `held`."""
    return [json.loads(line) for line in (RUN / f"{part}.jsonl").open(encoding="utf-8")]


def main() -> dict:
    write_untuned(ExportConfig())
    outputs = [RUN / "train.jsonl", RUN / "held.jsonl"]
    return run_stage("stage1_rows", RUN, RowsConfig(), outputs, lambda: write(RowsConfig()))


if __name__ == "__main__":
    main()
