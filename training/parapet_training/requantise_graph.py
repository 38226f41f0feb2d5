"""Put weights of our own quantisation into the builder's graph."""

import numpy as np
import onnx
from onnx import numpy_helper

from parapet_training.block_quantise import QuantisedBlocks


def replace_weights(model: onnx.ModelProto, weights: dict[str, QuantisedBlocks]) -> None:
    """Edit `model` in place: every MatMulNBits gets its packed weights, scales and zero points from `weights`.

    The builder shares symmetric weights with the embedding and asymmetric ones not: so the graph is built
    symmetric and the zero points are added here, to the head and to the embedding that reads the same tensor.
    """
    initialisers = {tensor.name: tensor for tensor in model.graph.initializer}
    zero_points: dict[str, str] = {}
    for node in model.graph.node:
        if node.op_type != "MatMulNBits":
            continue
        blocks = weights[node.input[1]]
        for index, array in ((1, blocks.packed), (2, blocks.scales)):
            tensor = initialisers[node.input[index]]
            tensor.CopyFrom(numpy_helper.from_array(array.reshape(list(tensor.dims)), tensor.name))
        name = node.input[1].replace("weight_Q4", "weight_zp")
        flat = len(initialisers[node.input[2]].dims) == 1
        zeros = blocks.zero_points.reshape(-1) if flat else blocks.zero_points
        model.graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(zeros), name))
        node.input.append(name)
        zero_points[node.input[1]] = name
    embedding = next(node for node in model.graph.node if node.op_type == "GatherBlockQuantized")
    reshape = next(node for node in model.graph.node if embedding.input[0] in node.output)
    embedding.input.append(zero_points[reshape.input[0]])


def shorten_rotary_tables(model: onnx.ModelProto, positions: int) -> None:
    """Keep the first `positions` rows of the cosine and sine tables: nothing changes for texts up to that length."""
    for tensor in model.graph.initializer:
        if tensor.name in ("cos_cache", "sin_cache"):
            table = numpy_helper.to_array(tensor)
            if len(table) < positions:
                raise ValueError(f"{tensor.name} has {len(table)} positions, fewer than {positions}")
            tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(table[:positions]), tensor.name))
