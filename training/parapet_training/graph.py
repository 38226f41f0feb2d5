"""Reading residuals out of an exported graph: tap named tensors, cut away what they do not need."""

from pathlib import Path

import onnx
from onnx import helper

SITE = "blocks.{layer}.hook_resid_pre"


def site_name(layer: int) -> str:
    """The spelling of the residual that enters block `layer` in files and manifests."""
    return SITE.format(layer=layer)


def residual_tensor(model: onnx.ModelProto, layer: int) -> str:
    """The tensor that holds the residual entering block `layer` (1 or later). Raises ValueError where there is none."""
    for node in model.graph.node:
        if node.op_type == "SkipSimplifiedLayerNormalization" and node.name.startswith(
            f"/model/layers.{layer}/input_layernorm/"
        ):
            return node.output[3]
    raise ValueError(f"no residual site at layer {layer}")


def needed(model: onnx.ModelProto, outputs: list[str]) -> tuple[list[onnx.NodeProto], set[str]]:
    """The nodes that `outputs` depend on, in graph order, and every tensor name those nodes read."""
    producer = {name: node for node in model.graph.node for name in node.output if name}
    wanted, stack, keep = set(), list(outputs), set()
    while stack:
        name = stack.pop()
        if name in wanted or not name:
            continue
        wanted.add(name)
        node = producer.get(name)
        if node is not None and id(node) not in keep:
            keep.add(id(node))
            stack.extend(node.input)
    return [node for node in model.graph.node if id(node) in keep], wanted


def truncated(path: Path, layers: list[int]) -> bytes:
    """The graph's bytes with the residuals before `layers` as its only outputs (`resid_L`, float32[batch, sequence, hidden])."""
    model = onnx.load(path)
    names = {layer: residual_tensor(model, layer) for layer in layers}
    nodes, wanted = needed(model, list(names.values()))
    inputs = [value for value in model.graph.input if value.name in wanted]
    initialisers = [tensor for tensor in model.graph.initializer if tensor.name in wanted]
    outputs = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in names.values()]
    graph = helper.make_graph(nodes, "taps", inputs, outputs, initialisers)
    cut = helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)
    return cut.SerializeToString()


def last_logits(model_path: str) -> bytes:
    """The whole graph with the head computed at the last position only, as generation runs it."""
    model = onnx.load(model_path)
    head = next(node for node in model.graph.node if "logits" in node.output)
    last, whole = "last_position", head.input[0]
    index = helper.make_tensor("last_index", onnx.TensorProto.INT64, [1], [-1])
    model.graph.initializer.append(index)
    gather = helper.make_node("Gather", [whole, "last_index"], [last], axis=1, name="last_only")
    head.input[0] = last
    position = list(model.graph.node).index(head)
    model.graph.node.insert(position, gather)
    return model.SerializeToString()
