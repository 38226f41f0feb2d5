"""Everyday text that is nobody's attack: prompts, chats, documents. Negatives of every task that judges intent."""

from collections.abc import Iterator

from parapet_training.sources import fraction, read_rows
from recipes.text_encoder.attack_rows import piece_of
from recipes.text_encoder.targets import NO_ATTACK, clean, harmless, row

# Held out whole: an assistant's dialogues, web pages, code and mail of other kinds than those trained on.
HELD = frozenset({"oasst_trees", "taskmaster", "c4_demo", "xsum_sample", "psf/requests", "pallets/flask", "oasst_messages"})
THIN = {"t0_train": 0.2, "clinc150": 0.06, "banking77": 0.06, "gsm8k": 0.08, "uci_sms_spam": 0.25}


def everyday(text: str, name: str, origin: str) -> dict:
    source = "benign_held" if origin in HELD else name
    return row(text, source, toxicity=clean(), attack=NO_ATTACK, harm=harmless()) | {"origin": origin}


def all_benign() -> Iterator[dict]:
    """Every everyday text in English, held-out sources included."""
    files = {"benign_prompts": "benign_prompts", "benign_chats": "benign_chats", "oasst_messages": "benign_chats"}
    for file in ("benign_prompts", "benign_chats", "oasst_messages", "benign_docs_and_emails", "benign_dialogues_docs", "benign_files_and_messages"):
        for item in read_rows(file):
            if item.get("lang", "en") != "en" or item["label"] != "benign" or item["source"].startswith(("spikee", "email_agent")):
                continue
            if fraction(item["text"], "thin") >= THIN.get(item["source"], 1.0):
                continue
            # Some of a chat's texts are answers: the guard reads those too.
            text = item.get("response") if file == "benign_chats" and fraction(item["text"], "side") < 0.35 else item["text"]
            if text and not (item["source"] == "oasst_messages" and not text.isascii()):
                yield everyday(piece_of(text, 900), files.get(file, "benign_documents"), item["source"])
