"""The text encoder in PyTorch: MiniLM, mean and maximum over tokens, two linear heads."""

from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import BertModel

from recipes.text_encoder.config import SENTIMENT, TOXICITY


class TextEncoder(nn.Module):
    """`forward(input_ids int64[batch, sequence], attention_mask same)` → toxicity float32[batch, labels], sentiment float32[batch, 3]: logits."""

    def __init__(self, base: BertModel) -> None:
        super().__init__()
        self.base = base
        width = base.config.hidden_size * 2
        self.dropout = nn.Dropout(0.1)
        self.toxicity = nn.Linear(width, len(TOXICITY))
        self.sentiment = nn.Linear(width, len(SENTIMENT))

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        states = self.base(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(states.dtype)
        mean = (states * mask).sum(1) / mask.sum(1).clamp(min=1)
        peak = (states - (1 - mask) * 1e4).amax(1)
        pooled = self.dropout(torch.cat([mean, peak], dim=-1))
        return self.toxicity(pooled), self.sentiment(pooled)


def fresh_model(folder: Path) -> TextEncoder:
    """The pretrained encoder with new heads."""
    base = BertModel.from_pretrained(folder, add_pooling_layer=False, attn_implementation="sdpa")
    return TextEncoder(base)
