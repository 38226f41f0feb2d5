"""Stage 2: residuals of the exported graph at two positions.

Writes runs/refusal_direction/{fit,held}.jsonl and {fit,held}.npy: float32[rows, layers, 2, hidden], position 0 the
last instruction token, position 1 the template's last token. About 6 minutes on two idle cores.
"""

import json
import os
from dataclasses import dataclass

import numpy as np
import onnxruntime as ort

from parapet_training.digest import file_sha256
from parapet_training.graph import truncated
from parapet_training.paths import MODELS, RUNS
from parapet_training.prompt import LAST, LAST_INSTRUCTION, PromptTokens
from parapet_training.session import batches_of_equal_length, feeds, open_session
from parapet_training.sources import folded, fraction, read_rows
from parapet_training.stage import run_stage
from recipes.refusal_direction.config import RowsConfig

RUN = RUNS / "refusal_direction"
PACKAGE = MODELS / "sentinel"


@dataclass(frozen=True)
class CollectConfig:
    """The rows and the graph they are read with."""

    rows: RowsConfig
    model_sha256: str


def choose(config: RowsConfig) -> dict[str, list[dict]]:
    """Rows of both parts, in a fixed order; each text once."""
    parts: dict[str, list[dict]] = {}
    seen: set[str] = set()
    for part, wanted in (("held", config.held), ("fit", config.fit)):
        rows: list[dict] = []
        for file, source, label, count in wanted:
            found = []
            for row in read_rows(file):
                if row["source"] != source or row.get("label") != label or row.get("lang", "en") != "en":
                    continue
                if source == "alphasteer_borderline" and (fraction(row["text"], "part") < 0.5) != (part == "held"):
                    continue
                found.append({"text": row["text"], "source": source, "label": label, "pair": row.get("pair")})
            found.sort(key=lambda row: fraction(row["text"], "direction"))
            if source == "twins":
                found.sort(key=lambda row: row["pair"])
            kept = 0
            for row in found:
                key = folded(row["text"])
                if kept == count or not key or key in seen:
                    continue
                seen.add(key)
                row["harmful"] = label in ("harmful", "jailbreak")
                rows.append(row)
                kept += 1
        parts[part] = rows
    return parts


def read_residuals(session: ort.InferenceSession, ids: list[list[int]], layers: int) -> np.ndarray:
    """float32[rows, layers, 2, hidden] at the last instruction token and at the last token."""
    values = np.zeros((len(ids), layers, 2, 576), dtype=np.float32)
    for batch in batches_of_equal_length(ids, 1024):
        outputs = session.run(None, feeds(session, np.array([ids[i] for i in batch], dtype=np.int64)))
        for position, offset in enumerate((LAST_INSTRUCTION, LAST)):
            values[batch, :, position] = np.stack([output[:, offset] for output in outputs], axis=1)
    return values


def save_part(part: str, rows: list[dict], ids: list[list[int]], values: np.ndarray) -> None:
    """Write the part's residuals and its rows with their token counts."""
    np.save(RUN / f"{part}.npy", values)
    with (RUN / f"{part}.jsonl").open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(row | {"tokens": len(i)}, ensure_ascii=False) + "\n" for row, i in zip(rows, ids, strict=True))


def tapped_session(layers: tuple[int, ...]) -> ort.InferenceSession:
    """A session of the graph cut behind the deepest of `layers`."""
    return open_session(truncated(PACKAGE / "model.onnx", list(layers)), int(os.environ.get("OMP_NUM_THREADS", "2")))


def collect(config: RowsConfig) -> dict:
    tokens = PromptTokens(PACKAGE)
    session = tapped_session(config.layers)
    result = {}
    for part, rows in choose(config).items():
        ids = [tokens.encode(row["text"]) for row in rows]
        kept = [index for index, row in enumerate(ids) if len(row) <= config.max_tokens]
        rows, ids = [rows[i] for i in kept], [ids[i] for i in kept]
        save_part(part, rows, ids, read_residuals(session, ids, len(config.layers)))
        result[part] = len(rows)
    return result


def main() -> dict:
    config = CollectConfig(RowsConfig(), file_sha256(PACKAGE / "model.onnx"))
    outputs = [RUN / f"{part}{kind}" for part in ("fit", "held") for kind in (".npy", ".jsonl")]
    return run_stage("stage2_collect", RUN, config, outputs, lambda: collect(config.rows))


if __name__ == "__main__":
    main()
