"""The tokens on which the 4-bit rounding is repaired: chats with their answers, and harmful requests."""

import random

from parapet_training.prompt import PromptTokens
from parapet_training.sources import read_rows
from recipes.refusal_direction.config import ExportConfig


def calibration_rows(tokens: PromptTokens, config: ExportConfig) -> list[list[int]]:
    """Token ids of each calibration row, at most `config.calibration_tokens` of each."""
    chats = [row for row in read_rows("benign_chats") if row.get("lang", "en") == "en" and row.get("response")]
    random.Random(config.seed).shuffle(chats)
    chosen = [
        (tokens.encode(row["text"]) + tokens.tokenizer.encode(row["response"]).ids)[: config.calibration_tokens]
        for row in chats[: config.calibration_chats]
    ]
    requests = [row["text"] for row in read_rows("harmful_prompts")]
    random.Random(config.seed).shuffle(requests)
    return chosen + [tokens.encode(text) for text in requests[: config.calibration_requests]]
