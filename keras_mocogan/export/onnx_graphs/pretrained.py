"""`PretrainedFeatures` as nodes of an ONNX graph."""

from typing import Any

from keras_mocogan.export.onnx_graphs.convolutions import as_onnx
from keras_mocogan.export.onnx_graphs.limits import array
from keras_mocogan.export.onnx_graphs.values import GraphWriter, Value
from keras_mocogan.layers.convolutions import same_padding
from keras_mocogan.layers.pretrained_features import walk


def pretrained_features(graph: GraphWriter, layer: Any, x: Value) -> list[Value]:
    """The maps of features, fine to coarse."""
    x = _enlarge(graph, layer, _as_rgb(graph, x))
    lowest, highest = graph.constant(0), graph.constant(6)

    def convolve(x, name, stride):
        kernel, bias = map(array, layer.convolutions[name])
        depthwise = name.endswith("depthwise")
        outputs, group = len(bias), len(bias) if depthwise else 1
        order = (2, 3, 0, 1) if depthwise else (3, 2, 0, 1)
        weights = graph.constant(kernel.transpose(order)), graph.constant(bias)
        sides = x.shape[1:-1]
        return graph.node(
            "Conv",
            [x, *weights],
            (None, *(-(-side // stride) for side in sides), outputs),
            True,
            strides=[stride] * 2,
            pads=as_onnx(same_padding(sides, kernel.shape[:2], [stride] * 2)),
            group=group,
        )

    def activate(x):
        return graph.node("Clip", [x, lowest, highest], x.shape, True)

    def add(x, y):
        return graph.node("Add", [x, y], x.shape, True)

    def mix(x, mixture):
        shape = (*x.shape[:-1], layer.units)
        kernel = graph.constant(array(mixture))
        return graph.node("MatMul", [graph.channels_last(x), kernel], shape)

    found = walk(x, convolve, activate, add)
    return [mix(x, mixture) for x, mixture in zip(found, layer.mixtures, strict=True)]


def _as_rgb(graph, x):
    x = graph.channels_first(x)
    if x.shape[-1] == 3:
        return x
    repeats = graph.constant([1, 3, 1, 1], "int64")
    return graph.node("Tile", [x, repeats], (*x.shape[:-1], 3), True)


def _enlarge(graph, layer, x):
    factor = layer.enlargement(x.shape)
    if factor == 1:
        return x
    height, width = (factor * side for side in x.shape[1:3])
    values = [x, graph.absent, graph.constant([1, 1, factor, factor])]
    return graph.node(
        "Resize",
        values,
        (None, height, width, x.shape[-1]),
        True,
        mode="linear",
        coordinate_transformation_mode="half_pixel",
    )
