"""Reading residuals out of an exported graph: tap named tensors, cut away what they do not need."""

from pathlib import Path

import onnx
from onnx import helper

SITE = "blocks.{layer}.hook_resid_pre"


def site_name(layer: int) -> str:
    """The spelling of the residual that enters block `layer` in files and manifests."""
    return SITE.format(layer=layer)


def site_tensor(layer: int) -> str:
    """The builder's tensor name of the residual that enters block `layer` (1 or later)."""
    if layer < 1:
        raise ValueError("the residual before block 0 is the embedding: its tensor has another name")
    return f"/model/layers.{layer}/input_layernorm/SkipLayerNorm/output_3"


def actual_tensor(model: onnx.ModelProto, layer: int) -> str:
    """The tensor of `site_tensor`, under the name this builder version gave it."""
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
    names = {layer: actual_tensor(model, layer) for layer in layers}
    nodes, wanted = needed(model, list(names.values()))
    inputs = [value for value in model.graph.input if value.name in wanted]
    initialisers = [tensor for tensor in model.graph.initializer if tensor.name in wanted]
    outputs = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in names.values()]
    graph = helper.make_graph(nodes, "taps", inputs, outputs, initialisers)
    cut = helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)
    return cut.SerializeToString()
