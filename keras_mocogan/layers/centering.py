"""Vectors around zero, whatever else is in their batch."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_mocogan")
class Centering(keras.layers.Layer):
    """Subtracts the running mean of all vectors, in training too.

    The values are those of the running mean, so one vector does not depend on the
    others in its batch. The gradient is that of the batch's own mean, as in batch
    normalization: what would move all vectors alike moves none. With the gradient of
    the running mean, an optimizer shifts all vectors on and on, and the mean follows.
    This is batch renormalization without the scale (Ioffe, NIPS 2017).

    Args:
        momentum: The part of the running mean that is kept in a step.
        **kwargs: `name` and `dtype` of `keras.layers.Layer`.
    """

    def __init__(self, momentum: float = 0.9, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.momentum = momentum

    def build(self, input_shape: tuple[int | None, int]) -> None:
        """Makes the running mean for vectors `(batch, size)`."""
        self.moving_mean = self.add_weight(
            shape=input_shape[-1:],
            initializer="zeros",
            trainable=False,
            autocast=False,
            aggregation="mean",
            name="moving_mean",
        )

    def call(self, x: Any, training: bool = False) -> Any:
        """Maps `(batch, size)` to vectors of the same shape."""
        # The mean of vectors of a smaller dtype is not one of them.
        x = ops.cast(x, self.variable_dtype)
        known = ops.convert_to_tensor(self.moving_mean)
        if not (training and self.trainable):
            return ops.cast(x - known, self.compute_dtype)
        mean = ops.mean(x, axis=0)
        constant = ops.stop_gradient(mean)
        centered = (x - mean) + (constant - known)
        kept = self.momentum * known + (1 - self.momentum) * constant
        self.moving_mean.assign(kept)  # last: PyTorch's `known` changes with it
        return ops.cast(centered, self.compute_dtype)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "momentum": self.momentum}
