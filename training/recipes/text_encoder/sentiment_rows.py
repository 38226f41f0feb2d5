"""Sentiment rows: three classes, as probabilities where a source rates rather than names."""

from collections.abc import Iterator

from parapet_training.sources import read_rows
from recipes.text_encoder.targets import NO_ATTACK
from recipes.text_encoder.targets import row as targeted

POSITIVE = frozenset("admiration amusement approval caring excitement gratitude joy love optimism pride relief".split())
NEGATIVE = frozenset(
    "anger annoyance disappointment disapproval disgust embarrassment fear grief nervousness remorse sadness".split()
)
ONE_HOT = {"negative": [1.0, 0.0, 0.0], "neutral": [0.0, 1.0, 0.0], "positive": [0.0, 0.0, 1.0]}


def row(text: str, source: str, label: str) -> dict:
    return targeted(text, source, sentiment=ONE_HOT[label], attack=NO_ATTACK)


def emotions_to_sentiment(label: str) -> str | None:
    """The class that all emotions of a comma-separated list share; None where they disagree or say neither."""
    kinds = {"positive" if e in POSITIVE else "negative" if e in NEGATIVE else e for e in label.split(",")}
    kinds = {kind.strip() for kind in kinds}
    return next(iter(kinds)) if len(kinds) == 1 and kinds <= {"positive", "negative", "neutral"} else None


def all_sentiment() -> Iterator[dict]:
    """Every row with a sentiment target, held-out sources included."""
    for item in read_rows("sentiment"):
        source, label = item["source"], item["label"]
        if source in ("sst2", "rt_polarity", "tweeteval_sentiment"):
            yield row(item["text"], source, label)
        elif source == "goemotions":
            mapped = emotions_to_sentiment(label)
            if mapped:
                yield row(item["text"], source, mapped)
        elif source == "tweeteval_emotion":
            mapped = {"anger": "negative", "sadness": "negative", "joy": "positive", "optimism": "positive"}.get(label)
            if mapped:
                yield row(item["text"], source, mapped)
    for item in read_rows("vader_sentiment"):
        yield row(item["text"], item["source"], item["label"])
