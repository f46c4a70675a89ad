"""The generators of whole clips: VGAN's foreground stream, and TGAN's two."""

import math
from typing import Any

import keras
from keras import layers, ops

from keras_mocogan.checks import check_at_least, check_video_size
from keras_mocogan.layers import convolutions
from keras_mocogan.networks.base import Network
from keras_mocogan.networks.layer_factory import LayerFactory, temporal_doublings


@keras.saving.register_keras_serializable(package="keras_mocogan")
class ForegroundGenerator(Network):
    """VGAN's foreground stream: what moves, and where it hides the background.

    Transposed 3D convolutions with kernel 4 and stride 2 have 8 (from a seed of
    `(clip_frames / 16, height / 16, width / 16)`), 4, 2 and 1 times `filters` channels,
    with ReLU and batch normalization between them. From the last of them come the
    foreground (tanh) and the mask (sigmoid), each by its own convolution. Clips of 4 or
    8 frames start from one frame, which the first levels do not double.

    It maps codes `(batch, latent_dim)` to a dictionary of float32 tensors:
    `"foreground"` `(batch, clip_frames, height, width, channels)` in [-1, 1] and
    `"mask"`, the same with one channel in [0, 1].

    Args:
        latent_dim: Size of a code, classes included.
        image_size: int or (height, width) in pixels, multiples of 16 from 32 to 256.
        channels: 1 to 4.
        clip_frames: 4, 8, or a multiple of 16; 32 in the paper.
        filters: Channels of the last hidden level; the paper's are 64.
        seed: Integer that fixes the initial weights, or None.
        dtype: dtype policy, or None for Keras' global one.
        name: Name of the network.
    """

    def __init__(
        self,
        latent_dim: int = 100,
        image_size: int | tuple[int, int] = 64,
        channels: int = 3,
        clip_frames: int = 32,
        filters: int = 64,
        seed: int | None = None,
        dtype: str | keras.DTypePolicy | None = None,
        name: str = "foreground_generator",
    ) -> None:
        height, width = check_video_size(image_size, channels)
        check_at_least(1, latent_dim=latent_dim, filters=filters)
        doublings = temporal_doublings(clip_frames)

        make = LayerFactory(seed, dtype)
        shape = (max(1, clip_frames // 16), height // 16, width // 16, 8 * filters)
        code = keras.Input((latent_dim,), name="code")
        x = make.dense(math.prod(shape), "dense")(code)
        x = layers.Reshape(shape, dtype=dtype, name="seed")(x)
        x = make.relu("relu_0")(make.batch_norm("norm_0")(x))
        deconv = convolutions.Conv3DTranspose
        levels = zip((4, 2, 1), doublings[:3], strict=True)
        for level, (multiple, step) in enumerate(levels, start=1):
            x = make.strided(deconv, multiple * filters, step, f"deconv_{level}")(x)
            x = make.relu(f"relu_{level}")(make.batch_norm(f"norm_{level}")(x))
        foreground = make.strided(deconv, channels, doublings[3], "foreground_deconv")
        mask = make.strided(deconv, 1, doublings[3], "mask_deconv", use_bias=True)
        tanh = layers.Activation("tanh", dtype="float32", name="foreground")
        sigmoid = layers.Activation("sigmoid", dtype="float32", name="mask")
        streams = {"foreground": tanh(foreground(x)), "mask": sigmoid(mask(x))}

        super().__init__(code, streams)


@keras.saving.register_keras_serializable(package="keras_mocogan")
class TemporalGenerator(Network):
    """TGAN's G_0: turns a latent vector into one vector for each frame.

    Transposed 1D convolutions with 16 (from one step), 8, 4 and 4 times `filters`
    channels and finally `motion_dim`; kernel 4 and stride 2 except in the first, ReLU
    and batch normalization between them, tanh at the end (paper, table 1). For clips of
    4 or 8 frames the first levels do not double; clips longer than 16 frames start from
    more steps.

    It maps codes `(batch, latent_dim)` to float32 `(batch, clip_frames, motion_dim)`
    in [-1, 1].

    Args:
        latent_dim: Size of a code, classes included.
        motion_dim: Size of a frame's vector; 100 in the paper.
        clip_frames: 4, 8, or a multiple of 16; 16 in the paper.
        filters: Unit of the channels above; 32 in the paper.
        seed: Integer that fixes the initial weights, or None.
        dtype: dtype policy, or None for Keras' global one.
        name: Name of the network.
    """

    def __init__(
        self,
        latent_dim: int = 100,
        motion_dim: int = 100,
        clip_frames: int = 16,
        filters: int = 32,
        seed: int | None = None,
        dtype: str | keras.DTypePolicy | None = None,
        name: str = "temporal_generator",
    ) -> None:
        check_at_least(1, latent_dim=latent_dim, motion_dim=motion_dim, filters=filters)
        doublings = temporal_doublings(clip_frames)

        make = LayerFactory(seed, dtype)
        code = keras.Input((latent_dim,), name="code")
        shape = (max(1, clip_frames // 16), 16 * filters)
        # A transposed convolution of a single step is a dense layer.
        x = make.dense(shape[0] * shape[1], "deconv_0")(code)
        x = layers.Reshape(shape, dtype=dtype, name="steps")(x)
        widths = (8 * filters, 4 * filters, 4 * filters, motion_dim)
        for level, (width, step) in enumerate(zip(widths, doublings, strict=True)):
            x = make.relu(f"relu_{level}")(make.batch_norm(f"norm_{level}")(x))
            x = make.conv(
                layers.Conv1DTranspose,
                width,
                4 if step == 2 else 1,
                f"deconv_{level + 1}",
                strides=step,
                padding="same",
            )(x)
        path = layers.Activation("tanh", dtype="float32", name="path")(x)

        super().__init__(code, path)


@keras.saving.register_keras_serializable(package="keras_mocogan")
class TGANImageGenerator(Network):
    """TGAN's G_1: draws every frame from the clip's vector and the frame's own.

    The slow vector z_0 and the fast one z_1(t) each go through a linear layer to
    `(height / 16, width / 16, 8 * filters)`. Joined, they go through transposed
    convolutions with kernel 4, stride 2 and 8, 4, 2 and 1 times `filters` channels, and
    through a convolution with kernel 3. ReLU and batch normalization are between, tanh
    at the end (paper, table 1).

    It maps a dictionary of `"slow"` `(batch, latent_dim)` and `"fast"` `(batch,
    clip_frames, motion_dim)` to clips `(batch, clip_frames, height, width,
    channels)` in [-1, 1].

    Args:
        latent_dim: Size of the slow vector, classes included.
        motion_dim: Size of a fast vector.
        image_size: int or (height, width) in pixels, multiples of 16 from 32 to 256.
        channels: 1 to 4.
        clip_frames: Frames of a clip.
        filters: Channels of the last hidden level; the paper's are 32.
        seed: Integer that fixes the initial weights, or None.
        dtype: dtype policy, or None for Keras' global one.
        name: Name of the network.
    """

    def __init__(
        self,
        latent_dim: int = 100,
        motion_dim: int = 100,
        image_size: int | tuple[int, int] = 64,
        channels: int = 3,
        clip_frames: int = 16,
        filters: int = 32,
        seed: int | None = None,
        dtype: str | keras.DTypePolicy | None = None,
        name: str = "image_generator",
    ) -> None:
        height, width = check_video_size(image_size, channels)
        check_at_least(1, latent_dim=latent_dim, motion_dim=motion_dim, filters=filters)
        check_at_least(1, clip_frames=clip_frames)

        make = LayerFactory(seed, dtype)
        seed_shape = (height // 16, width // 16, 8 * filters)
        inputs = {
            "slow": keras.Input((latent_dim,), name="slow"),
            "fast": keras.Input((clip_frames, motion_dim), name="fast"),
        }

        def to_seed(vector, name):
            x = make.dense(math.prod(seed_shape), f"{name}_dense")(vector)
            return make.relu(f"{name}_relu")(make.batch_norm(f"{name}_norm")(x))

        slow = to_seed(inputs["slow"], "slow")  # once for a clip, not for each frame
        slow = ops.repeat(slow[:, None], clip_frames, axis=1)
        fast = to_seed(inputs["fast"], "fast")
        seeds = [ops.reshape(part, (-1, *seed_shape)) for part in (slow, fast)]
        x = layers.Concatenate(dtype=dtype, name="seed")(seeds)
        for level, multiple in enumerate((8, 4, 2, 1), start=1):
            x = make.conv(
                convolutions.Conv2DTranspose,
                multiple * filters,
                4,
                f"deconv_{level}",
                strides=2,
                padding="same",
            )(x)
            x = make.relu(f"relu_{level}")(make.batch_norm(f"norm_{level}")(x))
        last = {"padding": "same", "use_bias": True}
        x = make.conv(layers.Conv2D, channels, 3, "conv", **last)(x)
        frames = layers.Activation("tanh", dtype="float32", name="frames")(x)
        shape = (-1, clip_frames, height, width, channels)
        clips = ops.reshape(frames, shape)

        super().__init__(inputs, clips)


def join_codes(latent_dim: int, num_classes: int) -> tuple[dict[str, Any], Any]:
    """Inputs of a clip generator, and the code that they form together.

    Returns:
        Dictionary of `"latent"` `(batch, latent_dim)` and, with classes, `"category"`
        `(batch, num_classes)`; and the symbolic `[latent; class]`.
    """
    inputs = {"latent": keras.Input((latent_dim,), name="latent")}
    if not num_classes:
        return inputs, inputs["latent"]
    inputs["category"] = keras.Input((num_classes,), name="category")
    join = layers.Concatenate(dtype="float32", name="code")
    return inputs, join(list(inputs.values()))


@keras.saving.register_keras_serializable(package="keras_mocogan")
class Composition(layers.Layer):
    """VGAN's clips: m * f + (1 - m) * b, with one background for the whole clip."""

    def call(self, parts):
        foreground, mask, background = parts
        return mask * foreground + (1 - mask) * background[:, None]

    def compute_output_shape(self, input_shape):
        return input_shape[0]
