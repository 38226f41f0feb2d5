"""Stage 6: what the 4 bits cost, and the milliseconds of a full against a truncated pass. Writes runs/refusal_direction/fidelity.json.

About 3 minutes on one core. Prompts: chats that the rounding was not repaired on, and held-out harmful requests.
"""

import json
import os
import random
import time

import numpy as np
import onnxruntime as ort
import torch
from transformers import LlamaForCausalLM

from parapet_training.graph import last_logits, truncated
from parapet_training.manifest import write_json
from parapet_training.paths import MODELS, RUNS
from parapet_training.prompt import PromptTokens
from parapet_training.session import feeds, open_session
from parapet_training.sources import read_rows
from recipes.refusal_direction.config import ExportConfig
from recipes.refusal_direction.config_rows import RowsConfig
from recipes.refusal_direction.stage2_collect import chosen as chosen_rows
from recipes.refusal_direction.weights import weights_folder

RUN = RUNS / "refusal_direction"
PACKAGE = MODELS / "sentinel"
THREADS = int(os.environ.get("OMP_NUM_THREADS", "2"))


def prompts(count: int) -> list[str]:
    """Half chats behind the calibration's, half held-out harmful requests."""
    config = ExportConfig()
    chats = [row for row in read_rows("benign_chats") if row.get("lang", "en") == "en" and row.get("response")]
    random.Random(config.seed).shuffle(chats)
    short = [row["text"] for row in chats[config.calibration_chats :] if len(row["text"]) < 500]
    harmful = [row["text"] for row in chosen_rows(RowsConfig()) if row["source"] == "catqa_english" and row["kind"] == "plain"]
    return short[: count // 2] + harmful[: count - count // 2]


@torch.no_grad()
def compare(count: int = 120) -> dict:
    """KL(float ‖ 4-bit) in nats and agreement of the likeliest token, at the first answer token and at all positions."""
    tokens = PromptTokens(PACKAGE)
    model = LlamaForCausalLM.from_pretrained(weights_folder(ExportConfig())).eval()
    torch.set_num_threads(THREADS)
    session = open_session(PACKAGE / "model.onnx", THREADS)
    divergence, agreement, every, everywhere = [], [], [], []
    for text in prompts(count):
        ids = tokens.encode(text)
        reference = torch.log_softmax(model(torch.tensor([ids])).logits[0].double(), -1)
        output = session.run(["logits"], feeds(session, np.array([ids], dtype=np.int64)))[0][0]
        other = torch.log_softmax(torch.from_numpy(output).double(), -1)
        kl = (reference.exp() * (reference - other)).sum(-1)
        same = (reference.argmax(-1) == other.argmax(-1)).double()
        divergence.append(kl[-1].item())
        agreement.append(same[-1].item())
        every.append(kl.mean().item())
        everywhere.append(same.mean().item())
    return {
        "prompts": count,
        "firstTokenKl": round(float(np.mean(divergence)), 4),
        "firstTokenKlMedian": round(float(np.median(divergence)), 4),
        "firstTokenAgreement": round(float(np.mean(agreement)), 4),
        "allPositionsKl": round(float(np.mean(every)), 4),
        "allPositionsAgreement": round(float(np.mean(everywhere)), 4),
    }


def milliseconds(session: ort.InferenceSession, length: int, rounds: int = 15) -> float:
    """The fastest of `rounds` passes: the machine is shared, and the fastest is what the work takes."""
    ids = np.random.default_rng(0).integers(100, 40_000, (1, length))
    values = feeds(session, ids)
    session.run(None, values)
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        session.run(None, values)
        times.append(time.perf_counter() - start)
    return round(min(times) * 1000, 1)


def timings(threads: int = 2) -> dict:
    chosen = json.loads((RUN / "ablation.json").read_text())["chosen"]
    deepest = max(layer for reading in chosen.values() for layer in reading["layers"])
    full = open_session(last_logits(str(PACKAGE / "model.onnx")), threads)
    cut = open_session(truncated(PACKAGE / "model.onnx", [deepest]), threads)
    table = {}
    for length in (32, 64, 128, 256):
        one, other = milliseconds(full, length), milliseconds(cut, length)
        table[str(length)] = {"fullMs": one, "truncatedMs": other, "ratio": round(other / one, 3)}
    return {"deepestLayer": deepest, "threads": threads, "tokens": table}


if __name__ == "__main__":
    result = {"quantisation": compare(), "timings": timings()}
    write_json(RUN / "fidelity.json", result)
    print(json.dumps(result, indent=1))
