"""Stage 6: the weights that are exported, between both trainings. Writes runs/sentinel/final. Seconds."""

from transformers import LlamaForCausalLM

from parapet_training.stage import run_stage
from recipes.sentinel import stage5_prefer
from recipes.sentinel.config import FinalConfig
from recipes.sentinel.save import save_tuned
from recipes.sentinel.stage1_rows import RUN


def blend(config: FinalConfig) -> dict:
    first, second = (LlamaForCausalLM.from_pretrained(RUN / name) for name in ("tuned", "preferred"))
    other = second.state_dict()
    mixed = {name: value.lerp(other[name], config.blend) for name, value in first.state_dict().items()}
    first.load_state_dict(mixed)
    save_tuned(first, RUN / "final")
    return {"blend": config.blend}


def main() -> dict:
    stage5_prefer.main()
    return run_stage("stage6_final", RUN, FinalConfig(), [RUN / "final" / "model.safetensors"], lambda: blend(FinalConfig()))


if __name__ == "__main__":
    main()
