"""Dense layers, normalizations and activations as nodes of an ONNX graph."""

from collections.abc import Callable

import keras
import numpy as np

from keras_mocogan.export.onnx_graphs.limits import array, require, require_last_axis
from keras_mocogan.export.onnx_graphs.values import GraphWriter, Value

_FUNCTIONS = {
    keras.activations.relu: "Relu",
    keras.activations.tanh: "Tanh",
    keras.activations.sigmoid: "Sigmoid",
    keras.activations.softplus: "Softplus",
    keras.activations.elu: "Elu",
}


def dense(graph: GraphWriter, layer: keras.layers.Layer, x: Value) -> Value:
    kernel = graph.constant(array(layer.kernel))
    shape = (*x.shape[:-1], layer.units)
    y = graph.node("MatMul", [graph.channels_last(x), kernel], shape)
    if layer.use_bias:
        y = graph.node("Add", [y, graph.constant(array(layer.bias))], shape)
    return activate(graph, layer.activation, y)


def batch_norm(graph: GraphWriter, layer: keras.layers.Layer, x: Value) -> Value:
    """`BatchNormalization` with the statistics that the layer has collected."""
    require_last_axis(layer, len(x.shape))
    x = graph.channels_first(x)
    ones = np.ones(x.shape[-1])
    gamma = array(layer.gamma) if layer.scale else ones
    beta = array(layer.beta) if layer.center else 0 * ones
    known = gamma, beta, array(layer.moving_mean), array(layer.moving_variance)
    values = [x, *map(graph.constant, known)]
    return graph.node(
        "BatchNormalization",
        values,
        x.shape,
        x.channels_first,
        epsilon=float(layer.epsilon),
    )


def group_norm(
    graph: GraphWriter,
    layer: keras.layers.Layer,
    x: Value,
    modulation: tuple[Value, Value] | None = None,
) -> Value:
    """Each group as one channel of an instance normalization, then the weights."""
    require_last_axis(layer, len(x.shape))
    x, channels = graph.channels_first(x), x.shape[-1]
    groups = channels if layer.groups == -1 else layer.groups
    rows = graph.reshape(x, (groups, -1))
    plain = graph.constant(np.ones(groups)), graph.constant(np.zeros(groups))
    rows = graph.node(
        "InstanceNormalization", [rows, *plain], rows.shape, epsilon=layer.epsilon
    )
    sizes = (channels, *x.shape[1:-1])
    y = graph.reshape(rows, sizes, shape=x.shape, channels_first=True)
    # All weights are joined first, while there is one number for a channel.
    scale, shift = (
        None if weight is None else graph.constant(array(weight)[None])
        for weight in (layer.gamma, layer.beta)
    )
    if modulation is not None:
        scale, shift = _modulated(graph, scale, shift, *modulation)
    for kind, weight in (("Mul", scale), ("Add", shift)):
        if weight is not None:
            weight = graph.reshape(weight, (channels, *[1] * len(sizes[1:])))
            y = graph.node(kind, [y, weight], x.shape, True)
    return y


def _modulated(graph, gamma, beta, scale, shift):
    """Scale and shift of `(x * gamma + beta) * (1 + scale) + shift`."""
    scale = graph.node("Add", [scale, graph.constant(1)], scale.shape)
    if beta is not None:
        moved = graph.node("Mul", [beta, scale], scale.shape)
        shift = graph.node("Add", [moved, shift], scale.shape)
    if gamma is not None:
        scale = graph.node("Mul", [gamma, scale], scale.shape)
    return scale, shift


def activate(graph: GraphWriter, function: Callable, x: Value) -> Value:
    """An activation, told by Keras' function."""
    if function is keras.activations.linear:
        return x
    if function is keras.activations.softmax:
        return _softmax_of(graph, x)
    if function is keras.activations.silu:
        gate = graph.node("Sigmoid", [x], x.shape, x.channels_first)
        return graph.node("Mul", [x, gate], x.shape, x.channels_first)
    if function not in _FUNCTIONS:
        known = [f.__name__ for f in _FUNCTIONS] + ["linear", "silu", "softmax"]
        raise ValueError(
            f"An activation must be one of {', '.join(known)} for an export to ONNX. "
            f"Received: {function!r}. Use `export_saved_model`."
        )
    return graph.node(_FUNCTIONS[function], [x], x.shape, x.channels_first)


def _softmax_of(graph, x):
    if not x.channels_first:
        return graph.node("Softmax", [x], x.shape, axis=-1)
    # onnxruntime turns the axes round for a `Softmax` over another than the last, which
    # took longer than any of G_I's convolutions.
    one = (*x.shape[:-1], 1)
    largest = graph.node("ReduceMax", [x], one, True, axes=[1], keepdims=1)
    x = graph.node("Sub", [x, largest], x.shape, True)
    x = graph.node("Exp", [x], x.shape, True)
    axes = graph.constant([1], "int64")
    total = graph.node("ReduceSum", [x, axes], one, True, keepdims=1)
    return graph.node("Div", [x, total], x.shape, True)


def activation(graph: GraphWriter, layer: keras.layers.Layer, x: Value) -> Value:
    return activate(graph, layer.activation, x)


def relu(graph: GraphWriter, layer: keras.layers.Layer, x: Value) -> Value:
    require(layer, max_value=None, threshold=0)
    if layer.negative_slope:
        return leaky_relu(graph, layer, x)
    return activate(graph, keras.activations.relu, x)


def leaky_relu(graph: GraphWriter, layer: keras.layers.Layer, x: Value) -> Value:
    slope = float(layer.negative_slope)
    return graph.node("LeakyRelu", [x], x.shape, x.channels_first, alpha=slope)


def unit_norm(graph: GraphWriter, layer: keras.layers.Layer, x: Value) -> Value:
    """Vectors of length 1; one of zeros stays."""
    require_last_axis(layer, len(x.shape))
    x = graph.channels_last(x)
    shape = (*x.shape[:-1], 1)
    length = graph.node("ReduceL2", [x], shape, axes=[-1], keepdims=1)
    length = graph.node("Max", [length, graph.constant(1e-12)], shape)
    return graph.node("Div", [x, length], x.shape)


def rescale(graph: GraphWriter, layer: keras.layers.Layer, x: Value) -> Value:
    x = graph.channels_last(x)
    scaled = graph.node("Mul", [x, graph.constant(layer.scale)], x.shape)
    return graph.node("Add", [scaled, graph.constant(layer.offset)], x.shape)


def center(graph: GraphWriter, layer: keras.layers.Layer, x: Value) -> Value:
    """`Centering` around the mean that the layer has collected."""
    mean = graph.constant(array(layer.moving_mean))
    return graph.node("Sub", [x, mean], x.shape)


def softmax(graph: GraphWriter, layer: keras.layers.Layer, x: Value) -> Value:
    require(layer, axis=-1)
    return _softmax_of(graph, x)
