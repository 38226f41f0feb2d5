"""The tokens on which the 4-bit rounding is repaired: chats with their answers, harmful requests, and what the tuning taught."""

import random

from parapet_training.prompt import PromptTokens
from parapet_training.sources import read_rows
from recipes.refusal_direction.config import ExportConfig
from recipes.sentinel.config import TrainConfig
from recipes.sentinel.stage3_train import examples


def chats_and_requests(tokens: PromptTokens, config: ExportConfig) -> list[list[int]]:
    """Chats with their answers, and harmful requests without."""
    chats = [row for row in read_rows("benign_chats") if row.get("lang", "en") == "en" and row.get("response")]
    random.Random(config.seed).shuffle(chats)
    chosen = [tokens.encode(row["text"]) + tokens.tokenizer.encode(row["response"]).ids for row in chats[: config.calibration_chats]]
    requests = [row["text"] for row in read_rows("harmful_prompts")]
    random.Random(config.seed).shuffle(requests)
    return chosen + [tokens.encode(text) for text in requests[: config.calibration_requests]]


def taught(config: ExportConfig) -> list[list[int]]:
    """Training rows of the tuning with their answers: half of them refusals."""
    rows = examples(TrainConfig())
    random.Random(config.seed).shuffle(rows)
    half = config.calibration_tuned // 2
    chosen = [row for row in rows if row["refuse"]][:half] + [row for row in rows if not row["refuse"]][:half]
    return [row["ids"] + row["answer"] for row in chosen]


def calibration_rows(tokens: PromptTokens, config: ExportConfig) -> list[list[int]]:
    """Token ids of each calibration row, at most `config.calibration_tokens` of each."""
    rows = chats_and_requests(tokens, config) + (taught(config) if config.tuned else [])
    return [row[: config.calibration_tokens] for row in rows]
