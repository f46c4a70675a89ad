"""Convolutions of Keras and of this package as nodes of an ONNX graph."""

from typing import Any

import numpy as np

from keras_mocogan.export.onnx_graphs.layers import activate
from keras_mocogan.export.onnx_graphs.limits import array, require
from keras_mocogan.export.onnx_graphs.values import GraphWriter, Value
from keras_mocogan.layers.blur import BLUR_WEIGHTS
from keras_mocogan.layers.convolutions import same_padding


def convolution(graph: GraphWriter, layer: Any, x: Value) -> Value:
    """`Conv`, with the padding that TensorFlow calls "same" or "valid"."""
    require(layer, data_format="channels_last")
    windows = zip(layer.kernel_size, layer.dilation_rate, strict=True)
    windows = [(k - 1) * d + 1 for k, d in windows]
    pads = _pads(layer, x.shape[1:-1], windows)
    sizes = [
        (size + sum(pad) - window) // stride + 1
        for size, pad, window, stride in zip(
            x.shape[1:-1], pads, windows, layer.strides, strict=True
        )
    ]
    y = graph.node(
        "Conv",
        [graph.channels_first(x), *_weights(graph, layer)],
        (None, *sizes, layer.filters),
        True,
        strides=layer.strides,
        dilations=layer.dilation_rate,
        group=layer.groups,
        pads=as_onnx(pads),
    )
    return activate(graph, layer.activation, y)


def _pads(layer, sizes, windows):
    """Zeros before and after each axis, as TensorFlow counts them."""
    if getattr(layer, "pad", None) is not None:
        return [(w, w) for w in layer.pad]
    if layer.padding == "valid":
        return [(0, 0)] * len(sizes)
    require(layer, padding="same")
    return same_padding(sizes, windows, layer.strides)


def transposed(graph: GraphWriter, layer: Any, x: Value) -> Value:
    """`ConvTranspose` that enlarges each side by the stride."""
    require(
        layer,
        data_format="channels_last",
        padding="same",
        output_padding=None,
        dilation_rate=(1, 1),
    )
    cut = [k - s for k, s in zip(layer.kernel_size, layer.strides, strict=True)]
    if min(cut) < 0:
        require(layer, strides=layer.kernel_size)
    sizes = [n * s for n, s in zip(x.shape[1:-1], layer.strides, strict=True)]
    y = graph.node(
        "ConvTranspose",
        [graph.channels_first(x), *_weights(graph, layer)],
        (None, *sizes, layer.filters),
        True,
        strides=layer.strides,
        pads=as_onnx([(n // 2, n - n // 2) for n in cut]),
    )
    return activate(graph, layer.activation, y)


def blur(graph: GraphWriter, layer: Any, x: Value) -> Value:
    """`Conv` with a kernel for each channel, all the same."""
    channels = x.shape[-1]
    kernel = np.broadcast_to(BLUR_WEIGHTS, (channels, 1, *BLUR_WEIGHTS.shape))
    values = [graph.channels_first(x), graph.constant(kernel)]
    pads = as_onnx([(1, 1), (1, 1)])
    return graph.node("Conv", values, x.shape, True, pads=pads, group=channels)


def _weights(graph, layer):
    *window, inputs, outputs = range(len(layer.kernel.shape))
    weights = [graph.constant(array(layer.kernel).transpose(outputs, inputs, *window))]
    if layer.use_bias:
        weights.append(graph.constant(array(layer.bias)))
    return weights


def as_onnx(pads: list[tuple[int, int]]) -> list[int]:
    """The zeros in ONNX's order: those before all axes first."""
    return [before for before, _ in pads] + [after for _, after in pads]
