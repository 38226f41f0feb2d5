"""The rows as they are read: plain requests first, then what is composed of them.

Each has `text` (the last user turn) or `turns`, its `source`, `label` and `kind`, `harmful`, and `group`: the rows of a group lie
in one fold.
"""

import json
import os
import random
from functools import cache
from pathlib import Path

from parapet_training.prompt import PromptTokens
from parapet_training.sources import folded, fraction, read_rows
from recipes.refusal_direction.config_rows import FOLDS, HARMFUL_REQUESTS, HARMLESS_REQUESTS, RowsConfig

# Documents lie in two folds; those of the other folds' requests are of the nearer.
DOCUMENTS_OF = (0, 0, 4, 4, 4)
HOME = {group: index for index, fold in enumerate(FOLDS) for group in fold}


@cache
def rows_of(file: str) -> list[dict]:
    """The rows of a file, read once."""
    return list(read_rows(file))


def usable(row: dict) -> bool:
    """English, whole without a picture or an earlier turn."""
    return row.get("lang", "en") == "en" and not row["text"].startswith(("The image shows", "The bottom of the image", "junto", "';"))


def group_of(row: dict) -> str:
    """Twins stay together by pair; borderline prompts, the only source of their kind, are parted by hash."""
    if row.get("pair") is not None:
        return f"twins {row['pair']}"
    if row["source"] == "alphasteer_borderline":
        return f"borderline {int(fraction(row['text'], 'fold') * len(FOLDS))}"
    return "synthetic" if row["source"] == "synthetic_refusal_prompts" else row["source"]


def tuned_on() -> set[str]:
    """Folded texts that the model was tuned on, from the file that PARAPET_TUNED_ROWS names; none for the untuned one."""
    path = os.environ.get("PARAPET_TUNED_ROWS")
    if not path:
        return set()
    with Path(path).open(encoding="utf-8") as lines:
        return {folded(json.loads(line)["text"]) for line in lines}


def plain_rows(config: RowsConfig) -> list[dict]:
    tuned = tuned_on()
    rows: list[dict] = []
    seen: set[str] = set()
    for file, source, label, most in config.plain:
        found = [row for row in rows_of(file) if row["source"] == source and row.get("label") == label and usable(row)]
        # What the model was not tuned on comes first: it is what says how the reading does on texts it does not know.
        found.sort(key=lambda row: (row["source"] != "twins" and folded(row["text"]) in tuned, fraction(row["text"], "direction")))
        kept = 0
        for row in found:
            key = folded(row["text"])
            if kept == most or not key or key in seen:
                continue
            seen.add(key)
            kept += 1
            rows.append({"text": row["text"], "source": source, "label": label, "pair": row.get("pair"), "kind": "plain", "harmful": label in ("harmful", "jailbreak")})
            rows[-1]["group"] = group_of(rows[-1])
    return rows


def requests_of(rows: list[dict]) -> dict[bool, list[dict]]:
    """Short requests to compose with, by whether they are harmful."""
    short = [row for row in rows if len(row["text"]) < 240]
    return {
        True: [row for row in short if row["harmful"] and row["source"] in HARMFUL_REQUESTS],
        False: [row for row in short if not row["harmful"] and row["source"] in HARMLESS_REQUESTS],
    }


def composed(request: dict, kind: str, **more) -> dict:
    return {"source": f"{kind}:{request['source']}", "label": request["label"], "pair": None, "kind": kind, "harmful": request["harmful"], "group": request["group"], "text": request["text"]} | more


def fold_of(group: str) -> int:
    """A group's own fold; a pair's or a part's by its hash."""
    return HOME[group] if group in HOME else int(fraction(group, "group fold") * len(FOLDS))


def wrapped_rows(config: RowsConfig, requests: dict[bool, list[dict]], rng: random.Random) -> list[dict]:
    """Harmful and harmless in equal parts. A wrapper belongs to a fold, and stands around requests of that fold alone."""
    wrappers = [row["text"] for row in rows_of("in_the_wild_jailbreaks")]
    by_fold = [[w for w in wrappers if int(fraction(w, "wrapper") * len(FOLDS)) == fold] for fold in range(len(FOLDS))]
    rows = []
    for index in range(config.wrapped):
        request = rng.choice(requests[index % 2 == 0])
        wrapper = rng.choice(by_fold[fold_of(request["group"])])
        piece = wrapper[: rng.randint(200, config.wrapper_characters)]
        where = rng.random()
        text = f"{piece}\n\n{request['text']}" if where < 0.6 else f"{request['text']}\n\n{piece}" if where < 0.8 else f"{piece}\n\n{request['text']}\n\n{wrapper[-200:]}"
        rows.append(composed(request, "wrapped", text=text))
    return rows


def documents(config: RowsConfig, tokens: PromptTokens) -> list[dict]:
    """Everyday long texts, none harmful, of `document_tokens`."""
    low, high = config.document_tokens
    rows, seen = [], set()
    for file, source in config.documents:
        found = [row["text"] for row in rows_of(file) if row["source"] == source and row.get("lang", "en") == "en" and not row.get("injection") and len(row["text"]) > 700]
        kept = 0
        for text in sorted(found, key=lambda text: fraction(text, "long")):
            if kept == config.document_rows or folded(text) in seen:
                continue
            if low <= len(tokens.encode(text[:6000])) <= high:
                seen.add(folded(text))
                kept += 1
                rows.append({"text": text[:6000], "source": f"document:{source}", "label": "long", "pair": None, "kind": "long", "harmful": False, "group": f"document {int(fraction(text, 'half') < 0.5)}"})
    return rows


def long_rows(config: RowsConfig, tokens: PromptTokens, requests: dict[bool, list[dict]], rng: random.Random) -> list[dict]:
    """Documents as they are, and with a request at the start, in the middle or at the end."""
    hosts = documents(config, tokens)
    rows = list(hosts)
    for index in range(config.composed_documents):
        request = rng.choice(requests[index % 2 == 0])
        host = rng.choice([host for host in hosts if fold_of(host["group"]) == DOCUMENTS_OF[fold_of(request["group"])]])["text"]
        words = host.split(" ")
        at = {0: 0, 1: rng.randint(len(words) // 5, 4 * len(words) // 5), 2: len(words)}[index // 2 % 3]
        text = " ".join([*words[:at], f"\n\n{request['text']}\n\n", *words[at:]]).strip()
        rows.append(composed(request, "long", text=text, place=("start", "middle", "end")[index // 2 % 3]))
    return rows


def wild_rows(config: RowsConfig) -> list[dict]:
    """Jailbreaks from the wild as they stand: they judge, and are never fitted on."""
    found = [row["text"][:5000] for row in rows_of("in_the_wild_jailbreaks")]
    found.sort(key=lambda text: fraction(text, "wild"))
    return [{"text": text, "source": "in_the_wild_jailbreaks", "label": "jailbreak", "pair": None, "kind": "wild", "harmful": True, "group": "wild"} for text in found[: config.wild]]


def turns_of(text: str) -> list[tuple[str, str]]:
    """The turns of a dialogue that is written as "User: … Assistant: …"."""
    turns: list[tuple[str, str]] = []
    for line in text.split("\n"):
        role = "user" if line.startswith("User: ") else "assistant" if line.startswith("Assistant: ") else None
        if role and (not turns or turns[-1][0] != role):
            turns.append((role, line.split(": ", 1)[1]))
        elif turns:
            turns[-1] = (turns[-1][0], f"{turns[-1][1]}\n{line.removeprefix('User: ').removeprefix('Assistant: ')}")
    return turns


def conversation_rows(config: RowsConfig, requests: dict[bool, list[dict]], rng: random.Random) -> list[dict]:
    """A harmless conversation of two to six turns, and a request behind it."""
    dialogues = [turns_of(row["text"]) for row in rows_of("benign_dialogues_docs") if row["source"] in ("sgd_dialogues", "taskmaster")]
    chats = [[("user", row["text"]), ("assistant", row["response"][:400])] for row in rows_of("benign_chats") if row["source"] in ("oasst_sampling_reports", "oasst_trees") and row.get("lang", "en") == "en" and len(row["text"]) < 400]
    rows = []
    for index in range(config.conversations):
        request = rng.choice(requests[index % 2 == 0])
        if index % 4 < 2:
            before = [turn for chat in rng.sample(chats, rng.randint(1, 2)) for turn in chat]
        else:
            dialogue = [turn for turn in rng.choice(dialogues)[: 2 * rng.randint(1, 3)]]
            before = dialogue if dialogue and dialogue[-1][0] == "assistant" else dialogue[:-1]
        rows.append(composed(request, "conversation", turns=[*before, ("user", request["text"])]))
    return rows


def choose(config: RowsConfig, tokens: PromptTokens) -> list[dict]:
    """All rows that are prompts."""
    rng = random.Random(config.seed)
    plain = plain_rows(config)
    requests = requests_of(plain)
    return [*plain, *wrapped_rows(config, requests, rng), *long_rows(config, tokens, requests, rng), *conversation_rows(config, requests, rng), *wild_rows(config)]
