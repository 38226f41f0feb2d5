"""Attack rows: jailbreaks, and instructions that stand where only data should."""

from collections.abc import Iterator

from parapet_training.sources import fraction, read_rows
from recipes.text_encoder.targets import NO_ATTACK, Values, row, values_of

CUT = 700


def window_around(text: str, guest: str, size: int = CUT) -> str:
    """A piece of `text` of at most about `size` characters that holds `guest` whole, at a place chosen by its hash."""
    at = text.find(guest)
    if at < 0 or len(text) <= size:
        return text[: size * 2]
    room = max(0, size - len(guest))
    start = max(0, at - int(room * fraction(text, "window")))
    return text[start : start + max(size, len(guest))]


def piece_of(text: str, size: int = CUT) -> str:
    """A piece of a long text, at a place chosen by its hash."""
    if len(text) <= size:
        return text
    start = int((len(text) - size) * fraction(text, "piece"))
    return text[start : start + size]


INJECTED = values_of("attack", injection=1.0)
JAILBREAK = values_of("attack", jailbreak=1.0)


def attacked(text: str, source: str, values: Values, **more) -> dict:
    return row(text, source, attack=values) | more


def jailbreaks() -> Iterator[dict]:
    for item in read_rows("jailbreaks"):
        text = item["text"]
        if item["source"] == "alphasteer_jailbreak":
            # These belong to pictures that are not here: without them there is no harm to see.
            about_picture = text.startswith(("The image shows", "The bottom of the image"))
            harm = None if about_picture else values_of("harm", harmful=0.9)
            yield row(text, item["source"], attack=values_of("attack", jailbreak=0.6 if about_picture else 1.0), harm=harm)
        elif item["source"] == "tensor_trust":
            yield attacked(text, "tensor_trust", INJECTED)
    for item in read_rows("in_the_wild_jailbreaks"):
        # Some are characters to play, and no more.
        yield attacked(item["text"][:1600], "in_the_wild_jailbreaks", values_of("attack", jailbreak=0.92, injection=0.0))
    for item in read_rows("multi_turn_jailbreaks"):
        yield attacked(item["text"], "multi_turn_jailbreaks", JAILBREAK)
    for item in read_rows("jailbreak_misc"):
        if item["source"] == "prompt_injection_and_benign":
            yield attacked(item["text"], item["source"], INJECTED if item["label"] == "injection" else NO_ATTACK)
        elif item["label"] == "jailbreak":
            yield attacked(item["text"], "jailbreak_misc", JAILBREAK)
    for item in read_rows("roleplay_benign"):
        if item["lang"] == "en":
            yield attacked(item["text"], "roleplay_benign", NO_ATTACK)


def direct_injections() -> Iterator[dict]:
    for item in read_rows("neuralchemy"):
        bad = item["label"] == "injection"
        named = item["category"] == "JAILBREAK"
        values = values_of("attack", injection=0.97, jailbreak=1.0 if named else None) if bad else NO_ATTACK
        yield attacked(item["text"], "neuralchemy", values)
    for item in read_rows("deepset_train"):
        yield attacked(item["text"], item["source"], INJECTED if item["label"] == "injection" else NO_ATTACK)


def documents() -> Iterator[dict]:
    """Documents, tables and tool results, with an instruction inside or without; related rows stay together by `pair`."""
    for file, source in (("bipia_train", "bipia_train"), ("piarena", "piarena"), ("injecagent", "injecagent"), ("agentdyn", "agentdyn")):
        for item in read_rows(file):
            name = "agentdyn_github" if file == "agentdyn" and item["category"] == "github" else source
            guest = item.get("injection")
            # Rows are related by what was inserted: one of them in the development set must not have its like in training.
            pair = {"pair": f"{name} {guest}"} if guest else {}
            if item["label"] == "injection" and guest:
                yield attacked(window_around(item["text"], guest), name, values_of("attack", jailbreak=0.0, injection=1.0), **pair)
            elif item["label"] == "benign":
                yield attacked(piece_of(item["text"]), name, NO_ATTACK)
    for item in read_rows("benign_docs_and_emails"):
        name = {"spikee_targeted_2024_12": "spikee", "spikee_documents": "spikee", "email_agent_attacks": "email_agent", "email_agent_inbox": "email_agent"}.get(item["source"])
        if name:
            yield attacked(item["text"], name, INJECTED if item["label"] == "injection" else NO_ATTACK)


def all_attack() -> Iterator[dict]:
    """Every row about attacks, held-out sources included."""
    for reader in (jailbreaks, direct_injections, documents):
        yield from reader()
