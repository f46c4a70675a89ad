"""Vectors of length one, whose gradients are finite everywhere."""

from typing import Any

import keras
from keras import ops

_SMALLEST = 1e-24  # the square of the length below which Keras' layer divides by 1e-12


@keras.saving.register_keras_serializable(package="keras_mocogan")
class UnitNormalization(keras.layers.UnitNormalization):
    """`keras.layers.UnitNormalization`, but a vector of zeros is left as it is.

    Keras' gradient there is NaN on PyTorch and JAX, and 1e12 on TensorFlow: one such
    vector spoils all weights before the layer. All others have Keras' values and
    gradients.
    """

    def call(self, inputs: Any) -> Any:
        """Maps vectors to vectors of the same shape."""
        square = ops.sum(ops.square(inputs), axis=self.axis, keepdims=True)
        # Before the root: the gradient of what `where` passes over counts too.
        square = ops.where(square < _SMALLEST, ops.ones_like(square), square)
        return inputs * ops.rsqrt(square)
