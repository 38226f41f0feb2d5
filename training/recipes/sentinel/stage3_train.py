"""Stage 3: tune. Writes runs/sentinel/tuned/model.safetensors; a checkpoint every 100 steps, from which a stopped run goes on.

About 30 minutes on two cores with AVX-512 BF16 (`eager` attention: PyTorch's fused kernel takes half of a step here). Harmful rows learn a refusal; every other row learns the untuned model's
own distribution at each place of its own answer, so that ordinary answers stay what they were.
"""

import json
import random
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from transformers import LlamaForCausalLM

from parapet_training.digest import config_sha256
from parapet_training.greedy import shared_prefix
from parapet_training.prompt import LAST, LAST_INSTRUCTION, PromptTokens
from parapet_training.refusal_rules import refuses
from parapet_training.stage import run_stage
from recipes.sentinel import stage1_rows, stage2_targets
from recipes.sentinel.config import TrainConfig
from recipes.sentinel.refusals import refusal
from recipes.sentinel.save import save_tuned
from recipes.sentinel.stage1_rows import RUN, SOURCE

END_OF_TURN = 2


class Probes(nn.Module):
    """Linear heads on residuals, harmful or not: they sharpen the reading while it trains, and are dropped."""

    def __init__(self, layers: tuple[int, ...], width: int) -> None:
        super().__init__()
        self.layers = layers
        self.heads = nn.ModuleList(nn.Linear(width, 2) for _ in layers)

    def forward(self, hidden: tuple[torch.Tensor, ...], lengths: torch.Tensor) -> torch.Tensor:
        """float32[batch, layers * 2]: a logit for each block at the last instruction token and at the last token."""
        rows = torch.arange(len(lengths))
        logits = []
        for head, layer in zip(self.heads, self.layers, strict=True):
            for column, offset in enumerate((LAST_INSTRUCTION, LAST)):
                state = hidden[layer][rows, lengths + offset].float()
                state = state / state.pow(2).mean(-1, keepdim=True).sqrt().clamp(min=1e-6)
                logits.append(functional.linear(state, head.weight[column : column + 1], head.bias[column : column + 1]))
        return torch.cat(logits, 1)


def split_prefix(rows: list[dict], prefix: list[int]) -> list[dict]:
    """`default` says that a row begins as all do under the default system prompt; its `ids` then lack those tokens."""
    for row in rows:
        row["default"] = row["ids"][: len(prefix)] == prefix
        row["ids"] = row["ids"][len(prefix) if row["default"] else 0 :]
    return rows


def examples(config: TrainConfig) -> list[dict]:
    """Rows with `answer` (token ids) and, where the row is to be answered, the untuned distributions `top` and `logprobs`."""
    tokens, rows = PromptTokens(SOURCE).tokenizer, stage1_rows.read_part("train")
    targets = dict(np.load(RUN / "targets.npz"))
    kept = []
    for index, row in enumerate(rows):
        if len(row["ids"]) > config.max_tokens:
            continue
        if row["refuse"]:
            answer = tokens.encode(refusal(random.Random(f"{config.seed} {row['text']}"))).ids + [END_OF_TURN]
            kept.append(row | {"answer": answer[: config.answer_tokens]})
            continue
        answer = targets["tokens"][index].tolist()
        if END_OF_TURN in answer:
            answer = answer[: answer.index(END_OF_TURN) + 1]
        if refuses(tokens.decode(answer)):
            continue
        size = min(len(answer), config.answer_tokens)
        kept.append(row | {"answer": answer[:size], "top": targets["top"][index, :size], "logprobs": targets["logprobs"][index, :size]})
    return kept


def batches(rows: list[dict], size: int, rng: random.Random) -> list[list[int]]:
    """Random batches of rows of similar length (sorted within groups of 40 batches), with the default system prompt or without."""
    out: list[list[int]] = []
    for default in (True, False):
        order = [index for index, row in enumerate(rows) if row["default"] == default]
        rng.shuffle(order)
        for start in range(0, len(order), size * 40):
            group = sorted(order[start : start + size * 40], key=lambda index: len(rows[index]["ids"]))
            out += [group[i : i + size] for i in range(0, len(group), size)]
    rng.shuffle(out)
    return out


def padded(rows: list[dict]) -> torch.Tensor:
    """int64[batch, longest] of prompt and answer, padded on the right: a causal model never looks there."""
    # Few distinct shapes: the bf16 kernels are compiled once for each.
    longest = -(-max(len(row["ids"]) + len(row["answer"]) for row in rows) // 8) * 8
    return torch.tensor([(row["ids"] + row["answer"] + [0] * longest)[:longest] for row in rows])


def soft_targets(rows: list[dict], kept: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Over all answer tokens of the batch: candidates int64[n, kept], their probabilities (summing to one), and weights-by-place index."""
    candidates, shares, places = [], [], []
    for row in rows:
        size = len(row["answer"])
        places += range(size)
        if "top" in row:
            candidates.append(torch.from_numpy(row["top"][:, :kept].astype(np.int64)))
            shares.append(torch.from_numpy(row["logprobs"][:, :kept].astype(np.float32)).softmax(-1))
        else:
            one = torch.zeros(size, kept, dtype=torch.int64)
            one[:, 0] = torch.tensor(row["answer"])
            candidates.append(one)
            shares.append(torch.eye(1, kept).expand(size, kept))
    return torch.cat(candidates), torch.cat(shares), torch.tensor(places)


def answer_loss(model: LlamaForCausalLM, hidden: torch.Tensor, rows: list[dict], config: TrainConfig) -> torch.Tensor:
    """float32[batch]: cross-entropy to each row's targets, the opening weighted more."""
    where = [(index, len(row["ids"]) - 1 + place) for index, row in enumerate(rows) for place in range(len(row["answer"]))]
    index, position = (torch.tensor(values) for values in zip(*where, strict=True))
    logprobs = torch.log_softmax(model.lm_head(hidden[index, position]).float(), -1)
    candidates, shares, places = soft_targets(rows, config.targets.kept_logits)
    each = -(logprobs.gather(1, candidates) * shares).sum(1)
    weight = torch.where(places < config.opening_tokens, config.opening_weight, 1.0)
    total = torch.zeros(len(rows)).index_add(0, index, each * weight)
    return total / torch.zeros(len(rows)).index_add(0, index, weight)


def step_losses(
    model: LlamaForCausalLM, probes: Probes, rows: list[dict], prefix: list[int], config: TrainConfig
) -> tuple[torch.Tensor, torch.Tensor]:
    """The answers' losses float32[batch] and the probes' mean loss. `prefix` stands before rows of the default system prompt."""
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=config.bf16):
        # The same tokens stand before every row: computed once, a third of the work is saved and the gradient is the same.
        cache = shared_prefix(model, prefix, len(rows)) if rows[0]["default"] else None
        output = model.model(input_ids=padded(rows), past_key_values=cache, output_hidden_states=True, use_cache=cache is not None)
        answers = answer_loss(model, output.last_hidden_state, rows, config)
    logits = probes(output.hidden_states, torch.tensor([len(row["ids"]) for row in rows]))
    harmful = torch.tensor([float(row["refuse"]) for row in rows])[:, None].expand_as(logits)
    return answers, functional.binary_cross_entropy_with_logits(logits, harmful)


def learning_share(step: int, steps: int, config: TrainConfig) -> float:
    """Warm up, hold, and fall to nothing over the last part."""
    warm, fall = max(1, int(config.warmup * steps)), max(1, int(config.decay * steps))
    return min((step + 1) / warm, 1.0, (steps - step) / fall)


def train(config: TrainConfig, limit: int | None = None) -> dict:
    torch.manual_seed(config.seed)
    torch.set_num_threads(config.threads)
    prefix = PromptTokens(SOURCE).prefix
    rows = split_prefix(examples(config), prefix)
    plan = batches(rows, config.batch_rows, random.Random(config.seed))[:limit]
    model = LlamaForCausalLM.from_pretrained(SOURCE, attn_implementation="eager")
    probes = Probes(config.probe_layers, model.config.hidden_size)
    # Word vectors and the lowest blocks stay as they are: they hold for words that the rows do not contain.
    model.model.embed_tokens.requires_grad_(False)
    for layer in model.model.layers[: config.frozen_layers]:
        layer.requires_grad_(False)
    body = [parameter for parameter in model.parameters() if parameter.requires_grad]
    groups = [{"params": body, "lr": config.learning_rate}, {"params": [*probes.parameters()], "lr": config.probe_learning_rate}]
    optimiser = torch.optim.AdamW(groups, betas=(0.9, 0.95), weight_decay=config.weight_decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: learning_share(step, len(plan), config))
    checkpoint, digest, first = RUN / "checkpoint.pt", config_sha256(config), 0
    if checkpoint.exists() and limit is None:
        saved = torch.load(checkpoint)
        if saved["config"] == digest:
            for name, part in (("model", model), ("probes", probes), ("optimiser", optimiser), ("schedule", schedule)):
                part.load_state_dict(saved[name])
            first = saved["step"]
    model.train()
    running: dict[str, float] = {}
    start = time.monotonic()
    for step in range(first, len(plan)):
        picked = [rows[index] for index in plan[step]]
        answers, probed = step_losses(model, probes, picked, prefix, config)
        optimiser.zero_grad()
        (answers.mean() + config.probe_weight * probed).backward()
        torch.nn.utils.clip_grad_norm_(body, 1.0)
        optimiser.step()
        schedule.step()
        refuse = torch.tensor([row["refuse"] for row in picked])
        for name, value in (("refuse", answers[refuse]), ("answer", answers[~refuse]), ("probe", probed[None])):
            if len(value):
                running[name] = 0.95 * running.get(name, value.mean().item()) + 0.05 * value.mean().item()
        if (step + 1) % 20 == 0:
            print(f"step {step + 1}/{len(plan)} " + " ".join(f"{k} {v:.3f}" for k, v in running.items()) + f" {time.monotonic() - start:.0f} s", flush=True)
        if (step + 1) % config.checkpoint_steps == 0 and limit is None:
            state = {"config": digest, "step": step + 1, "model": model.state_dict(), "probes": probes.state_dict()}
            torch.save(state | {"optimiser": optimiser.state_dict(), "schedule": schedule.state_dict()}, checkpoint)
    folder = RUN / ("tuned" if limit is None else "pilot")
    save_tuned(model, folder)
    result = {"steps": len(plan), "rows": len(rows), "refuse": sum(row["refuse"] for row in rows), "loss": {k: round(v, 4) for k, v in running.items()}}
    (folder / "train.json").write_text(json.dumps(result))
    return result


def main() -> dict:
    stage1_rows.main()
    stage2_targets.main()
    return run_stage("stage3_train", RUN, TrainConfig(), [RUN / "tuned" / "model.safetensors"], lambda: train(TrainConfig()))


if __name__ == "__main__":
    main()
