"""Rows of the data folder: one reader, the licence filter, and splits that stay the same."""

import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

from parapet_training.paths import data_folder

# Rows of these never reach weights that ship: their licence forbids commercial use.
NON_COMMERCIAL_FILES = frozenset({"harmless_prompts"})
NON_COMMERCIAL_SOURCES = frozenset({"codealpaca"})

# Reserved benchmarks: no file or source may carry such a name.
RESERVED = (
    "xstest", "jailbreakbench", "harmbench", "strongreject", "harmful_test", "harmless_test", "or_bench_hard",
    "oktest", "wildguardtest", "toxicchat_test", "simplesafetytests", "notinject", "pint", "bipia_test",
    "agentdojo", "deepset_test", "qualifire", "cyberseceval", "coconot_eval", "ailuminate", "hatecheck",
    "surge", "madlibs", "uci_sentences", "sst2_test", "openai_moderation", "gptfuzz_evaluate", "jbshield",
)  # fmt: skip


def folded(text: str) -> str:
    """Lower case, letters and digits only: equal texts in this form count as the same text."""
    return re.sub(r"[\W_]+", " ", text.lower()).strip()


def fraction(text: str, salt: str = "") -> float:
    """A number in [0, 1) that depends on nothing but the folded text and `salt`."""
    digest = hashlib.sha256((salt + folded(text)).encode("utf-8")).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def is_non_commercial(file: str, row: dict) -> bool:
    """True where the licence of the file, the source or the row forbids commercial use."""
    if file in NON_COMMERCIAL_FILES or row.get("source") in NON_COMMERCIAL_SOURCES:
        return True
    licence = row.get("licence") or ""
    return "(NC)" in licence or "BY-NC" in licence


def assert_not_reserved(name: str) -> None:
    """Raise ValueError when a source's or file's name is one of a reserved benchmark."""
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    if plain in RESERVED:
        raise ValueError(f"{name} is reserved for the examination: it may not be read by a recipe")


def read_rows(file: str, folder: Path | None = None) -> Iterator[dict]:
    """Rows of one file that may be used for weights that ship, in the file's order."""
    assert_not_reserved(file)
    path = (folder or data_folder()) / f"{file}.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if is_non_commercial(file, row):
                continue
            assert_not_reserved(str(row.get("source", "")))
            yield row


def take(rows: list, count: int, salt: str) -> list:
    """At most `count` rows, chosen by hash of their text: the same rows on every machine."""
    if len(rows) <= count:
        return rows
    return sorted(rows, key=lambda row: fraction(row["text"], salt))[:count]
