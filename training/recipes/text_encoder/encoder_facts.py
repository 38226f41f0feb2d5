"""manifest.json of the text encoder's package."""

from pathlib import Path

from parapet_training.manifest import write_manifest
from recipes.text_encoder.config import AGGREGATE, TASKS, TrainConfig

FILES = ["model.onnx", "tokenizer.json", "calibration.json"]


def write_encoder_manifest(package: Path, config: TrainConfig) -> None:
    """Write the manifest from the files that are in `package` now."""
    facts = {
        "id": "encoder",
        "version": "0.1.0",
        "kind": "encoder",
        "licence": "Apache-2.0",
        "outputs": {task: {"labels": list(labels), "aggregate": AGGREGATE[task]} for task, labels in TASKS.items()},
        "hidden": 384,
        "layers": 6,
        "windowTokens": config.window_tokens,
        "strideTokens": config.stride_tokens,
        "startTokens": [101],
        "endTokens": [102],
        "padTokenId": 0,
    }
    write_manifest(package, facts, FILES)
