"""Group normalization and a modulation of its result, in one pass over the values."""

from typing import Any

import keras
from keras import ops

from keras_mocogan.backend import kernels


@keras.saving.register_keras_serializable(package="keras_mocogan")
class GroupNormalization(keras.layers.GroupNormalization):
    """`keras.layers.GroupNormalization` over the last axis, faster, with a modulation.

    Normalizing, the layer's weights and the modulation all multiply a channel by one
    number for each sample and add another. These two numbers are computed first, from
    sums over a channel's values and of their squares. Keras makes a pass for each.

    It is called on values of shape `(batch, ..., channels)`, and optionally on a
    `modulation`: a pair of tensors of shape `(batch, channels)`, by which each channel
    of the normalized values is scaled, as one plus the first, and then shifted.

    Args:
        groups: How many groups the channels make up; it divides their number.
        **kwargs: As for Keras' layer, but for `axis`, which is the last.

    Raises:
        ValueError: If `axis` is another one.

    Example:

    ```python
    import keras
    from keras_mocogan.layers.group_normalization import GroupNormalization

    layer = GroupNormalization(8)
    x = keras.random.normal((2, 4, 4, 16))
    scale = shift = keras.random.normal((2, 16))
    y = layer(x, (scale, shift))  # (2, 4, 4, 16)
    ```
    """

    def __init__(self, groups: int = 32, **kwargs: Any) -> None:
        super().__init__(groups, **kwargs)
        if self.axis != -1:
            raise ValueError(
                "`axis` must be -1, the channels' axis. Received: "
                f"axis={self.axis}. Use `keras.layers.GroupNormalization`."
            )

    def build(self, inputs_shape, modulation_shape=None):
        super().build(inputs_shape)

    def compute_output_shape(self, inputs_shape, modulation_shape=None):
        return inputs_shape

    def call(self, inputs: Any, modulation: tuple[Any, Any] | None = None) -> Any:
        """Maps `(batch, ..., channels)` to values of the same shape."""
        if kernels.is_reference():
            y = super().call(inputs)
            return y if modulation is None else _modulate(y, *modulation)

        dtype = keras.backend.result_type(inputs.dtype, "float32")
        values = ops.cast(inputs, dtype)
        values = ops.reshape(values, (ops.shape(inputs)[0], -1, inputs.shape[-1]))
        mean = self._of_groups(ops.mean(values, axis=1))
        square = self._of_groups(ops.mean(ops.square(values), axis=1))
        # Rounding can make it negative where all values are alike.
        variance = ops.maximum(square - ops.square(mean), 0)

        factor = ops.rsqrt(variance + self.epsilon)
        if self.scale:
            factor = factor * ops.cast(self.gamma, dtype)
        term = -mean * factor
        if self.center:
            term = term + ops.cast(self.beta, dtype)
        if modulation is not None:
            scale, shift = (ops.cast(given, dtype) for given in modulation)
            factor, term = factor * (1 + scale), term * (1 + scale) + shift
        y = values * factor[:, None] + term[:, None]
        return ops.reshape(ops.cast(y, self.compute_dtype), ops.shape(inputs))

    def _of_groups(self, means):
        """The means of groups from those of channels, `(batch, channels)`."""
        size = means.shape[-1] // self.groups
        grouped = ops.reshape(means, (-1, self.groups, size))
        return ops.repeat(ops.mean(grouped, axis=-1), size, axis=-1)


def _modulate(x, scale, shift):
    places = (-1, *[1] * (len(x.shape) - 2), x.shape[-1])
    return x * (1 + ops.reshape(scale, places)) + ops.reshape(shift, places)
