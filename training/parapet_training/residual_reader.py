"""Residuals of an exported graph for many prompts: cut behind the deepest layer, the template's opening read once."""

from pathlib import Path

import numpy as np
import onnx
from onnx import helper

from parapet_training.graph import needed, residual_tensor
from parapet_training.session import open_session

KV_HEADS, HEAD_SIZE = 3, 64


def cut_with_cache(path: Path, layers: list[int]) -> bytes:
    """The graph that ends at the residuals before `layers`, with the keys and values of the blocks that stay."""
    model = onnx.load(path)
    names = [residual_tensor(model, layer) for layer in layers]
    nodes, wanted = needed(model, names)
    made = {name for node in nodes for name in node.output}
    values = [value for value in model.graph.output if value.name in made]
    outputs = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in names]
    graph = helper.make_graph(
        nodes,
        "taps",
        [value for value in model.graph.input if value.name in wanted],
        [*outputs, *values],
        [tensor for tensor in model.graph.initializer if tensor.name in wanted],
    )
    return helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version).SerializeToString()


class ResidualReader:
    """Passes of prompts that open with the same tokens."""

    def __init__(self, model: Path, layers: list[int], opening: list[int], threads: int) -> None:
        self.layers = layers
        self.session = open_session(cut_with_cache(model, layers), threads)
        inputs = self.session.get_inputs()
        self.past_names = [entry.name for entry in inputs if entry.name.startswith("past_key_values.")]
        self.empty = {name: np.zeros((1, KV_HEADS, 0, HEAD_SIZE), np.float32) for name in self.past_names}
        self.taps = [entry.name for entry in self.session.get_outputs()][: len(layers)]
        self.opening = opening
        presents = [name.replace("past_key_values.", "present.") for name in self.past_names]
        results = self.session.run(presents, self.feeds(np.array([opening]), self.empty, 0))
        self.past = dict(zip(self.past_names, results, strict=True))

    def feeds(self, ids: np.ndarray, past: dict[str, np.ndarray], offset: int) -> dict[str, np.ndarray]:
        mask = np.ones((1, offset + ids.shape[1]), np.int64)
        return {"input_ids": ids.astype(np.int64), "attention_mask": mask, **past}

    def read(self, prompt: list[int]) -> tuple[int, np.ndarray]:
        """The first position that was read and float32[layers, tokens, hidden] from there: what opens alike is not read again.

        One prompt a pass: the attention takes a past for a batch of one alone.
        """
        size = len(self.opening)
        alike = prompt[:size] == self.opening and len(prompt) > size
        start, past = (size, self.past) if alike else (0, self.empty)
        results = self.session.run(self.taps, self.feeds(np.array([prompt[start:]]), past, start))
        return start, np.stack([result[0] for result in results])
