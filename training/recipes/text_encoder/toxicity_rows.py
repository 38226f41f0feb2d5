"""Toxicity rows: each source's labels mapped to four soft targets, nothing guessed where a source is silent."""

from collections.abc import Iterator

from parapet_training.sources import read_rows
from recipes.text_encoder.config import TOXICITY
from recipes.text_encoder.targets import NO_ATTACK, Values, values_of
from recipes.text_encoder.targets import row as targeted

def targets(**known: float | None) -> Values:
    return values_of("toxicity", **known)


def row(text: str, source: str, values: Values) -> dict:
    """Comments of forums are no attack on a model; whether they ask for harm, no source says."""
    return targeted(text, source, toxicity=values, attack=NO_ATTACK)


def jigsaw() -> Iterator[dict]:
    names = ("toxic", "obscene", "insult", "identity_hate")
    for item in read_rows("jigsaw"):
        six = item.get("labels")
        if six:
            values: Values = [float(six[name]) for name in names]
            values[0] = float(any(six.values()))
        else:
            values = targets(toxic=float(item["label"] == "toxic"))
        yield row(item["text"], item["source"], values)


def toxic_spans() -> Iterator[dict]:
    for item in read_rows("toxic_spans"):
        score = float(item["score"])
        # The text was picked because it looked toxic; one rater of three is no verdict.
        if score == 0 or score >= 0.6:
            category = item.get("category") or ""
            yield row(item["text"], "toxic_spans", targets(toxic=score, insult=0.9 if category == "Insult" and score >= 0.6 else None))


def paradetox() -> Iterator[dict]:
    for item in read_rows("paradetox"):
        yield row(item["text"], "paradetox", targets(toxic=0.95 if item["label"] == "toxic" else 0.05)) | {"pair": item["pair"]}


def tweets_and_forums() -> Iterator[dict]:
    for item in read_rows("toxicity"):
        source, label, text = item["source"], item["label"], item["text"]
        if source == "davidson":
            bad = label != "neither"
            yield row(text, source, targets(toxic=float(bad), identity=1.0 if label == "hate" else (0.0 if not bad else None)))
        elif source == "tweeteval_offensive":
            yield row(text, source, targets(toxic=float(label == "offensive")))
        elif source == "tweeteval_hate" and label == "hate":
            yield row(text, source, targets(toxic=0.9, identity=0.9))
        elif source == "stormfront" and label in ("hate", "noHate"):
            hate = label == "hate"
            yield row(text, source, targets(toxic=0.9 if hate else 0.1, identity=0.9 if hate else 0.05))
        elif source == "kaggle_insults":
            # "Neutral" there is what insults no participant: it may be foul all the same, so it is no evidence on toxic.
            insult = float(label == "insult")
            yield row(text, source, targets(toxic=insult or None, insult=insult))


def context_toxicity() -> Iterator[dict]:
    for item in read_rows("context_toxicity"):
        if item["source"] == "context_toxicity_small":
            yield row(item["text"], item["source"], targets(toxic=float(item["label"] == "toxic")))
        elif item["label"] == "neutral" and item.get("perspective", 1) < 0.3:
            yield row(item["text"], "context_toxicity", [0.0] * len(TOXICITY))


def scored_prompts() -> Iterator[dict]:
    names = ("toxicity", "profanity", "insult", "identity_attack")
    for item in read_rows("toxicity_scored"):
        yield row(item["text"], "realtoxicityprompts", [item.get(name) for name in names])


def all_toxicity() -> Iterator[dict]:
    """Every row with a toxicity target, held-out sources included."""
    for reader in (jigsaw, toxic_spans, paradetox, tweets_and_forums, context_toxicity, scored_prompts):
        yield from reader()
