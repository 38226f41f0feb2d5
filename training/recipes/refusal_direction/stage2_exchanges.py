"""Stage 2, third part: the untuned model's own answers to some requests, and the residuals of exchanges.

Writes runs/refusal_direction/answers.json (made once: it rests on the base weights alone) and exchanges.{jsonl,sites.npy,tokens.npy}.
About 5 minutes on one core.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from parapet_training.digest import file_sha256
from parapet_training.graph import last_logits
from parapet_training.paths import MODELS
from parapet_training.prompt import PromptTokens
from parapet_training.session import feeds, open_session
from parapet_training.sources import fraction
from parapet_training.stage import run_stage
from recipes.refusal_direction.config_exchange import ExchangeConfig
from recipes.refusal_direction.config_rows import RowsConfig
from recipes.refusal_direction.exchange_rows import answered_rows, conversation_rows, recorded_rows
from recipes.refusal_direction.stage2_collect import PACKAGE, RUN, chosen, collect, outputs_of, subset

BASE = Path(os.environ.get("PARAPET_BASE", MODELS / "sentinel"))
END_OF_TURN = 2


@dataclass(frozen=True)
class Settings:
    exchanges: ExchangeConfig
    rows: RowsConfig
    model_sha256: str


def requests(plain: list[dict], config: ExchangeConfig) -> list[str]:
    texts = []
    for source, count in config.answered:
        found = sorted((row["text"] for row in plain if row["source"] == source and row["kind"] == "plain"), key=lambda text: fraction(text, "answer"))
        texts += found[:count]
    return texts


def write_answers(texts: list[str], new_tokens: int) -> dict[str, str]:
    """Greedy answers, one prompt at a time with a key-value cache."""
    tokens = PromptTokens(BASE)
    session = open_session(last_logits(str(BASE / "model.onnx")), int(os.environ.get("OMP_NUM_THREADS", "1")))
    names = [entry.name for entry in session.get_outputs()]
    answers = {}
    for index, text in enumerate(texts):
        ids = tokens.encode(text)
        values, written, total = feeds(session, np.array([ids])), [], len(ids)
        for _ in range(new_tokens):
            results = dict(zip(names, session.run(None, values), strict=True))
            best = int(results["logits"][0, -1].argmax())
            if best == END_OF_TURN:
                break
            written.append(best)
            total += 1
            past = {name.replace("present.", "past_key_values."): value for name, value in results.items() if name != "logits"}
            values = {"input_ids": np.array([[best]]), "attention_mask": np.ones((1, total), np.int64), **past}
        answers[text] = tokens.tokenizer.decode(written)
        if index % 25 == 24:
            print(f"{index + 1} of {len(texts)} answers", flush=True)
    return answers


def main() -> dict:
    config, rows = ExchangeConfig(), RowsConfig()
    plain = [row for row in chosen(rows) if row["kind"] == "plain"]
    path = RUN / "answers.json"
    if not path.exists():
        path.write_text(json.dumps(write_answers(subset(requests(plain, config)), config.new_tokens), ensure_ascii=False))
    answers = json.loads(path.read_text(encoding="utf-8"))
    settings = Settings(config, rows, file_sha256(PACKAGE / "model.onnx"))
    made = [*subset(recorded_rows(config)), *subset(conversation_rows(config)), *answered_rows(plain, answers)]
    return run_stage("stage2_exchanges", RUN, settings, outputs_of("exchanges"), lambda: collect("exchanges", made, rows))


if __name__ == "__main__":
    main()
