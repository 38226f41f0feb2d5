import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper

from parapet_training.graph import residual_tensor, site_name, truncated


def tiny_decoder(path, layers=3, hidden=8):
    """Layers of x + Wx with the builder's names, enough to be tapped and cut."""
    generator = np.random.default_rng(0)
    nodes, weights = [], []
    weights.append(numpy_helper.from_array(generator.normal(size=(20, hidden)).astype(np.float32), "embed"))
    weights.append(numpy_helper.from_array(np.ones(hidden, dtype=np.float32), "gain"))
    nodes.append(helper.make_node("Gather", ["embed", "input_ids"], ["h0"]))
    nodes.append(helper.make_node("SimplifiedLayerNormalization", ["h0", "gain"], ["n0"], name="/model/layers.0/input_layernorm/LayerNorm"))
    for layer in range(layers):
        weights.append(numpy_helper.from_array(generator.normal(size=(hidden, hidden)).astype(np.float32), f"w{layer}"))
        nodes.append(helper.make_node("MatMul", [f"n{layer}", f"w{layer}"], [f"m{layer}"]))
        name = f"/model/layers.{layer + 1}/input_layernorm/SkipLayerNorm"
        node = helper.make_node(
            "SkipSimplifiedLayerNormalization",
            [f"h{layer}", f"m{layer}", "gain"],
            [f"n{layer + 1}", "", "", f"h{layer + 1}"],
            name=name,
            domain="com.microsoft",
        )
        nodes.append(node)
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "sequence"])],
        [helper.make_tensor_value_info(f"h{layers}", TensorProto.FLOAT, None)],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)], ir_version=10)
    onnx.save(model, path)
    return model


def run(model_bytes, ids):
    return ort.InferenceSession(model_bytes, providers=["CPUExecutionProvider"]).run(None, {"input_ids": ids})


def test_a_truncated_graph_gives_the_residuals_of_the_whole_one(tmp_path):
    path = tmp_path / "model.onnx"
    whole = tiny_decoder(path)
    for layer in (1, 2):
        whole.graph.output.append(helper.make_tensor_value_info(f"h{layer}", TensorProto.FLOAT, None))
    ids = np.array([[3, 1, 4, 1, 5]])

    expected = dict(zip(["h3", "h1", "h2"], run(whole.SerializeToString(), ids), strict=True))
    first, second = run(truncated(path, [1, 2]), ids)

    np.testing.assert_array_equal(first, expected["h1"])
    np.testing.assert_array_equal(second, expected["h2"])


def test_a_truncated_graph_carries_no_weights_behind_the_tap(tmp_path):
    path = tmp_path / "model.onnx"
    tiny_decoder(path)

    cut = onnx.load_from_string(truncated(path, [1]))

    assert {tensor.name for tensor in cut.graph.initializer} == {"embed", "gain", "w0"}


def test_an_unknown_layer_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="layer 9"):
        residual_tensor(tiny_decoder(tmp_path / "model.onnx"), 9)


def test_sites_are_spelled_as_in_manifests():
    assert site_name(12) == "blocks.12.hook_resid_pre"
