"""Strided convolutions in the form that the processor runs fastest.

The weights and the results are those of Keras' layers, apart from rounding. Only the
way of computing them on a CPU differs. BUILD_NOTES.md has the measurements.
"""

import math
from collections.abc import Sequence

import keras
from keras import ops

from keras_mocogan.backend import kernels
from keras_mocogan.backend.patches import output_sizes
from keras_mocogan.layers.convolution_forms import (
    convolve_by_im2col,
    convolve_by_space_to_depth,
    transpose_by_im2col,
)

# The matrix of patches is the kernel's size times (positions / filters) for each clip.
_FEW_POSITIONS = 1 / 8
_THIN_CHANNELS = 4


class _FastConv:
    """A Keras convolution that uses another form where that is faster.

    `pad`, one number for each axis, pads some axes but not others, such as all but
    time.
    """

    def __init__(self, *args, pad=None, **kwargs):
        super().__init__(*args, **kwargs)
        _refuse_others(self, dilation_rate=(1,) * self.rank, groups=1)
        self.pad = pad

    def _pads(self, sizes):
        if self.pad is not None:
            return [(w, w) for w in self.pad]
        if self.padding == "same":
            return same_padding(sizes, self.kernel_size, self.strides)
        return [(0, 0)] * self.rank

    def convolution_op(self, inputs, kernel):
        kernel = ops.convert_to_tensor(kernel)
        pads = self._pads(inputs.shape[1:-1])
        padded = [n + sum(w) for n, w in zip(inputs.shape[1:-1], pads, strict=True)]
        convolve = _best_form(padded, kernel.shape, self.strides)
        if convolve is None:
            return kernels.convolve(inputs, kernel, self.strides, pads)
        if any(map(any, pads)):
            inputs = ops.pad(inputs, [(0, 0), *pads, (0, 0)])
        return convolve(inputs, kernel, self.strides)

    def compute_output_shape(self, input_shape):
        sizes = input_shape[1:-1]
        padded = [n + sum(w) for n, w in zip(sizes, self._pads(sizes), strict=True)]
        output = output_sizes(padded, self.kernel_size, self.strides)
        return (input_shape[0], *output, self.filters)

    def get_config(self):
        return {**super().get_config(), "pad": self.pad}


@keras.saving.register_keras_serializable(package="keras_mocogan")
class Conv2D(_FastConv, keras.layers.Conv2D):
    """`keras.layers.Conv2D`, channels last."""


@keras.saving.register_keras_serializable(package="keras_mocogan")
class Conv3D(_FastConv, keras.layers.Conv3D):
    """`keras.layers.Conv3D`, channels last."""


class _FastConvTranspose:
    """A Keras transposed convolution that uses another form where that is faster."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _refuse_others(self, dilation_rate=(1,) * self.rank, output_padding=None)

    def call(self, inputs):
        """Maps `(batch, *sizes, channels)` to `(batch, *larger sizes, filters)`."""
        outputs = self._transpose(inputs, ops.convert_to_tensor(self.kernel))
        if self.use_bias:
            outputs = ops.add(outputs, ops.convert_to_tensor(self.bias))
        return self.activation(outputs)

    def _transpose(self, inputs, kernel):
        window, strides = kernel.shape[: self.rank], self.strides
        fits = self.padding == "same" and all(
            (k, s) == (4, 2) or k == s for k, s in zip(window, strides, strict=True)
        )
        if kernels.is_reference() or not fits:
            layout = {"padding": self.padding, "data_format": self.data_format}
            return ops.conv_transpose(inputs, kernel, strides, **layout)
        form = kernels.convolve_transposed
        if kernels.SLOW_STRIDES and kernels.on_cpu():
            form = transpose_by_im2col
        return form(inputs, kernel, strides)


@keras.saving.register_keras_serializable(package="keras_mocogan")
class Conv2DTranspose(_FastConvTranspose, keras.layers.Conv2DTranspose):
    """`keras.layers.Conv2DTranspose`, channels last."""


@keras.saving.register_keras_serializable(package="keras_mocogan")
class Conv3DTranspose(_FastConvTranspose, keras.layers.Conv3DTranspose):
    """`keras.layers.Conv3DTranspose`, channels last."""


def _refuse_others(layer, **plain):
    """Raises `ValueError` for arguments that the forms here would ignore."""
    kind = next(c.__name__ for c in type(layer).mro() if c.__module__[:5] == "keras")
    for name, value in {"data_format": "channels_last", **plain}.items():
        received = getattr(layer, name)
        if received != value:
            raise ValueError(
                f"`{name}` of keras_mocogan's {kind} must be {value!r}. Received: "
                f"{name}={received!r}. Pass {name}={value!r}, or use "
                f"`keras.layers.{kind}`."
            )


def _best_form(sizes, kernel_shape, strides):
    """A function `(padded inputs, kernel, strides)`, or None for the library's own."""
    if kernels.is_reference() or not kernels.on_cpu():
        return None
    *window, channels, filters = kernel_shape
    positions = math.prod(output_sizes(sizes, window, strides))
    if 1 < positions <= filters * _FEW_POSITIONS:
        return convolve_by_im2col
    strided = max(strides) > 1 and not any(
        k % s for k, s in zip(window, strides, strict=True)
    )
    if strided and (kernels.SLOW_STRIDES or channels <= _THIN_CHANNELS):
        return convolve_by_space_to_depth
    return None


def same_padding(
    sizes: Sequence[int], kernel_shape: Sequence[int], strides: Sequence[int]
) -> list[tuple[int, int]]:
    """TensorFlow's "same" padding of each axis: an odd zero goes after the axis."""
    pads = []
    for size, window, stride in zip(sizes, kernel_shape, strides, strict=False):
        total = max((-(-size // stride) - 1) * stride + window - size, 0)
        pads.append((total // 2, total - total // 2))
    return pads
