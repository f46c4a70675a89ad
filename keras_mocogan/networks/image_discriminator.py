"""D_I, the image discriminator (paper, section 3 and table 6)."""

import keras

from keras_mocogan.checks import check_at_least, check_choice, check_video_size
from keras_mocogan.layers import convolutions
from keras_mocogan.networks.base import Network
from keras_mocogan.networks.discriminator_blocks import (
    check_noise,
    discriminator_factory,
    normalize_and_activate,
    with_noise,
)


@keras.saving.register_keras_serializable(package="keras_mocogan")
class ImageDiscriminator(Network):
    """D_I: judges single frames.

    Convolutions with kernel 4 and stride 2, LeakyReLU with slope 0.2, batch
    normalization except in the first. The variant `"patch"` is the paper's table 6
    and the default: `filters * (1, 2, 4)` channels, then one logit for each patch, a
    map of `image_size / 16` squared. `"full"` adds a level of `8 * filters` channels
    and ends with one logit that sees the whole frame.

    It maps frames of shape `(batch, image_size, image_size, channels)` in [-1, 1] to
    float32 logits of shape `(batch, rows, columns, 1)`.

    Args:
        image_size: Side of a frame in pixels, a multiple of 16 from 32 to 256.
        channels: 1 to 4.
        filters: Channels of the first level; the paper's are 64.
        variant: `"patch"` or `"full"`.
        instance_noise: Standard deviation of Gaussian noise added before every
            convolution while training, but not before the head of `"full"`; the
            published code's remedy if the discriminator is far ahead.
        normalization: `"batch"`, the paper's; `"synchronized_batch"`, the same over
            all replicas of a `tf.distribute` strategy; or, for a gradient penalty,
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
        image_size: int = 64,
        channels: int = 3,
        filters: int = 64,
        variant: str = "patch",
        instance_noise: float = 0.0,
        normalization: str = "batch",
        seed: int | None = None,
        dtype: str | keras.DTypePolicy | None = None,
        name: str = "image_discriminator",
    ) -> None:
        check_video_size(image_size, channels)
        check_at_least(1, filters=filters)
        check_noise(instance_noise)
        check_choice("variant", variant, ("patch", "full"))

        make = discriminator_factory(normalization, seed, dtype)
        frames = keras.Input((image_size, image_size, channels), name="frames")
        multiples = (1, 2, 4) if variant == "patch" else (1, 2, 4, 8)
        x = frames
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
        if variant == "patch":
            x = with_noise(make, x, instance_noise, "head")
        x = _image_head(make, variant, image_size // 16)(x)
        logits = make.to_float32("logits")(x)

        super().__init__(frames, logits)


def _image_head(make, variant, side):
    if variant == "patch":
        return make.conv(convolutions.Conv2D, 1, 4, "head", strides=2, padding="same")
    return make.conv(convolutions.Conv2D, 1, side, "head", padding="valid")
