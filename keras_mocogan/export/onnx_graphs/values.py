"""The nodes of an ONNX graph that is being written, and the values between them.

Values are told by their shapes with channels last, as in Keras. ONNX's convolutions
want channels first, so frames and clips may lie that way in the graph; they are turned
round only where a node needs it.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

OPSET = 17
# What ONNX calls the version of its file format: the one that came with the opset, so
# that runtimes as old as it read the file.
_IR_VERSION = 8


@dataclasses.dataclass(frozen=True)
class Value:
    """A tensor of the graph.

    Attributes:
        name: Its name in the graph.
        shape: Its shape, channels last; None stands for any size.
        channels_first: Whether the graph holds it with channels first.
    """

    name: str
    shape: tuple[int | None, ...]
    channels_first: bool = False


class GraphWriter:
    """Collects the nodes and weights of one graph.

    Args:
        name: Name of the graph.
    """

    # An optional input of a node that is left out.
    absent = Value("", ())

    def __init__(self, name: str) -> None:
        self.name = name
        self._inputs, self._outputs = [], []
        self._nodes, self._weights = [], []

    def input(self, name: str, *sizes: int | None) -> Value:
        """An input of float32, `(batch, *sizes)`."""
        self._inputs.append(_described(name, (None, *sizes)))
        return Value(name, (None, *sizes))

    def output(self, name: str, value: Value) -> None:
        """Names a value as an output of the graph, channels last."""
        value = self.channels_last(value)
        self._add("Identity", [value.name], [name])
        self._outputs.append(_described(name, value.shape))

    def constant(self, array: Any, dtype: str = "float32") -> Value:
        """A weight or another number that the graph brings along."""
        from onnx import numpy_helper

        array = np.ascontiguousarray(np.asarray(array).astype(dtype))
        name = f"constant_{len(self._weights)}"
        self._weights.append(numpy_helper.from_array(array, name))
        return Value(name, array.shape)

    def node(
        self,
        kind: str,
        values: list[Value],
        shape: tuple[int | None, ...],
        channels_first: bool = False,
        **attributes: Any,
    ) -> Value:
        """Adds a node with one output.

        Args:
            kind: ONNX's name of the operation.
            values: Its inputs, as they lie in the graph.
            shape: Shape of its output, channels last.
            channels_first: Whether the output lies with channels first.
            **attributes: Those of the operation.
        """
        name = f"{kind.lower()}_{len(self._nodes)}"
        self._add(kind, [v.name for v in values], [name], **attributes)
        return Value(name, tuple(shape), channels_first)

    def channels_last(self, value: Value) -> Value:
        """The same value with channels last."""
        if not value.channels_first:
            return value
        perm = [0, *range(2, len(value.shape)), 1]
        return self.node("Transpose", [value], value.shape, perm=perm)

    def channels_first(self, value: Value) -> Value:
        """The same value with channels first; rows `(batch, channels)` stay."""
        rank = len(value.shape)
        if value.channels_first or rank < 3:
            return value
        perm = [0, rank - 1, *range(1, rank - 1)]
        return self.node("Transpose", [value], value.shape, True, perm=perm)

    def reshape(
        self,
        value: Value,
        sizes: Sequence[int],
        shape: tuple[int | None, ...] | None = None,
        channels_first: bool = False,
    ) -> Value:
        """`value`, as it lies in the graph, with other axes after the batch's.

        Args:
            value: What is reshaped.
            sizes: The axes in the graph, without the batch; -1 for the rest.
            shape: Shape of the result, channels last; None means `sizes`.
            channels_first: Whether the result lies with channels first.
        """
        target = self.constant([0, *sizes], "int64")
        shape = (None, *sizes) if shape is None else shape
        return self.node("Reshape", [value, target], shape, channels_first)

    def model(self) -> Any:
        """The finished `onnx.ModelProto`, checked."""
        from onnx import checker, helper

        nodes, used = _needed(self._nodes, {o.name for o in self._outputs})
        weights = [weight for weight in self._weights if weight.name in used]
        graph = helper.make_graph(
            nodes, self.name, self._inputs, self._outputs, weights
        )
        opset = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(
            graph,
            opset_imports=opset,
            ir_version=_IR_VERSION,
            producer_name="keras_mocogan",
        )
        checker.check_model(model, full_check=True)
        return model

    def _add(self, kind, inputs, outputs, **attributes):
        from onnx import helper

        self._nodes.append(helper.make_node(kind, inputs, outputs, **attributes))


def _needed(nodes, names):
    """The nodes that lead to these outputs, and the names of all that they use."""
    kept, used = [], set(names)
    for node in reversed(nodes):
        if used & set(node.output):
            kept.append(node)
            used |= set(node.input)
    return kept[::-1], used


def _described(name, shape):
    from onnx import TensorProto, helper

    free = iter(("batch", "frames"))
    sizes = [next(free) if size is None else size for size in shape]
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, sizes)
