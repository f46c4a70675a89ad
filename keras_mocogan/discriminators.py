"""Discriminators: MoCoGAN's D_I and D_V, and the one of VGAN and TGAN."""

import keras
from keras import layers

from keras_mocogan import convolutions
from keras_mocogan.layers import (
    LEAKY_GAIN,
    LayerFactory,
    check_at_least,
    check_video_size,
    temporal_doublings,
    temporal_kernels,
)
from keras_mocogan.network import Network, check_normalization

_BATCH = ("batch", "synchronized_batch")


@keras.saving.register_keras_serializable(package="keras_mocogan")
class ImageDiscriminator(Network):
    """D_I: judges single frames.

    Convolutions of kernel 4 and stride 2, LeakyReLU of slope 0.2, batch
    normalization except in the first. The variant `"patch"` is the paper's table 6
    and the default: `filters * (1, 2, 4)` channels, then one logit for each patch, a
    `(image_size / 16)` squared map. `"full"` adds a level of `8 * filters` and
    closes with one logit that sees the whole frame.

    It maps frames of shape `(batch, image_size, image_size, channels)` in [-1, 1] to
    float32 logits of shape `(batch, rows, columns, 1)`.

    Args:
        image_size: Side of a frame in pixels, a multiple of 16 from 32 to 256.
        channels: 1 to 4.
        filters: Channels of the first level; the paper's are 64.
        variant: `"patch"` or `"full"`.
        instance_noise: Standard deviation of Gaussian noise added before every
            convolution while training, but not before the head of `"full"`; the
            published code's remedy against a discriminator that leads by far.
        normalization: `"batch"`, the paper's; `"synchronized_batch"`, the same over
            all replicas of a `tf.distribute` strategy; or, for a gradient penalty,
            `"none"` or `"spectral"`, see `spectral.SpectralNormalization`.
        seed: Integer that fixes initial weights and noise, or None.
        dtype: dtype policy, or None for Keras' global one.
        name: Name of the network.
    """

    def __init__(
        self,
        image_size=64,
        channels=3,
        filters=64,
        variant="patch",
        instance_noise=0.0,
        normalization="batch",
        seed=None,
        dtype=None,
        name="image_discriminator",
    ):
        check_video_size(image_size, channels)
        check_at_least(1, filters=filters)
        _check_noise(instance_noise)
        if variant not in ("patch", "full"):
            raise ValueError(
                f"variant={variant!r} is unknown: 'patch' or 'full' is wanted."
            )

        # === Functional model ===
        make = _discriminator_factory(normalization, seed, dtype)
        frames = keras.Input((image_size, image_size, channels), name="frames")
        multiples = (1, 2, 4) if variant == "patch" else (1, 2, 4, 8)
        x = frames
        for level, multiple in enumerate(multiples):
            x = _with_noise(make, x, instance_noise, level)
            x = make.conv(
                convolutions.Conv2D,
                multiple * filters,
                4,
                f"conv_{level}",
                strides=2,
                padding="same",
            )(x)
            x = _normalize_and_activate(make, x, level, normalization)
        if variant == "patch":
            x = _with_noise(make, x, instance_noise, "head")
        x = _image_head(make, variant, image_size // 16)(x)
        logits = make.to_float32("logits")(x)

        # === Config ===
        config = {
            "image_size": image_size,
            "channels": channels,
            "filters": filters,
            "variant": variant,
            "instance_noise": instance_noise,
            "normalization": normalization,
            "seed": seed,
            "dtype": dtype,
        }
        super().__init__(frames, logits, config, name)


def _image_head(make, variant, side):
    if variant == "patch":
        return make.conv(convolutions.Conv2D, 1, 4, "head", strides=2, padding="same")
    return make.conv(convolutions.Conv2D, 1, side, "head", padding="valid")


@keras.saving.register_keras_serializable(package="keras_mocogan")
class VideoDiscriminator(Network):
    """D_V: judges clips of `clip_frames` frames by 3D convolution.

    Kernels of 4 frames with stride 1 and no padding in time (shorter where the clip
    is shorter than they need), 4x4 pixels with stride 2 in space; LeakyReLU of slope
    0.2, batch normalization except in the first. `levels=4`, the default, is the
    published code's: `filters * (1, 2, 4, 8)` channels and a head over what is left,
    so that every logit sees the whole clip; the paper's results come from that code.
    `levels=3` is the paper's table 6, `filters * (1, 2, 4)` and a head that gives a
    logit for each patch.

    It maps clips of shape `(batch, clip_frames, image_size, image_size, channels)`
    in [-1, 1] to a dictionary of float32 tensors: `"logits"` of shape `(batch,
    times, rows, columns, 1)` and, with classes, `"category_logits"` of shape
    `(batch, num_classes)`, the Q head of InfoGAN on the same last features.

    Args:
        image_size: Side of a frame in pixels, a multiple of 16 from 32 to 256.
        channels: 1 to 4.
        clip_frames: Frames of a clip, T, at least 4; 16 in the paper.
        num_classes: Number of classes, 0 for none.
        filters: Channels of the first level; the paper's are 64.
        levels: 4 or 3, see above.
        instance_noise: Standard deviation of Gaussian noise added before every
            convolution while training, but not before the head of `levels=4`.
        normalization: `"batch"`, the paper's; `"synchronized_batch"`, the same over
            all replicas of a `tf.distribute` strategy; or, for a gradient penalty,
            `"none"` or `"spectral"`, see `spectral.SpectralNormalization`.
        seed: Integer that fixes initial weights and noise, or None.
        dtype: dtype policy, or None for Keras' global one.
        name: Name of the network.
    """

    def __init__(
        self,
        image_size=64,
        channels=3,
        clip_frames=16,
        num_classes=0,
        filters=64,
        levels=4,
        instance_noise=0.0,
        normalization="batch",
        seed=None,
        dtype=None,
        name="video_discriminator",
    ):
        check_video_size(image_size, channels)
        check_at_least(1, filters=filters)
        check_at_least(4, clip_frames=clip_frames)
        check_at_least(0, num_classes=num_classes)
        _check_noise(instance_noise)
        if levels not in (3, 4):
            raise ValueError(
                f"levels={levels!r} does not fit: 4 (the published code's) or 3 "
                "(the paper's table 6) is wanted."
            )

        # === Functional model ===
        make = _discriminator_factory(normalization, seed, dtype)
        times = temporal_kernels(clip_frames, levels + 1)
        shape = (clip_frames, image_size, image_size, channels)
        clips = keras.Input(shape, name="clips")
        x = clips
        for level, multiple in enumerate((1, 2, 4, 8)[:levels]):
            x = _with_noise(make, x, instance_noise, level)
            x = _downsample(make, x, multiple * filters, times[level], f"conv_{level}")
            x = _normalize_and_activate(make, x, level, normalization)
        if levels == 3:
            x = _with_noise(make, x, instance_noise, "head")
        outputs = _video_head(make, x, 1 + num_classes, times[-1], levels)

        # === Config ===
        config = {
            "image_size": image_size,
            "channels": channels,
            "clip_frames": clip_frames,
            "num_classes": num_classes,
            "filters": filters,
            "levels": levels,
            "instance_noise": instance_noise,
            "normalization": normalization,
            "seed": seed,
            "dtype": dtype,
        }
        super().__init__(clips, outputs, config, name)


def _downsample(make, x, filters, frames, name):
    # Keras pads all axes of a 3D convolution or none; time must stay unpadded.
    strides = {"strides": (1, 2, 2), "pad": (0, 1, 1)}
    return make.conv(convolutions.Conv3D, filters, (frames, 4, 4), name, **strides)(x)


def _video_head(make, x, filters, frames, levels):
    if levels == 3:
        x = _downsample(make, x, filters, frames, "head")
    else:
        side = min(4, x.shape[2])
        x = make.conv(convolutions.Conv3D, filters, (frames, side, side), "head")(x)
    return _scores(make, x)


def _scores(make, x):
    """Logits, and with more channels than one those of Q beside them."""
    x = make.to_float32("scores")(x)
    if x.shape[-1] == 1:
        return {"logits": x}
    # The class is a matter of the whole clip: its logits are averaged over places.
    mean = layers.GlobalAveragePooling3D(
        data_format="channels_last", dtype="float32", name="category_logits"
    )
    return {"logits": x[..., :1], "category_logits": mean(x[..., 1:])}


@keras.saving.register_keras_serializable(package="keras_mocogan")
class ClipDiscriminator(Network):
    """Judges clips whole: the discriminator of VGAN and of TGAN.

    Four 3D convolutions of kernel 4 and stride 2 in time and space, LeakyReLU of slope
    0.2, batch normalization except in the first; then one logit that sees the whole
    clip (Vondrick and others, 2016, section 3.3; Saito and others, 2017, table 1). In a
    clip of 4 or 8 frames the last levels, where one frame is left, look at that one.

    It maps clips of shape `(batch, clip_frames, image_size, image_size, channels)`
    in [-1, 1] to what `VideoDiscriminator` gives: `"logits"` of shape `(batch, 1, 1,
    1, 1)` and, with classes, `"category_logits"` of shape `(batch, num_classes)`.

    Args:
        image_size: Side of a frame in pixels, a multiple of 16 from 32 to 256.
        channels: 1 to 4.
        clip_frames: 4, 8, or a multiple of 16.
        num_classes: Number of classes, 0 for none.
        filters: Channels of the first level; the papers' are 64.
        instance_noise: Standard deviation of Gaussian noise added before every
            convolution but the head while training; 0 in the papers.
        normalization: As of `VideoDiscriminator`.
        seed: Integer that fixes initial weights and noise, or None.
        dtype: dtype policy, or None for Keras' global one.
        name: Name of the network.
    """

    def __init__(
        self,
        image_size=64,
        channels=3,
        clip_frames=16,
        num_classes=0,
        filters=64,
        instance_noise=0.0,
        normalization="batch",
        seed=None,
        dtype=None,
        name="video_discriminator",
    ):
        check_video_size(image_size, channels)
        check_at_least(1, filters=filters)
        check_at_least(0, num_classes=num_classes)
        _check_noise(instance_noise)

        # === Functional model ===
        make = _discriminator_factory(normalization, seed, dtype)
        shape = (clip_frames, image_size, image_size, channels)
        clips = keras.Input(shape, name="clips")
        x = clips
        # Backwards, as the generators go: time is halved until one frame is left.
        steps = reversed(temporal_doublings(clip_frames))
        for level, (multiple, step) in enumerate(zip((1, 2, 4, 8), steps, strict=True)):
            x = _with_noise(make, x, instance_noise, level)
            x = make.strided(
                convolutions.Conv3D, multiple * filters, step, f"conv_{level}"
            )(x)
            x = _normalize_and_activate(make, x, level, normalization)
        head = make.conv(convolutions.Conv3D, 1 + num_classes, x.shape[1:4], "head")
        scores = _scores(make, head(x))

        # === Config ===
        config = {
            "image_size": image_size,
            "channels": channels,
            "clip_frames": clip_frames,
            "num_classes": num_classes,
            "filters": filters,
            "instance_noise": instance_noise,
            "normalization": normalization,
            "seed": seed,
            "dtype": dtype,
        }
        super().__init__(clips, scores, config, name)


def _with_noise(make, x, stddev, level):
    return make.noise(stddev, f"noise_{level}")(x) if stddev else x


def _normalize_and_activate(make, x, level, normalization):
    if level and normalization in _BATCH:
        synchronized = normalization == "synchronized_batch"
        x = make.batch_norm(f"norm_{level}", synchronized)(x)
    return make.leaky_relu(f"leaky_relu_{level}")(x)


def _discriminator_factory(normalization, seed, dtype):
    check_normalization(normalization, (*_BATCH, "none", "spectral"))
    if normalization in _BATCH:
        return LayerFactory(seed, dtype)
    spectral = normalization == "spectral"
    return LayerFactory(seed, dtype, LEAKY_GAIN, use_bias=True, spectral=spectral)


def _check_noise(instance_noise):
    if instance_noise < 0:
        raise ValueError(
            f"instance_noise={instance_noise!r} does not fit: it is a standard "
            "deviation, 0 (none) or more."
        )
