"""manifest.json of a model package (schema parapet.model/1): every file that is loaded, with digest and size."""

import json
from pathlib import Path
from typing import Any

from parapet_training.digest import file_sha256


def write_json(path: Path, value: Any) -> None:
    """JSON with two spaces, UTF-8, closing newline."""
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_manifest(package: Path, facts: dict[str, Any], names: list[str]) -> None:
    """Write `package/manifest.json` from the model's facts and the files that exist among `names`."""
    files = {
        name: {"sha256": file_sha256(package / name), "bytes": (package / name).stat().st_size}
        for name in names
        if (package / name).exists()
    }
    write_json(package / "manifest.json", {"schema": "parapet.model/1", **facts, "files": files})
