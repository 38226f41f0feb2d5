"""Settings of the tuning: which rows, how the targets are made, how it is trained, and what judges it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RowsConfig:
    """What is trained on, (file, source, label, count), and what is held out.

    A source of `held` is never trained on. A source of `spread` is the only one of its kind: a share of it is held
    out, by pair where there are pairs, else by hash of the text.
    """

    refuse: tuple[tuple[str, str, str, int], ...] = (
        ("harmful_prompts", "arditi_harmful_train", "harmful", 251),
        ("harmful_prompts", "harmfulqa", "harmful", 1200),
        ("harmful_prompts", "alphasteer_harmful", "harmful", 1248),
        ("guardreasoner_prompts", "guardreasoner_wildguard", "harmful", 900),
        ("twin_prompts", "twins", "harmful", 447),
        ("jailbreaks", "alphasteer_jailbreak", "jailbreak", 250),
    )
    answer: tuple[tuple[str, str, str, int], ...] = (
        ("borderline_prompts", "alphasteer_borderline", "borderline", 3600),
        ("guardreasoner_prompts", "guardreasoner_wildguard", "safe", 1000),
        ("twin_prompts", "twins", "harmless", 447),
        ("responses", "coconot_pref", "complied", 927),
        ("benign_chats", "oasst_sampling_reports", "benign", 900),
        ("benign_chats", "dolly_subset", "benign", 250),
        ("benign_prompts", "banking77", "benign", 300),
        ("benign_prompts", "t0_train", "benign", 300),
        ("benign_prompts", "gsm8k", "benign", 200),
        ("roleplay_benign", "awesome_chatgpt_prompts", "benign", 134),
        ("jailbreak_misc", "prompt_injection_and_benign", "benign", 200),
    )
    held: tuple[tuple[str, str, str, int], ...] = (
        ("harmful_prompts", "catqa_english", "harmful", 200),
        ("harmful_and_borderline_prompts", "forbidden_questions", "harmful", 200),
        ("salad_questions", "salad_rebuttal", "harmful", 200),
        ("guardreasoner_prompts", "guardreasoner_aegis", "harmful", 100),
        ("harmful_and_borderline_prompts", "synthetic_refusal_prompts", "harmful", 150),
        ("harmful_and_borderline_prompts", "synthetic_refusal_prompts", "borderline", 150),
        ("harmful_and_borderline_prompts", "synthetic_refusal_prompts", "benign", 150),
        ("guardreasoner_prompts", "guardreasoner_aegis", "safe", 100),
        ("benign_prompts", "clinc150", "benign", 150),
        ("benign_chats", "oasst_trees", "benign", 150),
    )
    # (source, share held out, rows that judge).
    spread: tuple[tuple[str, float, int], ...] = (
        ("twins", 0.2, 200),
        ("alphasteer_borderline", 0.1, 250),
        ("guardreasoner_wildguard", 0.12, 160),
        ("coconot_pref", 0.25, 200),
        ("composed_mentions", 0.2, 150),
        ("composed_wrapped", 0.15, 150),
    )
    mentions: int = 1100
    crimes: int = 350
    wrapped_harmful: int = 450
    wrapped_harmless: int = 650
    other_system_share: float = 0.12
    max_tokens: int = 200
    seed: int = 42


@dataclass(frozen=True)
class TargetsConfig:
    """The untuned model's own greedy answers, with its distribution at each place."""

    tokens: int = 10
    kept_logits: int = 32
    batch: int = 48
    threads: int = 2
    bf16: bool = True
    rows: RowsConfig = RowsConfig()


@dataclass(frozen=True)
class TrainConfig:
    """Full fine-tuning, embeddings frozen."""

    # Longer rows cost most of the time; the template's 30 tokens count.
    max_tokens: int = 112
    answer_tokens: int = 16
    # The first answer tokens decide between an answer and a refusal.
    opening_tokens: int = 3
    opening_weight: float = 3.0
    probe_layers: tuple[int, ...] = (8, 12, 16, 20, 24)
    probe_weight: float = 0.3
    batch_rows: int = 32
    frozen_layers: int = 4
    learning_rate: float = 1e-4
    probe_learning_rate: float = 1e-3
    warmup: float = 0.04
    decay: float = 0.25
    weight_decay: float = 0.01
    threads: int = 2
    # Needs AVX-512 BF16 or AMX: elsewhere it is far slower than float32.
    bf16: bool = True
    checkpoint_steps: int = 100
    targets: TargetsConfig = TargetsConfig()
    seed: int = 42


@dataclass(frozen=True)
class PairsConfig:
    """Which rows the trained model is tried on, to find its mistakes; none of them was trained on or judges."""

    pool: tuple[tuple[str, str, str, int], ...] = (
        ("borderline_prompts", "alphasteer_borderline", "borderline", 900),
        ("guardreasoner_prompts", "guardreasoner_wildguard", "safe", 150),
        ("responses_safety", "safeunlearning_normal", "benign", 250),
        ("benign_chats", "llamafactory_dpo_demo", "benign", 200),
        ("harmful_prompts", "harmfulqa", "harmful", 250),
        ("guardreasoner_prompts", "guardreasoner_wildguard", "harmful", 80),
    )
    # Trained on, and tried again: one pass over them was not enough.
    again: tuple[str, ...] = ("coconot_pref",)
    mentions: int = 100
    ordinary: int = 500
    max_tokens: int = 80
    # An opening long enough for the rules to tell.
    opening_tokens: int = 5
    train: TrainConfig = TrainConfig()
    seed: int = 43


@dataclass(frozen=True)
class PreferConfig:
    """The mistakes again: the answer that was wanted must be likelier than the one that was given, by a margin."""

    margin: float = 2.0
    margin_weight: float = 0.1
    # Rows of the first training beside each mistake, and how many of those refuse: the mistakes are nearly all of one
    # kind, and without a counterweight refusals went from .90 to .33 on CatQA (margin 4, weight .3, replay 1, a third of it refusing).
    replay: float = 2.5
    replay_refuse: float = 0.65
    most_pairs: int = 700
    learning_rate: float = 2e-5
    batch_rows: int = 16
    pairs: PairsConfig = PairsConfig()
    seed: int = 44


@dataclass(frozen=True)
class FinalConfig:
    """Weights between the two trainings: 0 keeps the first, 1 takes the second. Chosen on held rows."""

    blend: float = 0.5
    prefer: PreferConfig = PreferConfig()
