"""Residuals of an exported graph for many prompts: cut behind the deepest layer, the template's opening read once."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from onnx import helper

from parapet_training.graph import needed, residual_tensor
from parapet_training.session import batches_of_equal_length, open_session

BATCH_TOKENS = 1536
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
        rows, length = ids.shape
        given = {name: np.ascontiguousarray(np.broadcast_to(value, (rows, *value.shape[1:]))) for name, value in past.items()}
        mask = np.ones((rows, offset + length), np.int64)
        return {"input_ids": ids.astype(np.int64), "attention_mask": mask, **given}

    def batches(self, prompts: list[list[int]]) -> Iterator[tuple[list[int], int, np.ndarray]]:
        """(indices, first position, float32[rows, layers, tokens, hidden]) of prompts of one length at a time."""
        size = len(self.opening)
        open_alike = [index for index, ids in enumerate(prompts) if ids[:size] == self.opening and len(ids) > size]
        known = set(open_alike)
        others = [index for index in range(len(prompts)) if index not in known]
        for group, start, past in ((open_alike, size, self.past), (others, 0, self.empty)):
            for batch in batches_of_equal_length([prompts[index][start:] for index in group], BATCH_TOKENS):
                indices = [group[place] for place in batch]
                ids = np.array([prompts[index][start:] for index in indices])
                yield indices, start, np.stack(self.session.run(self.taps, self.feeds(ids, past, start)), axis=1)
