"""From a content vector and a path of motion vectors to a clip, through G_I."""

import keras
from keras import layers, ops

from keras_mocogan.networks.base import ClipGenerator


def make_content_motion_generator(
    image_generator: keras.Model, content_dim: int, motion_dim: int, classes: int = 0
) -> ClipGenerator:
    """MoCoGAN's clip generator: G_I on every [content; motion] of a clip.

    Args:
        image_generator: G_I, from `(rows, content_dim + motion_dim + classes)` to
            frames.
        content_dim: Size of the content vector.
        motion_dim: Size of a motion vector.
        classes: Number of classes if their code goes into G_I, otherwise 0.

    Returns:
        A `ClipGenerator` of `"content"` `(batch, content_dim)`, `"motion"` `(batch,
        frames, motion_dim)` of any number of frames and, with classes, `"category"`
        `(batch, classes)`.
    """
    content = keras.Input((content_dim,), name="content")
    motion = keras.Input((None, motion_dim), name="motion")
    inputs = {"content": content, "motion": motion}
    if classes:
        inputs["category"] = keras.Input((classes,), name="category")
    rows = _FrameLatents(dtype="float32", name="latents")(list(inputs.values()))
    frames = image_generator(rows)
    clips = _JoinFrames(dtype="float32", name="clips")([frames, motion])
    return ClipGenerator(inputs, {"clips": clips}, name="clip_generator")


@keras.saving.register_keras_serializable(package="keras_mocogan")
class _FrameLatents(layers.Layer):
    """A row for each frame of each clip: [content; motion; class]."""

    def call(self, codes):
        content, motion, *category = codes
        held = [
            ops.repeat(code[:, None], ops.shape(motion)[1], axis=1)
            for code in (content, *category)
        ]
        rows = ops.concatenate([held[0], motion, *held[1:]], axis=-1)
        return ops.reshape(rows, (-1, rows.shape[-1]))

    def compute_output_shape(self, input_shape):
        return (None, sum(shape[-1] for shape in input_shape))


@keras.saving.register_keras_serializable(package="keras_mocogan")
class _JoinFrames(layers.Layer):
    """Joins the frames of all clips, one a row, into clips as long as their motion."""

    def call(self, parts):
        frames, motion = parts
        return ops.reshape(frames, (-1, ops.shape(motion)[1], *frames.shape[1:]))

    def compute_output_shape(self, input_shape):
        frames, motion = input_shape
        return (motion[0], motion[1], *frames[1:])
