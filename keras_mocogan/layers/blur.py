"""A fixed blur of images."""

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_mocogan.backend import kernels

BLUR_WEIGHTS = np.outer((1, 2, 1), (1, 2, 1)) / 16


@keras.saving.register_keras_serializable(package="keras_mocogan")
class Blur(keras.layers.Layer):
    """Weighs each pixel with its neighbors by (1, 2, 1) / 4 along both axes.

    A checkerboard, the error of transposed convolutions of stride 2, vanishes in it
    entirely; coarse patterns hardly change (Zhang, "Making Convolutional Networks
    Shift-Invariant Again", ICML 2019). Beyond its edges an image counts as zero.
    """

    def call(self, images: Any) -> Any:
        """Maps `(batch, height, width, channels)` to the same shape."""
        if kernels.on_cpu() and kernels.SLOW_DEPTHWISE:
            return _blur(_blur(images, axis=1), axis=2)
        kernel = np.repeat(BLUR_WEIGHTS[:, :, None, None], images.shape[-1], axis=2)
        kernel = ops.cast(ops.convert_to_tensor(kernel), images.dtype)
        return ops.depthwise_conv(
            images, kernel, padding="same", data_format="channels_last"
        )

    def compute_output_shape(self, input_shape):
        return input_shape


def _blur(images, axis):
    size = images.shape[axis]
    padded = ops.pad(images, [(int(i == axis),) * 2 for i in range(4)])
    before, after = (
        padded[(slice(None),) * axis + (slice(first, first + size),)]
        for first in (0, 2)
    )
    return (before + after) / 4 + images / 2
