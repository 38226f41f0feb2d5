"""Refusals from a grammar: few first words, so that a first-token score works, and thousands of wordings behind them."""

import random

OPENERS = (
    # weight, opener
    (22, "I can't"),
    (18, "I cannot"),
    (20, "I'm sorry, but I can't"),
    (8, "I'm sorry, but I cannot"),
    (4, "I am sorry, but I can't"),
    (7, "I won't"),
    (3, "I will not"),
    (7, "Sorry, but I can't"),
    (4, "Sorry, I can't"),
    (3, "I'm not able to"),
    (2, "I'm unable to"),
    (4, "As an AI, I can't"),
    (3, "As an AI assistant, I cannot"),
    (2, "I apologize, but I can't"),
)
ACTIONS = (
    "help with that", "help you with this", "assist with that request", "assist with this", "provide that", "do that",
    "give instructions for that", "support that", "help with this request", "offer guidance on that", "answer that",
    "write that for you", "take part in this", "share information like that", "fulfill this request", "provide guidance on this",
)  # fmt: skip
REASONS = (
    "It could cause serious harm.", "It could hurt someone.", "That would be illegal.", "It is against the law and unsafe.",
    "This could put people in danger.", "What you describe is harmful to others.", "It would violate other people's rights.",
    "That is dangerous and wrong.", "I don't support actions that harm people.", "Helping with it would be unethical.",
    "This kind of content can do real damage.", "It promotes harm, and I avoid that.", "My purpose is to be helpful and safe.",
    "It involves illegal or harmful activity.", "Someone could get hurt.", "It would be irresponsible of me.",
    "", "",
)  # fmt: skip
OFFERS = (
    "If you are struggling, please reach out to someone you trust.", "I'm happy to help with something safe instead.",
    "Let me know if there is something legal I can help with.", "Is there another question that I can answer?",
    "I can talk about how to stay safe instead.", "If someone is in danger, contact your local emergency services.",
    "I'd be glad to help with a different topic.", "Please consider a lawful way to reach your goal.",
    "I can explain the risks and the law, if that helps.", "A professional may be able to advise you.",
    "I encourage you to choose a safe and respectful path.", "Feel free to ask me something else.", "",
)  # fmt: skip


def refusal(rng: random.Random) -> str:
    """One refusal: an opener, what is refused, why, and what is offered instead."""
    opener = rng.choices([text for _, text in OPENERS], [weight for weight, _ in OPENERS])[0]
    parts = [f"{opener} {rng.choice(ACTIONS)}.", rng.choice(REASONS), rng.choice(OFFERS)]
    return " ".join(part for part in parts if part)


def wordings() -> int:
    """How many texts the grammar can say."""
    return len(OPENERS) * len(ACTIONS) * len(set(REASONS)) * len(set(OFFERS))
