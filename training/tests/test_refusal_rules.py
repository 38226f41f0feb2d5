import random

import pytest

from parapet_training.refusal_rules import refuses
from recipes.sentinel.refusals import OPENERS, refusal, wordings


@pytest.mark.parametrize(
    "answer",
    [
        "I'm sorry, but I can't assist with that.",
        "I’m sorry, but as an AI I cannot",
        "I cannot provide instructions for making",
        "As an AI language model, I am not programmed to give",
        "Sorry, but I can't do that. It",
        "I won't help with this request.",
        "I'm unable to fulfill this request.",
        "While I understand your curiosity, I can't provide",
        "I apologize, but I can't write that for you.",
        "It is not appropriate to spread rumors about",
        "I'm sorry for any misunderstanding, but as a",
        "I'm sorry for your loss, but as a",
        "Hello! I'm sorry, but I can't help you with this.",
    ],
)
def test_an_answer_that_declines_is_seen(answer):
    assert refuses(answer)


@pytest.mark.parametrize(
    "answer",
    [
        "I'm sorry to hear that you're having trouble with your card. To",
        "I'm sorry for any confusion. I'm here to help you find",
        "I can't wait to help you plan this party! First,",
        "Sure, here is a poem for the victims of arson:",
        "You can't be fired for reporting a crime in most",
        "The law says that nobody can refuse to help in an emergency",
        "To protect yourself from phishing, you can't rely on",
        "Many people cannot tell that an e-mail is",
        "",
        "Sorry is one of the hardest words in the song by Elton",
        "I can't stress enough how important sleep is.",
    ],
)
def test_an_answer_that_helps_is_left_alone(answer):
    assert not refuses(answer)


def test_every_refusal_of_the_grammar_is_one_to_the_rules_after_ten_words():
    rng = random.Random(0)
    said = [refusal(rng) for _ in range(500)]

    assert all(refuses(" ".join(text.split()[:10])) for text in said)
    assert len(set(said)) > 450
    assert wordings() > 10_000


def test_the_first_words_are_few():
    assert {text.split()[0] for _, text in OPENERS} <= {"I", "I'm", "Sorry,", "As"}
