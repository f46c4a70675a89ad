"""E_C, the image encoder (paper, image to video)."""

import keras
from keras import layers

from keras_mocogan.checks import check_at_least, check_video_size
from keras_mocogan.layers import convolutions
from keras_mocogan.layers.centering import Centering
from keras_mocogan.layers.unit_normalization import UnitNormalization
from keras_mocogan.networks.base import Network
from keras_mocogan.networks.layer_factory import LEAKY_GAIN, LINEAR_GAIN, LayerFactory

_LEVELS = (1, 2, 4, 8)


@keras.saving.register_keras_serializable(package="keras_mocogan")
class ImageEncoder(Network):
    """E_C: turns an image into the content of a video that begins with it.

    Convolutions with kernel 4 and stride 2 and `filters * (1, 2, 4, 8)` channels, with
    LeakyReLU of slope 0.2, then one dense layer. There is no normalization between
    them, which would hide how bright an image is.

    From every vector the running mean of all is subtracted, and the rest is scaled to
    the length sqrt(content_dim), near which vectors drawn from N(0, I) lie. So contents
    differ as much as the image generator's first weights expect. Without the mean,
    those of different people pointed the same way, with an average cosine of 0.97.

    It maps images of shape `(batch, height, width, channels)` in [-1, 1] to float32
    contents of shape `(batch, content_dim)`.

    Args:
        image_size: int or (height, width) in pixels, multiples of 16 from 32 to 256.
        channels: 1 to 4.
        content_dim: Size of the content vector, at least 2.
        filters: Channels of the first level.
        seed: Integer that fixes the initial weights, or None.
        dtype: dtype policy, or None for Keras' global one.
        name: Name of the network.

    Raises:
        ValueError: If a size does not fit.

    References:
        Tulyakov and others, CVPR 2018, on image to video. The paper does not fix these
        layers; they mirror the image generator's.

    Example:

    ```python
    network = km.ImageEncoder(image_size=32, content_dim=16, filters=8)
    images = np.random.uniform(-1, 1, (4, 32, 32, 3))
    content = network.predict(images)  # (4, 16)
    ```
    """

    def __init__(
        self,
        image_size: int | tuple[int, int] = 64,
        channels: int = 3,
        content_dim: int = 50,
        filters: int = 64,
        seed: int | None = None,
        dtype: str | keras.DTypePolicy | None = None,
        name: str = "image_encoder",
    ) -> None:
        height, width = check_video_size(image_size, channels)
        check_at_least(2, content_dim=content_dim)
        check_at_least(1, filters=filters)

        make = LayerFactory(seed, dtype, LEAKY_GAIN, use_bias=True)
        images = keras.Input((height, width, channels), name="images")
        x = images
        for level, multiple in enumerate(_LEVELS):
            options = {"strides": 2, "padding": "same"}
            name_of_level = f"conv_{level}"
            conv = make.conv(
                convolutions.Conv2D, multiple * filters, 4, name_of_level, **options
            )
            x = make.leaky_relu(f"leaky_relu_{level}")(conv(x))
        x = make.flatten("features")(x)
        x = make.dense(content_dim, "content", use_bias=True, gain=LINEAR_GAIN)(x)
        content = _to_length(make.to_float32("content_float32")(x))

        super().__init__(images, content)


def _to_length(content):
    """Vectors of the length sqrt(their size), in directions around zero."""
    content = Centering(dtype="float32", name="centered")(content)
    unit = UnitNormalization(dtype="float32", name="direction")(content)
    length = content.shape[-1] ** 0.5
    return layers.Rescaling(length, dtype="float32", name="length")(unit)
