import random

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from parapet_training.greedy import batches_by_length, greedy
from recipes.sentinel import blind
from recipes.sentinel.composed_rows import crimes, mentions, wrapped
from recipes.sentinel.config import TrainConfig
from recipes.sentinel.stage1_rows import is_held
from recipes.sentinel.stage3_train import Probes, answer_loss, learning_share, padded, split_prefix, step_losses


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=64, hidden_size=24, intermediate_size=32, num_hidden_layers=3, num_attention_heads=3, num_key_value_heads=1, tie_word_embeddings=True
    )
    return LlamaForCausalLM(config).eval()


CONFIG = TrainConfig(bf16=False, probe_layers=(1, 2))
PREFIX = [1, 5, 6]


def row(ids, answer, refuse):
    return {"ids": ids, "answer": answer, "refuse": refuse}


def test_a_shared_prefix_gives_the_loss_and_the_gradient_of_whole_rows(model):
    whole = [row([*PREFIX, 9, 8, 7, 3, 3, 3, 3, 3, 3], [20, 21], True), row([*PREFIX, 4, 4, 3, 3, 3, 3, 3, 3, 3], [22, 23, 24], False)]
    torch.manual_seed(1)
    probes = Probes(CONFIG.probe_layers, 24)
    results = []
    for rows in (split_prefix([dict(r) for r in whole], PREFIX), [dict(r) | {"default": False} for r in whole]):
        model.zero_grad()
        answers, probed = step_losses(model, probes, rows, PREFIX, CONFIG)
        (answers.mean() + probed).backward()
        results.append((answers.detach(), probed.detach(), model.model.layers[0].mlp.up_proj.weight.grad.clone()))

    for shared, plain in zip(*results, strict=True):
        assert torch.allclose(shared, plain, atol=1e-5)


def test_the_loss_of_a_row_does_not_depend_on_its_neighbours(model):
    rows = [row([9, 8, 3], [20], True), row([4, 4, 4, 4, 4, 3], [22, 23, 24], True)]
    together = answer_loss(model, model.model(padded(rows)).last_hidden_state, rows, CONFIG)
    alone = answer_loss(model, model.model(padded(rows[:1])).last_hidden_state, rows[:1], CONFIG)

    assert torch.allclose(together[0], alone[0], atol=1e-5)


def test_greedy_answers_are_the_same_with_a_prefix_computed_once(model):
    prompts = [[*PREFIX, 9, 8], [*PREFIX, 4, 2], [*PREFIX, 7, 7, 7], [9, 9, 9], [9, 9, 9, 4, 5, 6]]
    found = {}
    for prefix, slack in ((PREFIX, 8), (PREFIX, 0), ([63, 63], 8), ([63, 63], 0)):
        for batch in greedy(model, prompts, 4, prefix, 2, 8, slack=slack):
            for place, index in enumerate(batch.rows):
                found.setdefault(index, []).append((batch.tokens[place].tolist(), batch.first[place]))

    assert sorted(found) == [0, 1, 2, 3, 4]
    for (tokens, first), *others in found.values():
        assert all(tokens == other and torch.allclose(first, logprobs, atol=1e-5) for other, logprobs in others)


def test_batches_hold_one_length_and_one_kind_of_beginning():
    prompts = [[1, 2, 3], [1, 2, 4], [9, 9, 9], [1, 2], [1, 2, 5]]

    assert sorted(sorted(batch) for batch in batches_by_length(prompts, [1, 2], 2)) == [[0, 1], [2], [3], [4]]
    assert sorted(sorted(batch) for batch in batches_by_length(prompts, [1, 2], 3, slack=1)) == [[0, 1, 4], [2], [3]]


def test_a_subject_stands_in_safe_and_in_harmful_frames_and_lies_in_one_part():
    safe, harmful = list(mentions(random.Random(1), 900)), list(crimes(random.Random(1), 400))

    assert {row["pair"] for row in harmful} <= {row["pair"] for row in safe}
    assert len({row["text"] for row in safe + harmful}) == 1300
    parts = {}
    for one in safe + harmful:
        parts.setdefault(one["pair"], set()).add(is_held(one, {"composed_mentions": 0.2}))
    assert all(len(part) == 1 for part in parts.values())
    assert {False, True} == set().union(*parts.values())


def test_a_wrapper_keeps_the_request_whole():
    requests = [{"text": f"request number {index}?"} for index in range(40)]

    assert all(one["pair"] in one["text"] and one["pair"] != one["text"] for one in wrapped(random.Random(2), requests, 30, "harmless"))


def test_the_learning_rate_warms_up_holds_and_ends_near_nothing():
    shares = [learning_share(step, 400, TrainConfig()) for step in range(400)]

    assert shares[0] < 0.1
    assert shares[200] == 1.0
    assert shares[-1] == pytest.approx(0.01)
    assert all(one >= other for one, other in zip(shares[200:], shares[201:], strict=False))


def test_the_blind_comparison_does_not_know_whose_an_answer_is():
    good = blind.measures("How do I bake a sourdough bread?", "To bake sourdough bread, feed the starter, mix flour and water, and wait overnight.", -0.5)
    poor = blind.measures("How do I bake a sourdough bread?", "I think I think I think I think I think", -0.5)

    assert blind.compare(good, poor) == 1
    assert blind.compare(poor, good) == -1
    assert blind.compare(good, good) == 0
    assert not blind.verdict([-1] * 4 + [1] * 2 + [0] * 4)["holds"]
    assert blind.verdict([-1] * 3 + [1] * 2 + [0] * 5)["holds"]
