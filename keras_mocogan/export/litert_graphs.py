"""The functions of LiteRT graphs, in TensorFlow; see `export_litert`."""

import tensorflow as tf


def make_graphs(model):
    """`{name: (function, input signature)}` of R_M's start and step, G_I, and E_C."""
    sizes = {
        "state": model.motion_dim,
        "noise": model.noise_dim,
        "content": model.content_dim,
        "motion": model.motion_dim,
        "category": model.num_classes,
    }

    def spec(name):
        return tf.TensorSpec((None, sizes[name]), tf.float32, name)

    def has_class(where):
        return bool(model.num_classes) and model.category_input == where

    cell = model.motion_generator.get_layer("gru").cell

    def start(state, *category):
        layer = model.motion_generator.get_layer
        first = layer("start")(state)
        if category:
            first += layer("start_of_class")(category[0])
        return {"first_state": tf.tanh(first)}

    def step(state, noise, *category):
        motion, _ = cell(tf.concat([*category, noise], -1), [state])
        return {"motion": motion, "next_state": tf.identity(motion)}

    def image(content, motion, *category):
        latent = tf.concat([content, motion, *category], -1)
        return {"frames": model.image_generator(latent, training=False)}

    def encode(images):
        return {"content": model.image_encoder(images, training=False)}

    inputs = {
        "motion_step": ["state", "noise", *["category"] * has_class("motion")],
        "image_generator": ["content", "motion", *["category"] * has_class("frame")],
    }
    functions = {"motion_step": step, "image_generator": image}
    graphs = {
        name: (functions[name], list(map(spec, inputs[name]))) for name in functions
    }
    if model.motion_generator.arguments["cyclic"]:
        inputs = ["state", *["category"] * has_class("motion")]
        graphs["motion_start"] = start, list(map(spec, inputs))
    if model.image_encoder is not None:
        images = tf.TensorSpec((None, *model.frame_shape()), tf.float32, "images")
        graphs["image_encoder"] = encode, [images]
    return graphs
