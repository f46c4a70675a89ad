"""D_V, and the discriminator of VGAN and TGAN: both judge clips."""

from numbers import Integral

import keras

from keras_mocogan.checks import check_at_least, check_video_size
from keras_mocogan.layers import convolutions
from keras_mocogan.networks.base import Network
from keras_mocogan.networks.discriminator_blocks import (
    check_noise,
    discriminator_factory,
    normalize_and_activate,
    video_scores,
    with_noise,
)
from keras_mocogan.networks.layer_factory import temporal_doublings, temporal_kernels


@keras.saving.register_keras_serializable(package="keras_mocogan")
class VideoDiscriminator(Network):
    """D_V: judges clips of `clip_frames` frames by 3D convolution.

    Kernels have 4 frames with stride 1 and no padding in time (fewer if the clip is too
    short), and 4x4 pixels with stride 2 in space; LeakyReLU with slope 0.2, batch
    normalization except in the first. `levels=4`, the default, is the published code's:
    `filters * (1, 2, 4, 8)` channels and a head over at most 4x4 places of what is
    left: up to 64 pixels and 16 frames its logit sees the whole clip, in larger ones
    each logit a part. The paper's results come from that code. `levels=3` is the
    paper's table 6: `filters * (1, 2, 4)` channels and a head that gives a logit for
    each patch.

    It maps clips of shape `(batch, clip_frames, height, width, channels)` in [-1, 1] to
    a dictionary of float32 tensors: `"logits"` of shape `(batch, times, rows, columns,
    1)` and, with classes, `"category_logits"` of shape `(batch, num_classes)`, the Q
    head of InfoGAN on the same last features.

    Args:
        image_size: int or (height, width) in pixels, multiples of 16 from 32 to 256.
        channels: 1 to 4.
        clip_frames: Frames of a clip, T, at least 4; 16 in the paper.
        num_classes: Number of classes, 0 for none.
        filters: Channels of the first level; the paper's are 64.
        levels: 4 or 3, see above.
        instance_noise: Standard deviation of Gaussian noise added before every
            convolution while training, but not before the head of `levels=4`.
        normalization: `"batch"`, the paper's; `"synchronized_batch"`, the same over
            all devices of TensorFlow or PyTorch; or, for a gradient penalty,
            `"none"` or `"spectral"`, see
            `layers.spectral_normalization.SpectralNormalization`.
        seed: Integer that fixes initial weights and noise, or None.
        dtype: dtype policy, or None for Keras' global one.
        name: Name of the network.

    Example:

    ```python
    network = km.VideoDiscriminator(32, clip_frames=4, num_classes=2, filters=8)
    clips = np.random.uniform(-1, 1, (4, 4, 32, 32, 3))
    scores = network.predict(clips)
    scores["category_logits"].shape  # (4, 2)
    ```
    """

    def __init__(
        self,
        image_size: int | tuple[int, int] = 64,
        channels: int = 3,
        clip_frames: int = 16,
        num_classes: int = 0,
        filters: int = 64,
        levels: int = 4,
        instance_noise: float = 0.0,
        normalization: str = "batch",
        seed: int | None = None,
        dtype: str | keras.DTypePolicy | None = None,
        name: str = "video_discriminator",
    ) -> None:
        height, width = check_video_size(image_size, channels)
        check_at_least(1, filters=filters)
        check_at_least(4, clip_frames=clip_frames)
        check_at_least(0, num_classes=num_classes)
        check_noise(instance_noise)
        if not isinstance(levels, Integral) or levels not in (3, 4):
            raise ValueError(
                "`levels` must be 4 (the published code's) or 3 (the paper's table 6). "
                f"Received: levels={levels!r}."
            )

        make = discriminator_factory(normalization, seed, dtype)
        times = temporal_kernels(clip_frames, levels + 1)
        shape = (clip_frames, height, width, channels)
        clips = keras.Input(shape, name="clips")
        x = clips
        for level, multiple in enumerate((1, 2, 4, 8)[:levels]):
            x = with_noise(make, x, instance_noise, level)
            x = _downsample(make, x, multiple * filters, times[level], f"conv_{level}")
            x = normalize_and_activate(make, x, level, normalization)
        if levels == 3:
            x = with_noise(make, x, instance_noise, "head")
        outputs = _video_head(make, x, 1 + num_classes, times[-1], levels)

        super().__init__(clips, outputs)


def _downsample(make, x, filters, frames, name):
    # Keras pads all axes of a 3D convolution or none; time must stay unpadded.
    strides = {"strides": (1, 2, 2), "pad": (0, 1, 1)}
    return make.conv(convolutions.Conv3D, filters, (frames, 4, 4), name, **strides)(x)


def _video_head(make, x, filters, frames, levels):
    if levels == 3:
        x = _downsample(make, x, filters, frames, "head")
    else:
        window = (frames, *(min(4, side) for side in x.shape[2:4]))
        x = make.conv(convolutions.Conv3D, filters, window, "head")(x)
    return video_scores(make, x)


@keras.saving.register_keras_serializable(package="keras_mocogan")
class ClipDiscriminator(Network):
    """Judges clips as a whole: the discriminator of VGAN and TGAN.

    Four 3D convolutions with kernel 4 and stride 2 in time and space, LeakyReLU with
    slope 0.2, batch normalization except in the first; then one logit that sees the
    whole clip (Vondrick et al., 2016, section 3.3; Saito et al., 2017, table 1). In a
    clip of 4 or 8 frames, only one frame is left for the last levels, and their kernels
    span that one.

    It maps clips of shape `(batch, clip_frames, height, width, channels)` in [-1, 1] to
    what `VideoDiscriminator` gives: `"logits"` of shape `(batch, 1, 1, 1, 1)` and, with
    classes, `"category_logits"` of shape `(batch, num_classes)`.

    Args:
        image_size: int or (height, width) in pixels, multiples of 16 from 32 to 256.
        channels: 1 to 4.
        clip_frames: 4, 8, or a multiple of 16.
        num_classes: Number of classes, 0 for none.
        filters: Channels of the first level; the papers' are 64.
        instance_noise: Standard deviation of Gaussian noise added before every
            convolution but the head while training; 0 in the papers.
        normalization: As for `VideoDiscriminator`.
        seed: Integer that fixes initial weights and noise, or None.
        dtype: dtype policy, or None for Keras' global one.
        name: Name of the network.

    Example:

    ```python
    network = km.ClipDiscriminator(32, clip_frames=4, num_classes=2, filters=8)
    clips = np.random.uniform(-1, 1, (4, 4, 32, 32, 3))
    scores = network.predict(clips)
    scores["category_logits"].shape  # (4, 2)
    ```
    """

    def __init__(
        self,
        image_size: int | tuple[int, int] = 64,
        channels: int = 3,
        clip_frames: int = 16,
        num_classes: int = 0,
        filters: int = 64,
        instance_noise: float = 0.0,
        normalization: str = "batch",
        seed: int | None = None,
        dtype: str | keras.DTypePolicy | None = None,
        name: str = "video_discriminator",
    ) -> None:
        height, width = check_video_size(image_size, channels)
        check_at_least(1, filters=filters)
        check_at_least(0, num_classes=num_classes)
        check_noise(instance_noise)

        make = discriminator_factory(normalization, seed, dtype)
        shape = (clip_frames, height, width, channels)
        clips = keras.Input(shape, name="clips")
        x = clips
        # The generators' steps backwards: time is halved until one frame is left.
        steps = reversed(temporal_doublings(clip_frames))
        for level, (multiple, step) in enumerate(zip((1, 2, 4, 8), steps, strict=True)):
            x = with_noise(make, x, instance_noise, level)
            x = make.strided(
                convolutions.Conv3D, multiple * filters, step, f"conv_{level}"
            )(x)
            x = normalize_and_activate(make, x, level, normalization)
        head = make.conv(convolutions.Conv3D, 1 + num_classes, x.shape[1:4], "head")
        scores = video_scores(make, head(x))

        super().__init__(clips, scores)
