"""The refusal direction as the detector reads it: one pass over one text, scores from direction.safetensors."""

import json
import math
from pathlib import Path

import numpy as np
from safetensors import safe_open

from parapet_training.prompt import LAST_INSTRUCTION, PromptTokens
from parapet_training.residual_reader import ResidualReader
from parapet_training.token_reading import highest_rolling_mean


class DirectionReading:
    """Scores of single prompts, and of answers to them."""

    def __init__(self, package: Path, threads: int = 1) -> None:
        self.tokens = PromptTokens(package)
        with safe_open(package / "direction.safetensors", "numpy") as file:
            self.facts = json.loads(file.metadata()["parapet"])
            self.tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        places = [place["site"] for r in self.facts["readings"].values() for place in r["sites"]]
        places += [self.facts[name]["site"] for name in ("tokens", "answer") if name in self.facts]
        self.layers = sorted({int(site.split(".")[1]) for site in places})
        self.reader = ResidualReader(package / "model.onnx", self.layers, self.tokens.prefix, threads)

    def layer(self, site: str, values: np.ndarray) -> np.ndarray:
        return values[self.layers.index(int(site.split(".")[1]))]

    def logit(self, name: str, values: np.ndarray, last: int, end: int) -> float:
        """A reading's logit. `values` float32[layers, tokens, hidden]; `last` the instruction's last token, `end` the prompt's end."""
        reading = self.facts["readings"][name]
        total = 0.0
        for index, place in enumerate(reading["sites"]):
            position = place["position"]
            at = last if position == "last-instruction" else end - 1 if position == "last" else end + position
            value = self.layer(place["site"], values)[at].astype(np.float64)
            if reading["transform"]["normalise"] == "standardise":
                value = (value - self.tensors[f"{name}.center"][index]) / self.tensors[f"{name}.scale"][index]
            value[reading["transform"]["dropDimensions"]] = 0
            if reading["transform"]["normalise"] == "l2":
                value = value / (np.linalg.norm(value) or 1.0)
            total += float(self.tensors[f"{name}.weight"][index].astype(np.float64) @ value)
        return reading["scale"] * total + reading["bias"]

    def tokens_logit(self, name: str, values: np.ndarray, span: tuple[int, int]) -> float:
        """The logit of a reading of tokens: of its highest rolling mean."""
        reading = self.facts[name]
        rows = self.layer(reading["site"], values)[span[0] : span[1]].astype(np.float64)
        rows[:, reading["transform"]["dropDimensions"]] = 0
        if reading["transform"]["normalise"] == "l2":
            rows = rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-300)
        mean, _ = highest_rolling_mean(rows @ self.tensors[f"{name}.weight"].astype(np.float64), reading["windowTokens"])
        return reading["scale"] * mean + reading["bias"]

    def score_turns(self, turns: list[tuple[str, str]], answer: str | None = None) -> tuple[list[int], dict[str, float]]:
        """The tokens, and harmful, harmfulness and refusal, of a conversation that ends with a user's turn, or of an answer to it."""
        prompt = self.tokens.encode_turns(turns)
        written = [] if answer is None else self.tokens.tokenizer.encode(answer, add_special_tokens=False).ids
        first, values = self.reader.read(prompt + written)
        end = len(prompt) - first
        last = end + LAST_INSTRUCTION
        logits = {name: self.logit(name, values, last, end) for name in ("harmfulness", "refusal")}
        combine = self.facts["combine"]
        joint = sum(combine[name] * value for name, value in logits.items()) + combine["bias"]
        if answer is not None:
            joined = self.facts["answer"]["combine"]
            joint = joined["answer"] * self.tokens_logit("answer", values, (end, end + len(written))) + joined["prompt"] * joint + joined["bias"]
        else:
            opened = len(self.tokens.encode_turns([*turns[:-1], ("user", "")])) + LAST_INSTRUCTION + 1 - first
            if "tokens" in self.facts:
                joint += combine["tokens"] * self.tokens_logit("tokens", values, (min(opened, last), last + 1))
            for piece in self.facts.get("byLength", []):
                if len(prompt) <= piece.get("upToTokens", math.inf):
                    joint = piece["scale"] * joint + piece["bias"]
                    break
        scores = {"harmful": joint} | logits
        return prompt + written, {name: 1 / (1 + math.exp(-value)) for name, value in scores.items()}
