"""How a content decides what G_I draws, other than as an input of its first layer."""

import keras
from keras import layers, ops

from keras_mocogan.networks.layer_factory import LINEAR_GAIN, RELU_GAIN, LayerFactory

_PIXEL_LAYERS = 2

Tensor = keras.KerasTensor


class ContentModulation:
    """One hidden layer of the content, and all that it sets in one network.

    Args:
        make: Makes the network's layers.
        content: The content, `(batch, content_dim)`; with a `content_dim` of 0 nothing
            is modulated.
        units: Width of the hidden layer.
    """

    def __init__(self, make: LayerFactory, content: Tensor, units: int) -> None:
        self._make, self._hidden = make, None
        if content.shape[-1]:
            hidden = make.dense(units, "modulation", gain=RELU_GAIN, use_bias=True)
            self._hidden = make.relu("modulation_relu")(hidden(content))

    def modulation(self, channels: int, level: int) -> tuple[Tensor, Tensor] | None:
        """The scale, less one, and the shift of each channel, `(batch, channels)`."""
        if self._hidden is None:
            return None
        # The weights start so large that the content matters from the first step. When
        # scale and shift started near one and zero, it was ignored to the end.
        scale, shift = (
            self._make.dense(
                channels, f"{name}_{level}", gain=LINEAR_GAIN, use_bias=True
            )(self._hidden)
            for name in ("scale", "shift")
        )
        return scale, shift

    def modulate(self, x: Tensor, level: int) -> Tensor:
        """Scales and shifts the channels of `x`, `(batch, rows, columns, channels)`."""
        modulation = self.modulation(x.shape[-1], level)
        if modulation is None:
            return x
        scale, shift = (given[:, None, None] for given in modulation)
        return x * (1 + scale) + shift

    def color_pixels(self, x: Tensor, first_level: int, channels: int) -> Tensor:
        """`channels` values for each pixel, from the pixel's features and the content.

        Two layers with as many channels as `x`, modulated, and a linear one; all of
        them see a single pixel.
        """
        for level in range(first_level, first_level + _PIXEL_LAYERS):
            x = self._point(x, x.shape[-1], f"pixel_{level}", RELU_GAIN)
            x = self._make.relu(f"relu_{level}")(self.modulate(x, level))
        return self._point(x, channels, "pixel_values", LINEAR_GAIN)

    def paint(self, x: Tensor, channels: int) -> Tensor:
        """A frame in the content's colors; the channels of `x` compete for a pixel."""
        make, size = self._make, x.shape[-1]
        colors = make.dense(
            size * channels, "palette", gain=LINEAR_GAIN, use_bias=True
        )(self._hidden)
        colors = layers.Reshape((size, channels), dtype="float32")(colors)
        colors = layers.Activation("tanh", dtype="float32", name="colors")(colors)
        shares = layers.Softmax(dtype="float32", name="shares")(x)
        return ops.einsum("nhwk,nkc->nhwc", shares, colors)

    def _point(self, x, channels, name, gain):
        make = self._make
        options = {"kernel_initializer": make.initializer(gain), "use_bias": True}
        return make.conv(layers.Conv2D, channels, 1, name, **options)(x)
