"""Shapes and arithmetic as nodes of an ONNX graph."""

import math
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from keras_mocogan.export.onnx_graphs.limits import require, require_last_axis
from keras_mocogan.export.onnx_graphs.values import GraphWriter, Value


def reshape(graph: GraphWriter, layer: Any, x: Value) -> Value:
    shape = layer.compute_output_shape(x.shape)[1:]
    return graph.reshape(graph.channels_last(x), tuple(shape))


def regroup(graph: GraphWriter, op: Any, x: Value) -> Value:
    """`Reshape` with the shape of Keras' operation, which may change the batch."""
    sizes = op.newshape
    target = graph.constant(sizes, "int64")
    shape = (None, *op.compute_output_spec(_symbol(x)).shape[1:])
    return graph.node("Reshape", [graph.channels_last(x), target], shape)


def mean(graph: GraphWriter, op: Any, x: Value) -> Value:
    """`Mean` over the axes of Keras' operation."""
    axes = op.axis if isinstance(op.axis, list | tuple) else [op.axis]
    shape = op.compute_output_spec(_symbol(x)).shape
    x, keep = graph.channels_last(x), int(op.keepdims)
    return graph.node("ReduceMean", [x], shape, axes=list(axes), keepdims=keep)


def tile(graph: GraphWriter, op: Any, x: Value) -> Value:
    """`Tile` with the repeats of Keras' operation."""
    shape = (None, *op.compute_output_spec(_symbol(x)).shape[1:])
    repeats = graph.constant(op.repeats, "int64")
    return graph.node("Tile", [graph.channels_last(x), repeats], shape)


def absolute(graph: GraphWriter, op: Any, x: Value) -> Value:
    return graph.node("Abs", [x], x.shape, x.channels_first)


def _symbol(x):
    return keras.KerasTensor(x.shape, "float32")


def flatten(graph: GraphWriter, layer: Any, x: Value) -> Value:
    require(layer, data_format="channels_last")
    return graph.reshape(graph.channels_last(x), (math.prod(x.shape[1:]),))


def permute(graph: GraphWriter, layer: Any, x: Value) -> Value:
    order = [0, *layer.dims]
    shape = [x.shape[axis] for axis in order]
    return graph.node("Transpose", [graph.channels_last(x)], shape, perm=order)


def global_mean(graph: GraphWriter, layer: Any, x: Value) -> Value:
    """The mean over all axes but the batch and the channels."""
    require(layer, data_format="channels_last", keepdims=False)
    axes = list(range(1, len(x.shape) - 1))
    shape, x = (None, x.shape[-1]), graph.channels_last(x)
    return graph.node("ReduceMean", [x], shape, axes=axes, keepdims=0)


def concatenate(graph: GraphWriter, layer: Any, values: list[Value]) -> Value:
    require_last_axis(layer, len(values[0].shape))
    values = [graph.channels_last(value) for value in values]
    size = sum(value.shape[-1] for value in values)
    return graph.node("Concat", values, (*values[0].shape[:-1], size), axis=-1)


def join(graph: GraphWriter, op: Any, values: list[Value]) -> Value:
    """`Concat` over the axis of Keras' operation."""
    symbols = [_symbol(value) for value in values]
    shape = (None, *op.compute_output_spec(symbols).shape[1:])
    values = [graph.channels_last(value) for value in values]
    return graph.node("Concat", values, shape, axis=op.axis)


def same(graph: GraphWriter, layer: Any, x: Value) -> Value:
    return x


def cut(graph: GraphWriter, op: Any, x: Value, key: Any) -> Value:
    """Slices, and new axes, which NumPy writes as None."""
    x, shape, bounds, new, axis = graph.channels_last(x), [], [], [], 0
    for place, part in enumerate(_written_out(key, len(x.shape))):
        if part is None:
            new.append(place)
            shape.append(1)
            continue
        _check_slice(part, x.shape[axis])
        if part != slice(None):
            start, stop, _ = part.indices(x.shape[axis])
            bounds.append((start, stop, axis))
            shape.append(stop - start)
        else:
            shape.append(x.shape[axis])
        axis += 1
    shape += x.shape[axis:]
    if bounds:
        columns = [graph.constant(c, "int64") for c in zip(*bounds, strict=True)]
        x = graph.node("Slice", [x, *columns], shape)
    if new:
        x = graph.node("Unsqueeze", [x, graph.constant(new, "int64")], shape)
    return x


def _written_out(key, rank):
    """A key as a tuple, with whole slices in place of an ellipsis."""
    parts = list(key) if isinstance(key, tuple) else [key]
    if Ellipsis in parts:
        place, used = parts.index(Ellipsis), sum(part is not None for part in parts) - 1
        parts[place : place + 1] = [slice(None)] * (rank - used)
    return tuple(parts)


def _check_slice(part, size):
    whole = part == slice(None)
    if not whole and (
        size is None or not isinstance(part, slice) or part.step not in (None, 1)
    ):
        raise ValueError(
            "A slice must keep neighbors, and all of the batch, for an export to ONNX. "
            f"Received: {part!r}. Use `export_saved_model`."
        )


def arithmetic(kind: str) -> Callable:
    """A function that writes an operation of two tensors, one may be a number."""

    def write(graph, op, one, other):
        values = [_as_value(graph, given) for given in (one, other)]
        if any(value.channels_first for value in values):
            ranks = {len(value.shape) for value in values}
            alike = len(ranks - {0}) == 1
            turn = graph.channels_first if alike else graph.channels_last
            values = [turn(value) if value.shape else value for value in values]
        shape = _broadcast(*(value.shape for value in values))
        first = any(value.channels_first for value in values)
        return graph.node(kind, values, shape, first)

    return write


def _as_value(graph, given):
    return given if isinstance(given, Value) else graph.constant(given)


def _broadcast(*shapes):
    sizes = [[1 if s is None else s for s in shape] for shape in shapes]
    shape = np.broadcast_shapes(*map(tuple, sizes))
    return (None, *shape[1:])


def einsum(graph: GraphWriter, op: Any, *values: Value) -> Value:
    """`Einsum` with the subscripts of Keras' operation."""
    if op.subscripts == "nhwk,nkc->nhwc" and values[0].channels_first:
        return _paint(graph, *values)
    terms, out = op.subscripts.split("->")
    terms = terms.split(",")
    sizes = {
        letter: size
        for term, value in zip(terms, values, strict=True)
        for letter, size in zip(term, value.shape, strict=True)
    }
    terms = [
        term[0] + term[-1] + term[1:-1] if value.channels_first else term
        for term, value in zip(terms, values, strict=True)
    ]
    shape = tuple(sizes[letter] for letter in out)
    equation = f"{','.join(terms)}->{out}"
    return graph.node("Einsum", list(values), shape, equation=equation)


def _paint(graph, shares, colors):
    """Colors of pixels, as the matrix product that they are: `Einsum` takes longer."""
    (_, height, width, size), channels = shares.shape, colors.shape[-1]
    rows = graph.reshape(shares, (size, -1))
    turned = (None, channels, size)
    colors = graph.node("Transpose", [colors], turned, perm=[0, 2, 1])
    frame = graph.node("MatMul", [colors, rows], (None, channels, height * width))
    shape = (None, height, width, channels)
    return graph.reshape(frame, (channels, height, width), shape, True)
