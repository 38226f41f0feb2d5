"""Which float32 weights are exported: the tuned ones, or the untuned ones that evidence compares them with."""

from pathlib import Path

from parapet_training.paths import MODELS, RUNS, package_file
from parapet_training.sentinel_source import write_source
from recipes.refusal_direction.config import ExportConfig

RUN = RUNS / "refusal_direction"
UNTUNED = RUN / "source"
TUNED = RUNS / "sentinel" / "final"


def write_untuned(config: ExportConfig) -> Path:
    """The untuned model as a Hugging Face folder, written once from the GGUF."""
    UNTUNED.mkdir(parents=True, exist_ok=True)
    if not (UNTUNED / "model.safetensors").exists():
        write_source(package_file(config.package, config.gguf), UNTUNED)
    return UNTUNED


def weights_folder(config: ExportConfig) -> Path:
    """The folder of the weights to export. Raises SystemExit where the tuning has not run."""
    if not config.tuned:
        return write_untuned(config)
    if not (TUNED / "model.safetensors").exists():
        raise SystemExit(f"No tuned weights in {TUNED}. Run the stages of recipes.sentinel first, or export with --untuned.")
    return TUNED


def package_folder(config: ExportConfig) -> Path:
    """What ships is tuned; the untuned export stays in the run folder."""
    return MODELS / "sentinel" if config.tuned else RUN / "untuned"
