"""A stage runs once per configuration: it is skipped when its output and the same digest are there."""

import json
import time
from collections.abc import Callable
from pathlib import Path

from parapet_training.digest import config_sha256


def run_stage(name: str, run: Path, config: object, outputs: list[Path], work: Callable[[], dict | None]) -> dict:
    """Run `work` unless `run/<name>.done.json` carries this configuration's digest and all outputs exist.

    Returns what `work` returned (or what an earlier run recorded), with `seconds`.
    """
    run.mkdir(parents=True, exist_ok=True)
    done = run / f"{name}.done.json"
    digest = config_sha256(config)
    if done.exists() and all(path.exists() for path in outputs):
        record = json.loads(done.read_text())
        if record["config"] == digest:
            print(f"{name}: already done for this configuration")
            return record["result"]
    start = time.monotonic()
    result = work() or {}
    result["seconds"] = round(time.monotonic() - start, 1)
    done.write_text(json.dumps({"config": digest, "result": result}, indent=1))
    print(f"{name}: {result}")
    return result
