"""The text encoder in PyTorch: MiniLM, mean and maximum over tokens, one linear head a task."""

from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import BertModel

from recipes.text_encoder.config import TASKS


class TextEncoder(nn.Module):
    """`forward(input_ids int64[batch, sequence], attention_mask same)` → for each of TASKS float32[batch, labels]: logits."""

    def __init__(self, base: BertModel) -> None:
        super().__init__()
        self.base = base
        self.dropout = nn.Dropout(0.1)
        self.heads = nn.ModuleDict({task: nn.Linear(base.config.hidden_size * 2, len(labels)) for task, labels in TASKS.items()})

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, ...]:
        states = self.base(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(states.dtype)
        mean = (states * mask).sum(1) / mask.sum(1).clamp(min=1)
        peak = (states - (1 - mask) * 1e4).amax(1)
        pooled = self.dropout(torch.cat([mean, peak], dim=-1))
        return tuple(head(pooled) for head in self.heads.values())


def fresh_model(folder: Path) -> TextEncoder:
    """The pretrained encoder with new heads."""
    base = BertModel.from_pretrained(folder, add_pooling_layer=False, attn_implementation="sdpa")
    return TextEncoder(base)
