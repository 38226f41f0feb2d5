"""Harm rows: requests that ask for harm, requests that only sound so, and the categories that sources name."""

import re
from collections.abc import Iterator

from parapet_training.sources import read_rows
from recipes.text_encoder.config import HARM_CATEGORIES
from recipes.text_encoder.targets import NO_ATTACK, Values, clean, harmless, row, values_of

# What a category's name must hold, source by source; a name that fits none says nothing about categories.
CATEGORY_WORDS = {
    "cybercrime": r"malware|virus|trojan|spyware|ransom|adware|cybercrime|hack|keylog|rootkit|cyber attack|cyberattack",
    "drugs": r"\bdrug",
    "fraud": r"fraud|scam|economic|phishing|counterfeit|identity theft|deception|financial crimes|forge|theft",
    "hate": r"hate|harass|bully|racial|religious|gender|stereotyp|slur|insult|defam|cruel|intoleran|discriminat",
    "misinformation": r"misinformation|fake|rumor|political|election|lobby|conspirac|disinformation",
    "privacy": r"privacy|private|personal information|surveillance|data leak|doxx|stalking|data breach",
    "sexual": r"sexual|porn|adult content|erotic|nud",
    "violence": r"weapon|terror|violent|violence|assault|physical|murder|kidnap|biological|hazardous",
}
PATTERNS = {name: re.compile(words, re.IGNORECASE) for name, words in CATEGORY_WORDS.items()}
# Advice that a provider's policy forbids is not harm: these are neither side's evidence.
NO_HARM_CATEGORY = re.compile(r"legal opinion|financial advice|health consultation|gov decision|political lobbying|lobbying|activism|advertising|law advice|medical advice|common sense", re.IGNORECASE)


def categories_of(name: str) -> dict[str, float]:
    """1 or 0 for each category, by the name that the source gives; empty when the name fits none."""
    # "Hate/Harass/Violence" and "Fraud/Deception" are headings: the part behind the last stroke is the category.
    head, _, tail = name.rpartition("/")
    found = {c for c in HARM_CATEGORIES if PATTERNS[c].search(tail)} or {c for c in HARM_CATEGORIES if PATTERNS[c].search(head.replace("Hate/Harass/Violence", "Hate"))}
    return {c: float(c in found) for c in HARM_CATEGORIES} if found else {}


def harmful(certainty: float, category: str = "") -> Values:
    return values_of("harm", harmful=certainty, **categories_of(category))


def asked(text: str, source: str, values: Values, **more) -> dict:
    """A plain request is no attack, whatever it asks for."""
    return row(text, source, harm=values, attack=NO_ATTACK) | more


def harmful_prompts() -> Iterator[dict]:
    for item in read_rows("harmful_prompts"):
        category = item.get("category") or ""
        if item["source"] == "harmfulqa":
            category = ""  # topics of study, not of harm
        if not NO_HARM_CATEGORY.search(category):
            yield asked(item["text"], item["source"], harmful(1.0, category))


def mixed_prompts() -> Iterator[dict]:
    for item in read_rows("harmful_and_borderline_prompts"):
        category, label = item.get("category") or "", item["label"]
        if item["source"] == "forbidden_questions":
            if not NO_HARM_CATEGORY.search(category):
                yield asked(item["text"], item["source"], harmful(0.95, category))
        elif label == "harmful":
            # The label is what a generator meant, unchecked.
            yield asked(item["text"], item["source"], harmful(0.75))
        elif label == "benign":
            yield asked(item["text"], item["source"], values_of("harm", harmful=0.03))


def judged_prompts() -> Iterator[dict]:
    for item in read_rows("guardreasoner_prompts"):
        bad = item["label"] == "harmful"
        values = harmful(0.97) if bad else values_of("harm", harmful=0.03)
        # Half of them are wrapped in a story: whether one is a jailbreak the source does not say.
        yield row(item["text"], item["source"], harm=values, attack=values_of("attack", injection=0.0))


def salad() -> Iterator[dict]:
    for item in read_rows("salad_questions"):
        category = item.get("category") or ""
        if item["label"] == "harmful" and not NO_HARM_CATEGORY.search(category):
            yield asked(item["text"], "salad", harmful(1.0, category))


def twins() -> Iterator[dict]:
    for item in read_rows("twin_prompts"):
        values = harmful(1.0) if item["label"] == "harmful" else harmless()
        yield asked(item["text"], "twins", values, pair=item["pair"])


def borderline() -> Iterator[dict]:
    for item in read_rows("borderline_prompts"):
        yield row(item["text"], "alphasteer_borderline", harm=harmless(), attack=NO_ATTACK, toxicity=clean())


def all_harm() -> Iterator[dict]:
    """Every row about harm, held-out sources included. Twins first: a text that stands elsewhere too must stay with its twin."""
    for reader in (twins, harmful_prompts, mixed_prompts, judged_prompts, salad, borderline):
        yield from reader()
