"""SHA-256 of files, texts and configurations."""

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any


def file_sha256(path: Path) -> str:
    """Lower-case hexadecimal SHA-256 of a file's bytes."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def text_sha256(text: str) -> str:
    """Lower-case hexadecimal SHA-256 of a text's UTF-8 bytes."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def config_sha256(config: Any) -> str:
    """Digest of a frozen dataclass: the same settings give the same digest."""
    return text_sha256(json.dumps(dataclasses.asdict(config), sort_keys=True, default=str))
