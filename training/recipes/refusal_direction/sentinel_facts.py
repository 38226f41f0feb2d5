"""manifest.json of the sentinel's package."""

from pathlib import Path

from parapet_training.manifest import write_manifest

FILES = [
    "model.onnx",
    "tokenizer.json",
    "tokenizer_config.json",
    "config.json",
    "direction.safetensors",
    "calibration.json",
]

FACTS = {
    "id": "sentinel",
    "version": "0.1.0",
    "kind": "decoder",
    "licence": "Apache-2.0",
    "layers": 30,
    "hidden": 576,
    "vocabulary": 49152,
    "heads": 9,
    "kvHeads": 3,
    "headSize": 64,
    "contextTokens": 6144,
    "chat": {
        "bosTokenId": 1,
        "eosTokenIds": [2],
        "padTokenId": 2,
        "endOfTurnToken": "<|im_end|>",
        "startOfTurnToken": "<|im_start|>",
        "defaultSystemPrompt": "You are a helpful AI assistant named SmolLM, trained by Hugging Face",
        "suffixTokens": 6,
        "lastInstructionOffset": -7,
    },
}


def write_sentinel_manifest(package: Path) -> None:
    """Write the manifest from the files that are in `package` now."""
    write_manifest(package, FACTS, FILES)
