"""Stage 2: train. Writes runs/text_encoder/model.pt; a checkpoint every 100 steps, from which a stopped run goes on.

About 80 minutes on one core without bf16 kernels.
"""

import json
import math
import random
import time
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch.nn import functional

from parapet_training.digest import config_sha256
from parapet_training.paths import RUNS, package_file
from parapet_training.stage import run_stage
from recipes.text_encoder import stage1_rows
from recipes.text_encoder.config import EXCLUSIVE, TASKS, TrainConfig
from recipes.text_encoder.model import TextEncoder, fresh_model

RUN = RUNS / "text_encoder"


def load_tokenizer(folder: Path, window_tokens: int) -> Tokenizer:
    """The base model's tokenizer without padding, cut at the window."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(window_tokens)
    return tokenizer


def batches(lengths: list[int], size: int, rng: random.Random) -> list[list[int]]:
    """Random batches of rows of similar length (sorted within groups of 50 batches)."""
    order = list(range(len(lengths)))
    rng.shuffle(order)
    out: list[list[int]] = []
    for start in range(0, len(order), size * 50):
        group = sorted(order[start : start + size * 50], key=lambda index: lengths[index])
        out += [group[i : i + size] for i in range(0, len(group), size)]
    rng.shuffle(out)
    return out


def padded(rows: list[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """input_ids and attention_mask int64[batch, longest], longest rounded up to 16."""
    # Few distinct shapes: the bf16 kernels are compiled once for each.
    longest = -(-max(map(len, rows)) // 16) * 16
    ids = torch.tensor([row + [0] * (longest - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows])
    return ids, mask


def label_weights(task: str) -> torch.Tensor:
    """The first label of a task is what it is for; the finer ones count less. Attacks have two of the same rank."""
    size = len(TASKS[task])
    return torch.ones(size) if task == "attack" else torch.tensor([1.0] + [0.4] * (size - 1))


def task_loss(task: str, logits: torch.Tensor, rows: list[dict]) -> torch.Tensor:
    """Sum over the rows that say something of the task: cross-entropy where one label holds, else masked binary cross-entropy."""
    chosen = [index for index, row in enumerate(rows) if row[task]]
    if not chosen:
        return logits.sum() * 0
    if task in EXCLUSIVE:
        target = torch.tensor([rows[index][task] for index in chosen])
        return functional.cross_entropy(logits[chosen], target, reduction="sum", label_smoothing=0.05)
    wanted = [rows[index][task] for index in chosen]
    known = torch.tensor([[value is not None for value in row] for row in wanted])
    values = torch.tensor([[value or 0.0 for value in row] for row in wanted])
    each = functional.binary_cross_entropy_with_logits(logits[chosen], values, reduction="none")
    return (each * known * label_weights(task)).sum()


def loss_of(model: TextEncoder, tokens: list[list[int]], rows: list[dict], bf16: bool = False) -> torch.Tensor:
    """The sum of the tasks' losses, per row."""
    ids, mask = padded(tokens)
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
        outputs = model(ids, mask)
    return sum(task_loss(task, logits.float(), rows) for task, logits in zip(TASKS, outputs, strict=True)) / len(rows)


def train(config: TrainConfig) -> dict:
    torch.manual_seed(config.seed)
    torch.set_num_threads(config.threads)
    rng = random.Random(config.seed)
    folder = package_file(config.package, "model")
    tokenizer = load_tokenizer(folder, config.train_tokens)
    rows = stage1_rows.read_part("train")
    tokens = [encoding.ids for encoding in tokenizer.encode_batch([row["text"] for row in rows])]
    model = fresh_model(folder)
    # Word vectors and the lowest blocks stay as they are: they hold for words that the rows do not contain.
    model.base.embeddings.requires_grad_(False)
    for layer in model.base.encoder.layer[: config.frozen_layers]:
        layer.requires_grad_(False)
    heads = [*model.heads.parameters()]
    body = [p for p in model.base.parameters() if p.requires_grad]
    groups = [{"params": body, "lr": config.learning_rate}, {"params": heads, "lr": config.head_learning_rate}]
    optimiser = torch.optim.AdamW(groups, weight_decay=config.weight_decay)
    plan: list[list[int]] = []
    while len(plan) < config.epochs * len(rows) / config.batch_size:
        plan += batches([len(row) for row in tokens], config.batch_size, rng)
    plan = plan[: int(config.epochs * len(rows) / config.batch_size)]
    warm = max(1, int(config.warmup * len(plan)))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / warm, 0.5 + 0.5 * math.cos(math.pi * max(0, step - warm) / max(1, len(plan) - warm)))
    )
    checkpoint, digest, first = RUN / "checkpoint.pt", config_sha256(config), 0
    if checkpoint.exists():
        saved = torch.load(checkpoint)
        if saved["config"] == digest:
            model.load_state_dict(saved["model"])
            optimiser.load_state_dict(saved["optimiser"])
            schedule.load_state_dict(saved["schedule"])
            first = saved["step"]
    model.train()
    running, start = 0.0, time.monotonic()
    for step in range(first, len(plan)):
        picked = plan[step]
        loss = loss_of(model, [tokens[i] for i in picked], [rows[i] for i in picked], config.bf16)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        running = loss.item() if step == first else 0.98 * running + 0.02 * loss.item()
        if (step + 1) % 100 == 0 or step + 1 == len(plan):
            print(f"step {step + 1}/{len(plan)} loss {running:.4f} {time.monotonic() - start:.0f} s", flush=True)
            state = {"config": digest, "step": step + 1, "model": model.state_dict()}
            torch.save(state | {"optimiser": optimiser.state_dict(), "schedule": schedule.state_dict()}, checkpoint)
    torch.save(model.state_dict(), RUN / "model.pt")
    (RUN / "train.json").write_text(json.dumps({"steps": len(plan), "rows": len(rows), "loss": running}))
    return {"steps": len(plan), "rows": len(rows), "loss": round(running, 4)}


if __name__ == "__main__":
    stage1_rows.main()
    run_stage("stage2_train", RUN, TrainConfig(), [RUN / "model.pt"], lambda: train(TrainConfig()))
