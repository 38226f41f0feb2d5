"""Stage 5: a short training on the mistakes of the first. Writes runs/sentinel/preferred. About 8 minutes on two cores.

Each mistake is a pair: the wanted answer is taught as before, and must be likelier than the given one by a margin, so that
the boundary moves and not only the wording. Rows of the first training are mixed in.
"""

import json
import random
import time

import torch
from torch.nn import functional
from transformers import LlamaForCausalLM

from parapet_training.greedy import shared_prefix
from parapet_training.prompt import PromptTokens
from parapet_training.stage import run_stage
from recipes.sentinel import stage4_pairs
from recipes.sentinel.config import PreferConfig
from recipes.sentinel.save import save_tuned
from recipes.sentinel.stage1_rows import RUN, SOURCE
from recipes.sentinel.stage3_train import answer_loss, batches, examples, learning_share, padded, split_prefix


def plan_rows(config: PreferConfig) -> list[dict]:
    """Mistakes of both kinds in equal number as far as there are, and rows of the first training."""
    rng = random.Random(config.seed)
    pairs = [json.loads(line) for line in (RUN / "pairs.jsonl").open(encoding="utf-8")]
    rng.shuffle(pairs)
    strict, loose = ([pair for pair in pairs if pair["refuse"] == kind][: config.most_pairs // 2] for kind in (False, True))
    replay = examples(config.pairs.train)
    count = config.replay * (len(strict) + len(loose))
    replayed = []
    for kind, share in ((True, config.replay_refuse), (False, 1 - config.replay_refuse)):
        replayed += rng.sample([row for row in replay if row["refuse"] == kind], int(share * count))
    return split_prefix(strict + loose + replayed, PromptTokens(SOURCE).prefix)


def opening_logprob(model: LlamaForCausalLM, hidden: torch.Tensor, rows: list[dict], count: int) -> torch.Tensor:
    """float32[batch]: log-probability of the first `count` tokens of each row's `answer`."""
    where = [(index, len(row["ids"]) - 1 + place) for index, row in enumerate(rows) for place in range(min(count, len(row["answer"])))]
    index, position = (torch.tensor(values) for values in zip(*where, strict=True))
    said = torch.tensor([token for row in rows for token in row["answer"][:count]])
    logprobs = torch.log_softmax(model.lm_head(hidden[index, position]).float(), -1).gather(1, said[:, None])[:, 0]
    return torch.zeros(len(rows)).index_add(0, index, logprobs)


def loss_of(model: LlamaForCausalLM, rows: list[dict], prefix: list[int], config: PreferConfig) -> torch.Tensor:
    """Cross-entropy to the wanted answers, and the margin where a row has an answer that was given instead."""
    train, count = config.pairs.train, config.pairs.opening_tokens
    wrong = [row for row in rows if "given" in row]
    both = rows + [row | {"answer": row["given"]} for row in wrong]
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=train.bf16):
        cache = shared_prefix(model, prefix, len(both)) if rows[0]["default"] else None
        hidden = model.model(input_ids=padded(both), past_key_values=cache, use_cache=cache is not None).last_hidden_state
        taught = answer_loss(model, hidden[: len(rows)], rows, train).mean()
        if not wrong:
            return taught
        wanted = opening_logprob(model, hidden[[i for i, row in enumerate(rows) if "given" in row]], wrong, count)
        given = opening_logprob(model, hidden[len(rows) :], both[len(rows) :], count)
    return taught + config.margin_weight * functional.softplus(config.margin - (wanted - given)).sum() / len(rows)


def train(config: PreferConfig) -> dict:
    torch.manual_seed(config.seed)
    torch.set_num_threads(config.pairs.train.threads)
    prefix, rows = PromptTokens(SOURCE).prefix, plan_rows(config)
    plan = batches(rows, config.batch_rows, random.Random(config.seed))
    model = LlamaForCausalLM.from_pretrained(RUN / "tuned", attn_implementation="eager")
    model.model.embed_tokens.requires_grad_(False)
    for layer in model.model.layers[: config.pairs.train.frozen_layers]:
        layer.requires_grad_(False)
    body = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(body, lr=config.learning_rate, betas=(0.9, 0.95), weight_decay=config.pairs.train.weight_decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: learning_share(step, len(plan), config.pairs.train))
    model.train()
    start, running = time.monotonic(), 0.0
    for step, picked in enumerate(plan):
        loss = loss_of(model, [rows[index] for index in picked], prefix, config)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(body, 1.0)
        optimiser.step()
        schedule.step()
        running = loss.item() if step == 0 else 0.95 * running + 0.05 * loss.item()
        if (step + 1) % 20 == 0:
            print(f"step {step + 1}/{len(plan)} loss {running:.3f} {time.monotonic() - start:.0f} s", flush=True)
    save_tuned(model, RUN / "preferred")
    return {"steps": len(plan), "rows": len(rows), "pairs": sum("given" in row for row in rows), "loss": round(running, 4)}


def main() -> dict:
    stage4_pairs.main()
    outputs = [RUN / "preferred" / "model.safetensors"]
    return run_stage("stage5_prefer", RUN, PreferConfig(), outputs, lambda: train(PreferConfig()))


if __name__ == "__main__":
    main()
