"""A Keras network as part of an ONNX graph, layer by layer.

Layers are told by their exact class: a subclass may compute something else.
"""

from typing import Any

import keras

from keras_mocogan.export.onnx_graphs import (
    convolutions,
    layers,
    operations,
    pretrained,
)
from keras_mocogan.export.onnx_graphs.limits import array
from keras_mocogan.export.onnx_graphs.values import GraphWriter, Value
from keras_mocogan.layers import convolutions as own
from keras_mocogan.layers.batch_normalization import BatchNormalization
from keras_mocogan.layers.blur import Blur
from keras_mocogan.layers.centering import Centering
from keras_mocogan.layers.group_normalization import GroupNormalization
from keras_mocogan.layers.instance_noise import InstanceNoise
from keras_mocogan.layers.pretrained_features import PretrainedFeatures
from keras_mocogan.layers.spectral_normalization import SpectralNormalization
from keras_mocogan.layers.unit_normalization import UnitNormalization


def _spectral(graph, layer, x):
    """The layer inside, on an input that is divided by the norm of its kernel."""
    share = graph.constant(1 / array(layer.norm()))
    x = graph.node("Mul", [x, share], x.shape, x.channels_first)
    return _write(graph, layer.layer, x)


# From a layer's class to the function that writes its nodes. It takes the graph, the
# layer, and what the layer is called on.
_LAYERS: dict[type, Any] = {
    keras.layers.Activation: layers.activation,
    keras.layers.BatchNormalization: layers.batch_norm,
    BatchNormalization: layers.batch_norm,
    Blur: convolutions.blur,
    Centering: layers.center,
    keras.layers.Concatenate: operations.concatenate,
    keras.layers.Conv2D: convolutions.convolution,
    own.Conv2D: convolutions.convolution,
    keras.layers.Conv3D: convolutions.convolution,
    own.Conv3D: convolutions.convolution,
    keras.layers.Conv2DTranspose: convolutions.transposed,
    own.Conv2DTranspose: convolutions.transposed,
    keras.layers.Dense: layers.dense,
    keras.layers.Dropout: operations.same,
    keras.layers.Flatten: operations.flatten,
    keras.layers.GlobalAveragePooling2D: operations.global_mean,
    keras.layers.GlobalAveragePooling3D: operations.global_mean,
    keras.layers.GroupNormalization: layers.group_norm,
    GroupNormalization: layers.group_norm,
    InstanceNoise: operations.same,
    keras.layers.LeakyReLU: layers.leaky_relu,
    keras.layers.Permute: operations.permute,
    PretrainedFeatures: pretrained.pretrained_features,
    keras.layers.ReLU: layers.relu,
    keras.layers.Rescaling: layers.rescale,
    keras.layers.Reshape: operations.reshape,
    keras.layers.Softmax: layers.softmax,
    SpectralNormalization: _spectral,
    keras.layers.UnitNormalization: layers.unit_norm,
    UnitNormalization: layers.unit_norm,
}
# The same for what Keras makes of arithmetic between layers.
_OPERATIONS = {
    "Absolute": operations.absolute,
    "Add": operations.arithmetic("Add"),
    "Concatenate": operations.join,
    "Einsum": operations.einsum,
    "GetItem": operations.cut,
    "Mean": operations.mean,
    "Multiply": operations.arithmetic("Mul"),
    "Reshape": operations.regroup,
    "Subtract": operations.arithmetic("Sub"),
    "Tile": operations.tile,
}


def write_network(graph: GraphWriter, network: keras.Model, x: Value) -> Any:
    """Writes a network of one input into a graph.

    Args:
        graph: Where the nodes go.
        network: A functional or sequential model.
        x: What it is called on.

    Returns:
        Its output; a dictionary of them where Keras gives one.

    Raises:
        ValueError: If it is another kind of model, or has a layer or an option that
            has no form here.
    """
    if type(network) is keras.Sequential:
        for layer in network.layers:
            x = _write(graph, layer, x)
        return x
    if not hasattr(network, "_run_through_graph"):
        raise ValueError(_refusal(network))
    return network._run_through_graph(
        [x], call_fn=lambda op, *given, **more: _write(graph, op, *given, **more)
    )


def _write(graph, op, *given, **more):
    more = {k: v for k, v in more.items() if k != "training" and v is not None}
    if isinstance(op, keras.Model):
        return write_network(graph, op, *given)
    write = _LAYERS.get(type(op))
    if type(op).__module__ == "keras.src.ops.numpy":
        write = _OPERATIONS.get(type(op).__name__)
    if write is None:
        raise ValueError(_refusal(op))
    return write(graph, op, *given, **more)


def _refusal(op):
    known = sorted({kind.__name__ for kind in _LAYERS})
    return (
        "A network that is exported to ONNX must be a functional or sequential model "
        f"of the layers {', '.join(known)}, and of +, -, *, slices, and `absolute`, "
        "`concatenate`, `einsum`, `mean`, `reshape` and `tile` of `keras.ops`. "
        f"Received: {op.name!r} of class {type(op).__name__}. Make the network of "
        "these, or use `export_saved_model`."
    )
