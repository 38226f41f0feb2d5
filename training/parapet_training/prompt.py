"""The exact tokens of a conversation, and the two positions that are read."""

import json
from pathlib import Path

from tokenizers import Tokenizer

LAST = -1
# The template closes the user's turn with 6 tokens: <|im_end|>, newline, <|im_start|>, "ass", "istant", newline.
LAST_INSTRUCTION = -7


class PromptTokens:
    """Tokens of one user turn under the template's default system prompt."""

    def __init__(self, package: Path) -> None:
        self.tokenizer = Tokenizer.from_file(str(package / "tokenizer.json"))
        config = json.loads((package / "tokenizer_config.json").read_text(encoding="utf-8"))
        self.template: str = config["chat_template"]
        import jinja2

        # Hugging Face renders templates so; other settings change the newlines.
        environment = jinja2.Environment(trim_blocks=True, lstrip_blocks=True)
        self.render = environment.from_string(self.template).render
        empty = self.encode("x")
        self.prefix = empty[: len(empty) + LAST_INSTRUCTION]
        self.suffix = empty[LAST_INSTRUCTION + 1 :]

    def text(self, turns: list[tuple[str, str]]) -> str:
        """The rendered conversation of (role, content) turns, opened for the assistant."""
        messages = [{"role": role, "content": content} for role, content in turns]
        return self.render(messages=messages, add_generation_prompt=True)

    def encode(self, text: str, system: str | None = None) -> list[int]:
        """Token ids of one user turn, with the template's own system prompt unless one is given."""
        turns = [("user", text)] if system is None else [("system", system), ("user", text)]
        return self.tokenizer.encode(self.text(turns), add_special_tokens=False).ids

    def encode_turns(self, turns: list[tuple[str, str]]) -> list[int]:
        """Token ids of a conversation of (role, content) turns."""
        return self.tokenizer.encode(self.text(turns), add_special_tokens=False).ids
