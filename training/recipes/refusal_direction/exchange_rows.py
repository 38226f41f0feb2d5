"""Exchanges: a request and an answer to it. `harmful` is the answer, not the request."""

from parapet_training.sources import fraction
from recipes.refusal_direction.config_exchange import ExchangeConfig
from recipes.refusal_direction.rows import group_of, rows_of, turns_of

REFUSAL = ("i can't", "i cannot", "i'm sorry", "i am sorry", "sorry", "i won't", "i'm unable", "as an ai", "i apologize", "i'm not able")


def exchange(text: str, answer: str, harmful: bool, source: str, **more) -> dict:
    row = {"text": text, "answer": answer, "source": f"exchange:{source}", "label": "unsafe" if harmful else "safe", "pair": None, "kind": "exchange", "harmful": harmful}
    return row | {"group": group_of({"source": source, "text": text, "pair": None})} | more


def recorded_rows(config: ExchangeConfig) -> list[dict]:
    """Rows that come with an answer."""
    rows = []
    for wanted, harmful in ((config.safe, False), (config.unsafe, True)):
        for file, source, label, most in wanted:
            found = [r for r in rows_of(file) if r["source"] == source and r.get("label") == label and r.get("response") and 2 < len(r["text"]) <= config.prompt_characters]
            found.sort(key=lambda row: fraction(row["text"], "exchange"))
            rows += [exchange(r["text"], r["response"][: config.answer_characters], harmful, source) for r in found[:most]]
    return rows


def conversation_rows(config: ExchangeConfig) -> list[dict]:
    """The last exchange of multi-turn attacks that reached their goal. Their category is their group."""
    found = [r for r in rows_of("multi_turn_jailbreaks") if str(r.get("success")) == "True"]
    found.sort(key=lambda row: fraction(row["text"], "exchange"))
    rows = []
    for r in found[: config.conversations]:
        turns = turns_of(r["text"])
        if len(turns) < 2 or turns[-1][0] != "assistant" or turns[-2][0] != "user":
            continue
        rows.append(exchange(turns[-2][1][: config.prompt_characters], turns[-1][1][: config.answer_characters], True, "multi_turn_jailbreaks", group=f"attack {r['category']}"))
    return rows


def is_refusal(answer: str) -> bool:
    """A refusal by its opening: enough for a model that is not tuned to refuse."""
    return answer.strip().lower().startswith(REFUSAL)


def answered_rows(plain: list[dict], answers: dict[str, str]) -> list[dict]:
    """What the untuned model answered: harmful where the request is and it complied."""
    by_text = {row["text"]: row for row in plain}
    rows = []
    for text, answer in answers.items():
        row = by_text.get(text)
        if row is not None and len(answer) > 20:
            rows.append(exchange(text, answer, row["harmful"] and not is_refusal(answer), row["source"], group=row["group"]))
    return rows
