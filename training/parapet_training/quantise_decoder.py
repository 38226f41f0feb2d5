"""GPTQ over a whole Llama: block by block, each on the activations that the quantised blocks before it give."""

import torch
from torch import nn
from transformers import LlamaForCausalLM

from parapet_training.block_quantise import QuantisedBlocks
from parapet_training.gptq import gptq

GROUPS = (
    ("qkv_proj", "attn", ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj")),
    ("o_proj", "attn", ("self_attn.o_proj",)),
    ("gate_proj", "mlp", ("mlp.gate_proj",)),
    ("up_proj", "mlp", ("mlp.up_proj",)),
    ("down_proj", "mlp", ("mlp.down_proj",)),
)


class Moments:
    """Second moments of the inputs of named linear layers, summed while hooks are on."""

    def __init__(self, modules: dict[str, nn.Module]) -> None:
        self.sums: dict[str, torch.Tensor] = {}
        self.handles = [module.register_forward_pre_hook(self.hook(name)) for name, module in modules.items()]

    def hook(self, name: str):
        def add(_module: nn.Module, args: tuple[torch.Tensor, ...]) -> None:
            flat = args[0].reshape(-1, args[0].shape[-1]).float()
            # The attention sink's norm is thousands of times the others': weigh every position alike.
            flat = flat / flat.norm(dim=-1, keepdim=True).clamp(min=1e-6)
            moment = flat.T @ flat
            self.sums[name] = self.sums[name] + moment if name in self.sums else moment

        return add

    def close(self) -> None:
        for handle in self.handles:
            handle.remove()


@torch.no_grad()
def quantise_decoder(model: LlamaForCausalLM, rows: list[list[int]]) -> dict[str, QuantisedBlocks]:
    """Quantised weights by the builder's initialiser name. `rows` are the calibration tokens; `model` is changed."""
    result: dict[str, QuantisedBlocks] = {}
    embedding = model.model.embed_tokens.weight.detach().clone()
    hidden = [model.model.embed_tokens(torch.tensor([row])) for row in rows]
    rotary = [model.model.rotary_emb(state, torch.arange(state.shape[1])[None]) for state in hidden]

    def run(layer: nn.Module) -> list[torch.Tensor]:
        out = []
        for state, position in zip(hidden, rotary, strict=True):
            value = layer(state, position_embeddings=position, attention_mask=None)
            out.append(value[0] if isinstance(value, tuple) else value)
        return out

    for index, layer in enumerate(model.model.layers):
        first = {name: layer.get_submodule(parts[0]) for name, _, parts in GROUPS}
        moments = Moments(first)
        run(layer)
        moments.close()
        for name, block, parts in GROUPS:
            modules = [layer.get_submodule(part) for part in parts]
            weight = torch.cat([module.weight for module in modules])
            quantised = gptq(weight, moments.sums[name])
            result[f"model.layers.{index}.{block}.{name}.MatMul.weight_Q4"] = quantised
            restored = torch.from_numpy(quantised.dequantise())
            for module, piece in zip(modules, restored.split([m.weight.shape[0] for m in modules]), strict=True):
                module.weight.copy_(piece)
        hidden = run(layer)
    # The embedding is read row by row and, as the head, multiplied with the final states: weigh both uses.
    states = torch.cat([model.model.norm(state).reshape(-1, state.shape[-1]) for state in hidden])
    states = states / states.norm(dim=-1, keepdim=True)
    moment = states.T @ states
    moment = moment / moment.diagonal().mean() + torch.eye(len(moment))
    result["lm_head.MatMul.weight_Q4"] = gptq(embedding, moment)
    return result
