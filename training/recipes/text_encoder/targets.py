"""A row of the encoder's training: a text, its source, and what the source says for each task."""

from recipes.text_encoder.config import TASKS

Values = list[float | None]


def values_of(task: str, **known: float | None) -> Values:
    """Values in the order of the task's labels; None = this source does not say."""
    unknown = known.keys() - set(TASKS[task])
    if unknown:
        raise KeyError(f"{task} has no label {', '.join(sorted(unknown))}")
    return [known.get(label) for label in TASKS[task]]


def row(text: str, source: str, **tasks: Values | None) -> dict:
    """A row that is silent on every task that is not named."""
    return {"text": text, "source": source} | {task: tasks.get(task) for task in TASKS}


NO_ATTACK = values_of("attack", jailbreak=0.0, injection=0.0)


def harmless() -> Values:
    return [0.0] * len(TASKS["harm"])


def clean() -> Values:
    return [0.0] * len(TASKS["toxicity"])
