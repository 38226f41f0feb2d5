"""Answers in the context of their prompts: what is read, and what the untuned model is asked to write."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ExchangeConfig:
    """(file, source, label, most) of rows with an answer; requests that the untuned model answers; sizes."""

    safe: tuple[tuple[str, str, str, int], ...] = (
        ("benign_chats", "oasst_sampling_reports", "benign", 90),
        ("benign_chats", "oasst_trees", "benign", 60),
        ("responses", "coconot_pref", "complied", 70),
        ("responses", "coconot_pref", "refused", 40),
        # A harmful request, and an answer that is none.
        ("responses_safety", "circuit_breaker_safe_responses", "refusal", 60),
        ("responses_safety", "salad_example_qa", "safe", 40),
        ("responses_safety", "dices_990", "safe", 40),
    )
    unsafe: tuple[tuple[str, str, str, int], ...] = (
        ("responses_safety", "derta_malicious", "unsafe", 31),
        ("responses_safety", "salad_example_qa", "unsafe", 17),
    )
    # What the untuned model, which hardly refuses, answers to these: harmful and harmless requests.
    answered: tuple[tuple[str, int], ...] = (
        ("harmfulqa", 30),
        ("catqa_english", 30),
        ("forbidden_questions", 30),
        ("salad_rebuttal", 30),
        ("alphasteer_harmful", 20),
        ("alphasteer_borderline", 50),
        ("twins", 20),
    )
    conversations: int = 60
    new_tokens: int = 32
    answer_characters: int = 320
    prompt_characters: int = 600
    seed: int = 42
