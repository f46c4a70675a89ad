"""The graphs that make the videos of a MoCoGAN: a step of R_M, G_I, and E_C."""

from typing import Any

import keras

from keras_mocogan.export.onnx_graphs.limits import array, require
from keras_mocogan.export.onnx_graphs.network import write_network
from keras_mocogan.export.onnx_graphs.values import GraphWriter


def motion_start(model: keras.Model) -> Any:
    """The first state of a cyclic R_M, an `onnx.ModelProto`.

    It maps `"state"` `(batch, motion_dim)` and, with classes in the motion,
    `"category"` `(batch, num_classes)`, to `"first_state"` `(batch, motion_dim)`.
    """
    graph, network = GraphWriter("motion_start"), model.motion_generator
    shape = (None, model.motion_dim)

    def dense(name, value):
        kernel = graph.constant(array(network.get_layer(name).kernel))
        return graph.node("MatMul", [value, kernel], shape)

    first = dense("start", graph.input("state", model.motion_dim))
    bias = graph.constant(array(network.get_layer("start").bias))
    first = graph.node("Add", [first, bias], shape)
    if _class_goes_into(model, "motion"):
        code = dense("start_of_class", graph.input("category", model.num_classes))
        first = graph.node("Add", [first, code], shape)
    graph.output("first_state", graph.node("Tanh", [first], shape))
    return graph.model()


def motion_step(model: keras.Model) -> Any:
    """One step of R_M, an `onnx.ModelProto`.

    It maps `"state"` `(batch, motion_dim)`, `"noise"` `(batch, noise_dim)` and, with
    classes in the motion, `"category"` `(batch, num_classes)`, to `"motion"` and
    `"next_state"`, which are equal in a GRU. R_M must be a `MotionGenerator`.
    """
    gru = model.motion_generator.get_layer("gru")
    require(gru, reset_after=True, go_backwards=False)
    graph = GraphWriter("motion_step")
    state = graph.input("state", model.motion_dim)
    noise = graph.input("noise", model.noise_dim)
    if _class_goes_into(model, "motion"):
        category = graph.input("category", model.num_classes)
        width = model.num_classes + model.noise_dim
        noise = graph.node("Concat", [category, noise], (None, width), axis=-1)
    motion = _gru(graph, gru, noise, state)
    graph.output("motion", motion)
    graph.output("next_state", motion)
    return graph.model()


def _gru(graph, gru, x, state):
    """A single step; ONNX has Keras' order of gates, and weights by rows."""
    units, bias = gru.units, array(gru.cell.bias)
    weights = [
        array(gru.cell.kernel).T,
        array(gru.cell.recurrent_kernel).T,
        bias.reshape(-1),
    ]
    first, second = graph.constant([0], "int64"), graph.constant([1], "int64")
    x, state = (
        graph.node("Unsqueeze", [value, first], (1, *value.shape))
        for value in (x, state)
    )
    sequence = graph.node(
        "GRU",
        [x, *(graph.constant(w[None]) for w in weights), graph.absent, state],
        (1, 1, None, units),
        hidden_size=units,
        linear_before_reset=1,
    )
    # (steps, directions, batch, units), one of each
    joined = graph.node("Squeeze", [sequence, second], (1, None, units))
    return graph.node("Squeeze", [joined, first], (None, units))


def image_generator(model: keras.Model) -> Any:
    """G_I, an `onnx.ModelProto`.

    It maps `"content"` `(batch, content_dim)`, `"motion"` `(batch, motion_dim)` and,
    with classes in the frame, `"category"` `(batch, num_classes)`, to `"frames"`
    `(batch, height, width, channels)` in [-1, 1].

    Raises:
        ValueError: If G_I has a layer that cannot be exported.
    """
    graph = GraphWriter("image_generator")
    parts = [
        graph.input("content", model.content_dim),
        graph.input("motion", model.motion_dim),
    ]
    if _class_goes_into(model, "frame"):
        parts.append(graph.input("category", model.num_classes))
    width = sum(part.shape[-1] for part in parts)
    latent = graph.node("Concat", parts, (None, width), axis=-1)
    graph.output("frames", write_network(graph, model.image_generator, latent))
    return graph.model()


def image_encoder(model: keras.Model) -> Any:
    """E_C, an `onnx.ModelProto`.

    It maps `"images"` `(batch, height, width, channels)` in [-1, 1] to `"content"`
    `(batch, content_dim)`.

    Raises:
        ValueError: If E_C has a layer that cannot be exported.
    """
    graph = GraphWriter("image_encoder")
    images = graph.input("images", *model.frame_shape())
    graph.output("content", write_network(graph, model.image_encoder, images))
    return graph.model()


def _class_goes_into(model, where):
    return bool(model.num_classes) and model.category_input == where
