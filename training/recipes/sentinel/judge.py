"""How a model answers the held rows: refusal rates by source, and how far its first tokens have moved."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import onnxruntime as ort
from transformers import LlamaForCausalLM

from parapet_training.greedy import greedy
from parapet_training.metrics import wilson
from parapet_training.onnx_greedy import onnx_greedy
from parapet_training.prompt import PromptTokens
from parapet_training.refusal_rules import refuses

END_OF_TURN = 2


@dataclass(frozen=True)
class Answers:
    """Texts of all rows, and log-probabilities of the first token float32[rows, vocabulary] of the rows in `measured`."""

    texts: list[str]
    measured: list[int]
    first: np.ndarray

    def refused(self) -> list[bool]:
        return [refuses(text) for text in self.texts]


def decoded(tokens: PromptTokens, answer: list[int]) -> str:
    """The answer's text up to the end of its turn."""
    return tokens.tokenizer.decode(answer[: answer.index(END_OF_TURN)] if END_OF_TURN in answer else answer)


def answer_rows(model: LlamaForCausalLM | ort.InferenceSession, tokens: PromptTokens, rows: list[dict], steps: int, measured: list[int], bf16: bool = False) -> Answers:
    """Greedy answers of `steps` tokens to all rows."""
    prompts = [row["ids"] for row in rows]
    texts, first, wanted = [""] * len(rows), {}, set(measured)
    if isinstance(model, LlamaForCausalLM):
        found = ((b.rows, b.tokens.numpy(), b.first.numpy()) for b in greedy(model, prompts, steps, tokens.prefix, 1, 48, bf16))
    else:
        found = onnx_greedy(model, prompts, steps)
    for indices, said, opening in found:
        for place, index in enumerate(indices):
            texts[index] = decoded(tokens, said[place].tolist())
            if index in wanted:
                first[index] = opening[place].copy()
    return Answers(texts, measured, np.stack([first[index] for index in measured]) if measured else np.zeros((0, 0)))


def divergence(reference: Answers, other: Answers) -> np.ndarray:
    """KL(reference ‖ other) in nats of the first token, float64[measured]."""
    return (np.exp(reference.first.astype(np.float64)) * (reference.first - other.first)).sum(-1)


def by_source(rows: list[dict], refused: list[bool]) -> list[dict]:
    """Refusal rate with Wilson's 95 % interval of every source and label, those to refuse first."""
    groups: dict[tuple, list[bool]] = {}
    for row, value in zip(rows, refused, strict=True):
        groups.setdefault((not row["refuse"], row["source"], row["label"]), []).append(value)
    table = []
    for (answer, source, label), values in sorted(groups.items()):
        rate = wilson(sum(values), len(values))
        line = {"source": source, "label": label, "toRefuse": not answer, "n": len(values), "refused": round(rate.value, 4)}
        table.append(line | {"interval": [round(rate.low, 4), round(rate.high, 4)]})
    return table


def macro(table: list[dict], keep: Callable[[dict], bool]) -> float:
    """Mean rate over sources."""
    rates = [line["refused"] for line in table if keep(line)]
    return round(sum(rates) / len(rates), 4) if rates else math.nan
