"""Harmless answers of two models compared blind: the comparison sees a prompt and two answers, never whose they are.

No judge model is at hand, so the rubric is mechanical. Four measures of an answer of at most 48 tokens:

- fluency: mean log-probability of its tokens under the untuned model. The untuned model's own greedy answers score well
  here by construction, so the measure leans against the tuned model;
- topic: share of the prompt's content words (four letters or more) that the answer uses;
- variety: share of distinct word trigrams;
- substance: words, counted up to 30.

An answer wins a measure when it is ahead by the measure's least difference, and the pair when it wins more measures than
the other. Stated before any answer was made: the tuned model may lose at most 10 points more of the pairs than it wins.
"""

import re

import torch
from transformers import LlamaForCausalLM

MARGIN = 0.10
LEAST_DIFFERENCE = {"fluency": 0.15, "topic": 0.10, "variety": 0.05, "substance": 5.0}


def content_words(text: str) -> set[str]:
    return {word for word in re.findall(r"[a-z]+", text.lower()) if len(word) >= 4}


@torch.no_grad()
def fluency(model: LlamaForCausalLM, prompt: list[int], answer: list[int]) -> float:
    """Mean log-probability in nats of the answer's tokens under `model`; −20 where the answer is empty."""
    if not answer:
        return -20.0
    logits = model(torch.tensor([prompt + answer])).logits[0, len(prompt) - 1 : -1].float()
    return torch.log_softmax(logits, -1).gather(1, torch.tensor(answer)[:, None]).mean().item()


def measures(prompt: str, answer: str, fluent: float) -> dict[str, float]:
    """The rubric's numbers of one answer."""
    words, asked = answer.lower().split(), content_words(prompt)
    trigrams = list(zip(words, words[1:], words[2:], strict=False))
    return {
        "fluency": fluent,
        "topic": len(asked & content_words(answer)) / max(1, len(asked)),
        "variety": len(set(trigrams)) / len(trigrams) if trigrams else 0.0,
        "substance": float(min(len(words), 30)),
    }


def compare(one: dict[str, float], other: dict[str, float]) -> int:
    """1 where `one` wins, −1 where `other` does, 0 for a draw."""
    ahead = sum((one[k] - other[k] > least) - (other[k] - one[k] > least) for k, least in LEAST_DIFFERENCE.items())
    return (ahead > 0) - (ahead < 0)


def verdict(results: list[int]) -> dict:
    """Shares of pairs won, drawn and lost by the tuned model, and whether the margin holds."""
    n = len(results)
    won, lost = (sum(result == side for result in results) / n for side in (1, -1))
    return {"pairs": n, "won": round(won, 3), "drawn": round(1 - won - lost, 3), "lost": round(lost, 3), "margin": MARGIN, "holds": lost - won <= MARGIN}
