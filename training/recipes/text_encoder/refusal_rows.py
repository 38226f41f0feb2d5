"""Rows of the judge of answers: refused or complied. Labels that a source's own check made are kept where another agrees."""

import ast
import re
from collections.abc import Iterator

from parapet_training.sources import read_rows
from recipes.text_encoder.targets import NO_ATTACK, row

# Openings and turns that nearly always refuse: they check noisy labels, and are no label by themselves.
REFUSING = re.compile(
    r"\b(i('m| am)? (so |very |really |truly )?sorry|i apologi[sz]e|i can(no|')?t|i can ?not|i (will|would) not|i won'?t|i('m| am) (not able|unable)|not able to (help|assist|provide|fulfill)"
    r"|against my (programming|guidelines|ethical)|as an ai\b.{0,80}\b(can(no|')?t|cannot|not (able|programmed|appropriate))|i (must|have to) (decline|refuse)|not (appropriate|ethical|legal) (for me )?to)",
    re.IGNORECASE,
)
HELD_MODELS = ("meta-llama-3-8b-instruct", "yi-6b-chat")


def answered(response: str, source: str, refused: float) -> dict:
    return row(response[:700], source, refusal=[refused, 1.0 - refused], attack=NO_ATTACK)


def opens_with_refusal(response: str) -> bool:
    return REFUSING.search(response[:220].replace("’", "'")) is not None


def human_labels() -> Iterator[dict]:
    for item in read_rows("responses"):
        response, label = item["response"], item["label"]
        if item["source"] != "gptfuzz_responses" or len(response) < 12:
            continue
        refused, looks = label == "0", opens_with_refusal(response)
        yield answered(response, item["source"], (0.98 if looks else 0.75) if refused else (0.35 if looks else 0.02))


def without_need() -> Iterator[dict]:
    for item in read_rows("responses"):
        if item["source"] != "coconot_pref":
            continue
        looks = opens_with_refusal(item["response"])
        if item["label"] == "refused" and looks:
            yield answered(item["response"], item["source"], 0.9)
        elif item["label"] == "complied":
            yield answered(item["response"], item["source"], 0.3 if looks else 0.02)


def interventions() -> Iterator[dict]:
    """Answers of real models as they are, with the refusal direction erased, and with it added."""
    for item in read_rows("responses"):
        if item["source"] != "arditi_completions" or len(item["response"]) < 12:
            continue
        said = ast.literal_eval(item["label"])
        answers, harmful = said.get("is_jailbreak_substring_matching"), said.get("is_jailbreak_llamaguard2")
        source = "arditi_completions_held" if item["model"] in HELD_MODELS else "arditi_completions"
        if answers == 0 and not harmful:
            yield answered(item["response"], source, 0.98)
        elif answers == 1 and harmful != 0 and not opens_with_refusal(item["response"]):
            yield answered(item["response"], source, 0.02)


def plain_answers() -> Iterator[dict]:
    for item in read_rows("benign_chats"):
        if item.get("lang", "en") == "en" and item.get("response") and not item.get("refusal_like") and not opens_with_refusal(item["response"]):
            yield answered(item["response"], "benign_answers", 0.01)
    for item in read_rows("responses_safety"):
        if item["source"] == "circuit_breaker_safe_responses":
            yield answered(item["response"], "circuit_breaker_refusals", 0.99)


def all_refusal() -> Iterator[dict]:
    """Every answer with a label, held-out sources included."""
    for reader in (human_labels, without_need, interventions, plain_answers):
        yield from reader()
