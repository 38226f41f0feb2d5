"""Greedy answers of a PyTorch decoder, many prompts at a time, with the distribution at each place."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from transformers import DynamicCache, LlamaForCausalLM


@dataclass(frozen=True)
class GreedyBatch:
    """`rows` are indices of the prompts; `tokens` int64[rows, steps]; `top` and `logprobs` [rows, steps, kept], likeliest first.

    `first` float32[rows, vocabulary] holds every log-probability of the first token.
    """

    rows: list[int]
    tokens: torch.Tensor
    top: torch.Tensor
    logprobs: torch.Tensor
    first: torch.Tensor


def shared_prefix(model: LlamaForCausalLM, prefix: list[int], batch: int) -> DynamicCache:
    """Keys and values of tokens that every row of a batch begins with, computed once. Gradients flow through it."""
    cache = DynamicCache()
    model.model(input_ids=torch.tensor([prefix]), past_key_values=cache, use_cache=True)
    for layer in cache.layers:
        layer.keys = layer.keys.expand(batch, -1, -1, -1)
        layer.values = layer.values.expand(batch, -1, -1, -1)
    return cache


def batches_by_length(prompts: list[list[int]], prefix: list[int], size: int, slack: int = 0) -> list[list[int]]:
    """Indices in batches of lengths at most `slack` tokens apart, longest first, those that begin with `prefix` apart."""

    def kind(index: int) -> tuple[bool, int]:
        return prompts[index][: len(prefix)] == prefix, -len(prompts[index])

    batches: list[list[int]] = []
    for index in sorted(range(len(prompts)), key=kind):
        last = batches[-1] if batches else None
        first = kind(last[0]) if last else None
        if first and first[0] == kind(index)[0] and kind(index)[1] - first[1] <= slack and len(last) < size:
            last.append(index)
        else:
            batches.append([index])
    return batches


@dataclass(frozen=True)
class Padded:
    """`ids`, `mask` (the shared prefix included) and `positions` of one batch: shorter rows are padded behind the prefix."""

    ids: torch.Tensor
    mask: torch.Tensor
    positions: torch.Tensor


def padded_behind(rows: list[list[int]], shared: int) -> Padded:
    """`rows` int lists without the `shared` tokens before them."""
    longest = max(map(len, rows))
    ids = torch.tensor([[0] * (longest - len(row)) + row for row in rows])
    mask = torch.tensor([[1] * shared + [0] * (longest - len(row)) + [1] * len(row) for row in rows])
    return Padded(ids, mask, (mask.cumsum(1) - 1).clamp(min=0)[:, shared:])


@torch.no_grad()
def greedy(
    model: LlamaForCausalLM, prompts: list[list[int]], steps: int, prefix: list[int], kept: int = 1, size: int = 48, bf16: bool = False, slack: int = 8
) -> Iterator[GreedyBatch]:
    """Answers of `steps` tokens; what stands behind the end-of-turn token means nothing. `prefix` is what most prompts begin with."""
    model.eval()
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
        for rows in batches_by_length(prompts, prefix, size, slack):
            begins = prompts[rows[0]][: len(prefix)] == prefix and all(len(prompts[index]) > len(prefix) for index in rows)
            shared = len(prefix) if begins else 0
            cache = shared_prefix(model, prefix, len(rows)) if begins else DynamicCache()
            batch = padded_behind([prompts[index][shared:] for index in rows], shared)
            ids, mask, positions = batch.ids, batch.mask, batch.positions
            chosen, top, logprobs = [], [], []
            first = torch.empty(0)
            for step in range(steps):
                output = model(input_ids=ids, attention_mask=mask, position_ids=positions, past_key_values=cache, use_cache=True, logits_to_keep=1)
                every = torch.log_softmax(output.logits[:, -1].float(), -1)
                first = every if step == 0 else first
                values, places = every.topk(kept)
                ids = places[:, :1]
                mask = torch.cat([mask, torch.ones(len(rows), 1, dtype=mask.dtype)], 1)
                positions = positions[:, -1:] + 1
                chosen.append(ids)
                top.append(places)
                logprobs.append(values)
            yield GreedyBatch(rows, torch.cat(chosen, 1), torch.stack(top, 1), torch.stack(logprobs, 1), first)
