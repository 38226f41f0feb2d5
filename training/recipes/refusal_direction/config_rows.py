"""Which texts the readings are fitted on and judged by."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RowsConfig:
    """What is read, (file, source, label, most). A text stands once; longer than `max_tokens` is left out."""

    plain: tuple[tuple[str, str, str, int], ...] = (
        # The twins first: a request that stands elsewhere too must stay with its twin.
        ("twin_prompts", "twins", "harmful", 447),
        ("twin_prompts", "twins", "harmless", 447),
        ("harmful_prompts", "arditi_harmful_train", "harmful", 80),
        ("harmful_prompts", "harmfulqa", "harmful", 110),
        ("harmful_prompts", "alphasteer_harmful", "harmful", 100),
        ("harmful_prompts", "catqa_english", "harmful", 170),
        ("harmful_and_borderline_prompts", "forbidden_questions", "harmful", 130),
        ("harmful_and_borderline_prompts", "synthetic_refusal_prompts", "harmful", 130),
        ("salad_questions", "salad_rebuttal", "harmful", 140),
        ("salad_questions", "salad_defense_set", "harmful", 60),
        ("guardreasoner_prompts", "guardreasoner_wildguard", "harmful", 200),
        ("guardreasoner_prompts", "guardreasoner_aegis", "harmful", 60),
        ("jailbreaks", "alphasteer_jailbreak", "jailbreak", 120),
        ("borderline_prompts", "alphasteer_borderline", "borderline", 1500),
        ("harmful_and_borderline_prompts", "synthetic_refusal_prompts", "borderline", 230),
        ("harmful_and_borderline_prompts", "synthetic_refusal_prompts", "benign", 280),
        ("guardreasoner_prompts", "guardreasoner_wildguard", "safe", 260),
        ("guardreasoner_prompts", "guardreasoner_aegis", "safe", 80),
        ("roleplay_benign", "awesome_chatgpt_prompts", "benign", 80),
        ("benign_prompts", "t0_train", "benign", 50),
        ("benign_prompts", "banking77", "benign", 180),
        ("benign_prompts", "clinc150", "benign", 330),
        ("benign_prompts", "gsm8k", "benign", 80),
        ("benign_chats", "oasst_sampling_reports", "benign", 230),
        ("benign_chats", "oasst_trees", "benign", 140),
        ("benign_chats", "dolly_subset", "benign", 80),
        ("benign_docs_and_emails", "dolly_context", "benign", 30),
        ("benign_docs_and_emails", "cnn_dailymail_sample", "benign", 20),
        ("benign_docs_and_emails", "email_agent_inbox", "benign", 25),
        ("benign_dialogues_docs", "taskmaster", "benign", 60),
        ("benign_dialogues_docs", "sgd_tool_results", "benign", 40),
        ("injecagent", "injecagent_clean", "benign", 40),
        ("benign_files_and_messages", "uci_sms_spam", "benign", 140),
        ("oasst_messages", "oasst_messages", "benign", 40),
    )
    max_tokens: int = 120
    # A jailbreak out of the wild around a request; both halves of a class are of the same wrappers.
    wrapped: int = 280
    wrapper_characters: int = 450
    # A long document, with a request in it or without.
    documents: tuple[tuple[str, str], ...] = (
        ("benign_prompts", "t0_train"),
        ("benign_docs_and_emails", "cnn_dailymail_sample"),
        ("benign_docs_and_emails", "xsum_sample"),
        ("benign_docs_and_emails", "wiki_demo"),
        ("benign_dialogues_docs", "c4_demo"),
        ("benign_dialogues_docs", "sgd_dialogues"),
        ("benign_dialogues_docs", "tau_bench_tool_results"),
        ("benign_chats", "oasst_trees"),
        ("benign_files_and_messages", "pallets/flask"),
        ("benign_files_and_messages", "LAION-AI/Open-Assistant"),
    )
    document_rows: int = 4
    document_tokens: tuple[int, int] = (200, 700)
    composed_documents: int = 60
    wild: int = 12
    # A conversation before the request: turns of chats and of service dialogues.
    conversations: int = 90
    layers: tuple[int, ...] = (8, 10, 12, 14, 16, 17)
    # Tokens behind the last of the instruction: 0 is that token itself, 1 to 6 the template's tail.
    tail: tuple[int, ...] = (0, 1, 4, 5, 6)
    token_layer: int = 16
    seed: int = 42


# The requests of these are put into wrappers, documents and conversations; each lies in one fold, with what was composed of it.
HARMFUL_REQUESTS = ("arditi_harmful_train", "harmfulqa", "alphasteer_harmful", "catqa_english", "forbidden_questions", "salad_rebuttal")
HARMLESS_REQUESTS = ("alphasteer_borderline", "oasst_sampling_reports", "clinc150", "dolly_subset", "synthetic_refusal_prompts")

# A source lies in one fold whole. Twins are spread by pair and borderline prompts by hash of the text, since each is the only
# source of its kind: a fit that never sees them learns the wording of AdvBench instead of intent.
FOLDS: tuple[tuple[str, ...], ...] = (
    ("alphasteer_harmful", "salad_rebuttal", "salad_defense_set", "t0_train", "dolly_context", "clinc150", "document 0"),
    ("harmfulqa", "guardreasoner_aegis", "banking77", "oasst_sampling_reports", "taskmaster", "cnn_dailymail_sample", "sgd_tool_results"),
    ("catqa_english", "alphasteer_jailbreak", "gsm8k", "awesome_chatgpt_prompts", "oasst_messages", "email_agent_inbox", "wild"),
    ("guardreasoner_wildguard", "arditi_harmful_train", "dolly_subset", "uci_sms_spam", "injecagent_clean"),
    ("synthetic", "forbidden_questions", "oasst_trees", "document 1"),
)
