"""Stage 2: the rows, and the residuals of the exported graph.

Writes runs/refusal_direction/{prompts}.jsonl, `.sites.npy`: float16[rows, layers, places, hidden] behind the instruction's end,
and `.tokens.npy`: float16[tokens, hidden] of every token of the last user turn (of an answer's: of the answer) at one layer;
`span` of a row says which. About 15 minutes on one idle core.
"""

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from parapet_training.digest import config_sha256, file_sha256
from parapet_training.paths import MODELS, RUNS
from parapet_training.prompt import LAST_INSTRUCTION, PromptTokens
from parapet_training.residual_reader import ResidualReader
from parapet_training.stage import run_stage
from recipes.refusal_direction.config_rows import RowsConfig
from recipes.refusal_direction.rows import choose

RUN = RUNS / os.environ.get("PARAPET_RUN", "refusal_direction")
PACKAGE = Path(os.environ.get("PARAPET_SENTINEL", MODELS / "sentinel"))
MOST_TOKENS = 1600


@dataclass(frozen=True)
class Settings:
    """The rows and the graph they are read with."""

    rows: RowsConfig
    model_sha256: str


def encode(row: dict, tokens: PromptTokens) -> dict:
    """The row with its `ids`, the index `last` of the instruction's last token, and the `span` that is read token by token."""
    if row.get("answer") is not None:
        before = [*row.get("turns", []), ("user", row["text"])]
        prompt = tokens.encode_turns(before)
        answer = tokens.tokenizer.encode(row["answer"], add_special_tokens=False).ids
        return row | {"ids": prompt + answer, "last": len(prompt) + LAST_INSTRUCTION, "span": [len(prompt), len(prompt) + len(answer)]}
    turns = row.get("turns") or [("user", row["text"])]
    ids = tokens.encode_turns(turns)
    opened = len(tokens.encode_turns([*turns[:-1], ("user", "")])) + LAST_INSTRUCTION + 1
    last = len(ids) + LAST_INSTRUCTION
    return row | {"ids": ids, "last": last, "span": [min(opened, last), last + 1]}


def read(rows: list[dict], config: RowsConfig, tokens: PromptTokens) -> tuple[np.ndarray, np.ndarray]:
    """Residuals at the sites, and of each token of the spans, one row's after the other's."""
    threads = int(os.environ.get("OMP_NUM_THREADS", "1"))
    reader = ResidualReader(PACKAGE / "model.onnx", list(config.layers), tokens.prefix, threads)
    hidden = 576
    sites = np.zeros((len(rows), len(config.layers), len(config.tail), hidden), np.float16)
    starts = np.cumsum([0, *(row["span"][1] - row["span"][0] for row in rows)])
    spans = np.zeros((int(starts[-1]), hidden), np.float16)
    at = config.layers.index(config.token_layer)
    began = time.monotonic()
    for index, row in enumerate(rows):
        first, values = reader.read(row["ids"])
        sites[index] = values[:, [row["last"] + step - first for step in config.tail]]
        low, high = row["span"]
        spans[starts[index] : starts[index + 1]] = values[at, low - first : high - first]
        if index % 250 == 249:
            print(f"{index + 1} of {len(rows)} rows, {time.monotonic() - began:.0f} s", flush=True)
    return sites, spans


def save(part: str, rows: list[dict], sites: np.ndarray, spans: np.ndarray) -> None:
    np.save(RUN / f"{part}.sites.npy", sites)
    np.save(RUN / f"{part}.tokens.npy", spans)
    with (RUN / f"{part}.jsonl").open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def collect(part: str, rows: list[dict], config: RowsConfig) -> dict:
    tokens = PromptTokens(PACKAGE)
    encoded = [encode(row, tokens) for row in rows]
    kept = [row for row in encoded if len(row["ids"]) <= (config.max_tokens if row["kind"] == "plain" else MOST_TOKENS)]
    save(part, kept, *read(kept, config, tokens))
    return {"rows": len(kept), "tokens": sum(len(row["ids"]) for row in kept)}


def chosen(config: RowsConfig) -> list[dict]:
    """The rows of the prompts: chosen once, since they depend on no weights."""
    tuned = os.environ.get("PARAPET_TUNED_ROWS", "")
    path = RUN / f"rows-{config_sha256(config)[:12]}{'-' + file_sha256(Path(tuned))[:12] if tuned else ''}.jsonl"
    if not path.exists():
        # Whole or not there: another stage may be waiting for it.
        part = path.with_suffix(".part")
        part.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in choose(config, PromptTokens(PACKAGE))), encoding="utf-8")
        part.replace(path)
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def outputs_of(part: str) -> list[Path]:
    return [RUN / f"{part}{kind}" for kind in (".sites.npy", ".tokens.npy", ".jsonl")]


def subset(rows: list[dict]) -> list[dict]:
    """Every PARAPET_EVERY-th row: a trial of the stages."""
    return rows[:: int(os.environ.get("PARAPET_EVERY", "1"))]


def main() -> dict:
    RUN.mkdir(parents=True, exist_ok=True)
    config = RowsConfig()
    settings = Settings(config, file_sha256(PACKAGE / "model.onnx"))
    return run_stage("stage2_collect", RUN, settings, outputs_of("prompts"), lambda: collect("prompts", subset(chosen(config)), config))


if __name__ == "__main__":
    main()
