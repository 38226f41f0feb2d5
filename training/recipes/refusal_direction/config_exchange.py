"""Answers in the context of their prompts: what is read, and what the untuned model is asked to write."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ExchangeConfig:
    """(file, source, label, most) of rows with an answer; requests that the untuned model answers; sizes."""

    safe: tuple[tuple[str, str, str, int], ...] = (
        ("benign_chats", "oasst_sampling_reports", "benign", 60),
        ("benign_chats", "oasst_trees", "benign", 40),
        ("responses", "coconot_pref", "complied", 50),
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
        ("harmfulqa", 18),
        ("catqa_english", 18),
        ("forbidden_questions", 18),
        ("salad_rebuttal", 18),
        ("alphasteer_harmful", 12),
        ("alphasteer_borderline", 24),
    )
    conversations: int = 60
    new_tokens: int = 28
    answer_characters: int = 240
    prompt_characters: int = 300
    seed: int = 42
