"""D_I, the image discriminator (paper, section 3 and table 6)."""

import keras
from keras import layers, ops

from keras_mocogan.checks import check_at_least, check_choice, check_video_size
from keras_mocogan.layers import convolutions
from keras_mocogan.networks import frame_comparison, projected_features
from keras_mocogan.networks.base import Network
from keras_mocogan.networks.discriminator_blocks import (
    check_noise,
    discriminator_factory,
    normalize_and_activate,
    of_groups,
    weighed_alike,
    with_noise,
)


@keras.saving.register_keras_serializable(package="keras_mocogan")
class ImageDiscriminator(Network):
    """D_I: judges single frames, or a few frames of one clip together.

    Convolutions with kernel 4 and stride 2, LeakyReLU with slope 0.2, batch
    normalization except in the first. The variant `"patch"` is the paper's table 6
    and the default: `filters * (1, 2, 4)` channels, then one logit for each patch, a
    map of `height / 16` by `width / 16`. `"full"` adds a level of `8 * filters`
    channels and ends with one logit that sees the whole frame.

    It maps frames of shape `(batch, height, width, channels)` in [-1, 1] to float32
    logits of shape `(batch, rows, columns, 1)`.

    With `frames=2` or more it takes random frames of one clip,
    `(batch, frames, height, width, channels)`. Single frames cannot show that a shirt
    changes its color within a clip; two frames far apart can. With `fusion="early"`
    they are stacked in channels before the first convolution. With `"late"` each frame
    goes through the convolutions alone, and what they found in the frames is compared
    (see `networks/frame_comparison.py`). It then returns a dictionary: `"logits"`
    `(batch, n)`, some of which are copies of `"same_clip_logits"` `(batch, 1)`, and
    the `"codes"` of the frames, `(batch, frames, 64)`. The comparison learns from
    frames of two real clips too; see `mismatch_weight` of `compile`.

    With `features` it also judges what a frozen EfficientNet-Lite0, trained on photos,
    sees in each frame (see `networks/projected_features.py`), as in Sauer, Chitta,
    Müller and Geiger, "Projected GANs Converge Faster", NeurIPS 2021. Its logits are
    then `(batch, n)`. Patches, comparison and features have equal shares of them. The
    layers that judge features have neither instance noise nor batch normalization.
    Spectral normalization and weight constraints do not bound the slope of the features
    themselves, and penalties leave those of frames of less than 64 pixels out.

    With a `content_dim` it returns a dictionary of `"logits"` and of `"content"`, the
    content vectors that it recovers from generated frames, `(batch, content_dim)`.

    Args:
        image_size: int or (height, width) in pixels, multiples of 16 from 32 to 256.
        channels: 1 to 4; 1 or 3 with `features`.
        filters: Channels of the first level; the paper's are 64.
        variant: `"patch"` or `"full"`.
        frames: Frames that are judged together; 1 in the paper.
        fusion: `"early"` or `"late"`, where frames that are judged together meet, see
            above. `"late"` needs at least two.
        features: `"efficientnet_lite0"` to judge features of a pretrained network too,
            see above; `"none"`, the paper's, for none.
        content_dim: Size of the content vector to recover from frames, through a
            separate convolution and dense layer; 0, the paper's, for none. See
            `content_weight` of `compile`.
        instance_noise: Standard deviation of Gaussian noise added before every
            convolution while training, but not before the head of `"full"`; the
            published code's remedy if the discriminator is far ahead.
        normalization: `"batch"`, the paper's; `"synchronized_batch"`, the same over
            all devices of TensorFlow or PyTorch; or, for a gradient penalty,
            `"none"` or `"spectral"`, see
            `layers.spectral_normalization.SpectralNormalization`.
        seed: Integer that fixes initial weights and noise, or None.
        dtype: dtype policy, or None for Keras' global one.
        name: Name of the network.

    Example:

    ```python
    network = km.ImageDiscriminator(image_size=32, filters=8)
    frames = np.random.uniform(-1, 1, (4, 32, 32, 3))
    logits = network.predict(frames)  # (4, 2, 2, 1)
    ```
    """

    def __init__(
        self,
        image_size: int | tuple[int, int] = 64,
        channels: int = 3,
        filters: int = 64,
        variant: str = "patch",
        frames: int = 1,
        fusion: str = "early",
        features: str = "none",
        content_dim: int = 0,
        instance_noise: float = 0.0,
        normalization: str = "batch",
        seed: int | None = None,
        dtype: str | keras.DTypePolicy | None = None,
        name: str = "image_discriminator",
    ) -> None:
        height, width = check_video_size(image_size, channels)
        check_at_least(1, filters=filters, frames=frames)
        check_at_least(0, content_dim=content_dim)
        check_noise(instance_noise)
        check_choice("variant", variant, ("patch", "full"))
        _check_fusion(fusion, frames)
        _check_features(features, channels)

        make = discriminator_factory(normalization, seed, dtype)
        shape = (height, width, channels)
        inputs = keras.Input(shape if frames == 1 else (frames, *shape), name="frames")
        multiples = (1, 2, 4) if variant == "patch" else (1, 2, 4, 8)
        singles = inputs if frames == 1 else frame_comparison.one_by_one(inputs)
        stacked = fusion == "early" and frames > 1
        x = _stack_in_channels(make, inputs) if stacked else singles
        for level, multiple in enumerate(multiples):
            x = with_noise(make, x, instance_noise, level)
            x = make.conv(
                convolutions.Conv2D,
                multiple * filters,
                4,
                f"conv_{level}",
                strides=2,
                padding="same",
            )(x)
            x = normalize_and_activate(make, x, level, normalization)
        found = x
        if variant == "patch":
            x = with_noise(make, x, instance_noise, "head")
        x = _image_head(make, variant, x.shape[1:3])(x)
        outputs = {"logits": make.to_float32("patch_logits")(x)}

        projects = features != "none"
        maps = projected_features.maps_of(make, singles) if projects else []
        judges = [of_groups(outputs["logits"], 1 if stacked else frames)]
        if fusion == "late":
            compared = frame_comparison.compare(make, [found, *maps], frames)
            judges.append(compared["same_clip_logits"])
            outputs |= compared
        if projects:
            judges.append(of_groups(projected_features.judge(make, maps), frames))
        if len(judges) > 1:
            outputs["logits"] = weighed_alike(judges)
        if content_dim:
            content = _recover_content(make, found, content_dim)
            if fusion == "late":
                content = ops.mean(frame_comparison.together(content, frames), axis=1)
            outputs["content"] = content

        # A single output as it is, as users' own networks give it.
        super().__init__(inputs, outputs if len(outputs) > 1 else outputs["logits"])


def _recover_content(make, features, content_dim):
    filters = 2 * features.shape[-1]
    options = {"strides": 2, "padding": "same", "use_bias": True}
    conv = make.conv(convolutions.Conv2D, filters, 4, "content_conv", **options)
    x = make.leaky_relu("content_leaky_relu")(conv(features))
    x = make.flatten("content_features")(x)
    x = make.dense(content_dim, "content", use_bias=True)(x)
    return make.to_float32("content_float32")(x)


def compares_frames(network: keras.Model | None) -> bool:
    """Whether it is an `ImageDiscriminator` that compares frames by their codes."""
    is_own = isinstance(network, ImageDiscriminator)
    return is_own and network.arguments["fusion"] == "late"


def recovers_content(network: keras.Model | None) -> bool:
    """Whether an image discriminator recovers content vectors too."""
    outputs = getattr(network, "output", None)  # only functional models have one
    return isinstance(outputs, dict) and "content" in outputs


def frames_together(network: keras.Model) -> int:
    """Frames of one clip that an image discriminator judges at once, an `int`."""
    # Only functional models know their input's shape; others take single frames.
    shape = getattr(network, "input_shape", ())
    return shape[1] if len(shape) == 5 else 1


def check_frames_together(together: int, clip_frames: int) -> None:
    """Checks that a clip has enough frames to be judged together.

    Raises:
        ValueError: If it has fewer.
    """
    if together > clip_frames:
        raise ValueError(
            "`image_discriminator` must judge at most clip_frames="
            f"{clip_frames} frames together: they are frames of one clip. Received: "
            f"frames={together}."
        )


def check_content_dim(content_dim: int, of_model: int) -> None:
    """Checks that D_I recovers the model's content vector, or nothing.

    Raises:
        ValueError: If the vector has another size.
    """
    if content_dim and content_dim != of_model:
        raise ValueError(
            "`content_dim` of the `image_discriminator` must be 0, or the size of the "
            f"model's content vector, {of_model}. Received: content_dim={content_dim}. "
            "For `MoCoGAN`, 'content' stands for that size."
        )


def _check_fusion(fusion, frames):
    check_choice("fusion", fusion, ("early", "late"))
    if fusion == "late" and frames == 1:
        raise ValueError(
            "`fusion` must be 'early' for single frames: there is nothing to compare. "
            "Received: fusion='late', frames=1. Give `frames=2` or `fusion='early'`."
        )


def _check_features(features, channels):
    check_choice("features", features, ("none", "efficientnet_lite0"))
    if features != "none" and channels not in (1, 3):
        raise ValueError(
            "`features` must be 'none' for frames of two or four channels: the network "
            "was trained on RGB photos. Received: "
            f"features={features!r}, channels={channels}. Give `features='none'` "
            "(`--features=none`)."
        )


def _stack_in_channels(make, frames):
    count, height, width, channels = frames.shape[1:]
    x = layers.Permute((2, 3, 1, 4), dtype=make.dtype, name="frames_last")(frames)
    shape = (height, width, count * channels)
    return layers.Reshape(shape, dtype=make.dtype, name="stacked")(x)


def _image_head(make, variant, whole):
    if variant == "patch":
        return make.conv(convolutions.Conv2D, 1, 4, "head", strides=2, padding="same")
    return make.conv(convolutions.Conv2D, 1, whole, "head", padding="valid")
