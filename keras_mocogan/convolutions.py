"""Strided convolutions in the form that the processor runs fastest.

The weights and the results are those of Keras' layers (to float rounding); what
differs is how they are computed on a CPU. BUILD_NOTES.md has the measurements.
"""

import itertools
import math

import keras
from keras import ops

from keras_mocogan import backend
from keras_mocogan.backend.patches import output_sizes, patch_index

# The matrix of patches is the kernel's size times (positions / filters) for each clip.
_FEW_POSITIONS = 1 / 8
_THIN_CHANNELS = 4


class _FastConv:
    """A Keras convolution that computes in another form where that is faster.

    `pad` is what "same" means where all but the frames are padded.
    """

    def __init__(self, *args, pad=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.pad = pad

    def _widths(self, sizes):
        if self.pad is not None:
            return [(w, w) for w in self.pad]
        if self.padding == "same":
            return _same_padding(sizes, self.kernel_size, self.strides)
        return [(0, 0)] * self.rank

    def convolution_op(self, inputs, kernel):
        kernel = ops.convert_to_tensor(kernel)
        widths = self._widths(inputs.shape[1:-1])
        padded = [n + sum(w) for n, w in zip(inputs.shape[1:-1], widths, strict=True)]
        convolve = _best_form(padded, kernel.shape, self.strides)
        if convolve is None:
            return backend.convolve(inputs, kernel, self.strides, widths)
        if any(map(any, widths)):
            inputs = ops.pad(inputs, [(0, 0), *widths, (0, 0)])
        return convolve(inputs, kernel, self.strides)

    def compute_output_shape(self, input_shape):
        sizes = input_shape[1:-1]
        padded = [n + sum(w) for n, w in zip(sizes, self._widths(sizes), strict=True)]
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
    """A Keras transposed convolution that computes in another form where faster."""

    def call(self, inputs):
        window, strides = self.kernel.shape[: self.rank], self.strides
        fits = self.padding == "same" and all(
            (k, s) == (4, 2) or k == s for k, s in zip(window, strides, strict=True)
        )
        if not fits:
            return super().call(inputs)
        form = backend.convolve_transposed
        if backend.SLOW_STRIDES and backend.on_cpu():
            form = transpose_as_matmul
        outputs = form(inputs, ops.convert_to_tensor(self.kernel), strides)
        if self.use_bias:
            outputs = ops.add(outputs, ops.convert_to_tensor(self.bias))
        return self.activation(outputs)


@keras.saving.register_keras_serializable(package="keras_mocogan")
class Conv2DTranspose(_FastConvTranspose, keras.layers.Conv2DTranspose):
    """`keras.layers.Conv2DTranspose`, channels last."""


@keras.saving.register_keras_serializable(package="keras_mocogan")
class Conv3DTranspose(_FastConvTranspose, keras.layers.Conv3DTranspose):
    """`keras.layers.Conv3DTranspose`, channels last."""


def transpose_as_matmul(inputs, kernel, strides):
    """A transposed convolution as one matrix product whose results are folded.

    Args:
        inputs: `(batch, *sizes, channels)`.
        kernel: `(*window, filters, channels)`; on each axis the window is the stride,
            or twice the stride, which is then 2.
        strides: One for each axis of `sizes`.

    Returns:
        `(batch, *(sizes * strides), filters)`, as of padding "same".
    """
    sizes = inputs.shape[1:-1]
    *window, filters, channels = kernel.shape
    rank = len(sizes)
    rows = ops.reshape(inputs, (-1, channels))
    taps = ops.matmul(rows, ops.transpose(ops.reshape(kernel, (-1, channels))))
    # Tap k of an axis is a * stride + p: pixel p of the a-th block from here.
    split = [n for k, s in zip(window, strides, strict=True) for n in (k // s, s)]
    taps = ops.reshape(taps, (-1, *sizes, *split, filters))
    blocks = [k // s for k, s in zip(window, strides, strict=True)]
    total = 0
    for shift in itertools.product(*map(range, blocks)):
        part = taps[
            (slice(None),) * (1 + rank)
            + tuple(i for a in shift for i in (a, slice(None)))
        ]
        widths = [(a, b - 1 - a) for a, b in zip(shift, blocks, strict=True)]
        total += ops.pad(part, [(0, 0), *widths, *[(0, 0)] * (rank + 1)])
    # (batch, *blocks, *strides, filters): the axes are interleaved and cut to size.
    order = [i for axis in range(rank) for i in (1 + axis, 1 + rank + axis)]
    total = ops.transpose(total, (0, *order, 1 + 2 * rank))
    grown = [(n + b - 1) * s for n, b, s in zip(sizes, blocks, strides, strict=True)]
    total = ops.reshape(total, (-1, *grown, filters))
    cut = [
        slice((b - 1) * s // 2, (b - 1) * s // 2 + n * s)
        for n, b, s in zip(sizes, blocks, strides, strict=True)
    ]
    return total[(slice(None), *cut)]


def _best_form(sizes, kernel_shape, strides):
    """A function `(padded inputs, kernel, strides)`, or None for the library's own."""
    if not backend.on_cpu():
        return None
    *window, channels, filters = kernel_shape
    positions = math.prod(output_sizes(sizes, window, strides))
    if 1 < positions <= filters * _FEW_POSITIONS:
        return convolve_as_matmul
    strided = max(strides) > 1 and not any(
        k % s for k, s in zip(window, strides, strict=True)
    )
    if strided and (backend.SLOW_STRIDES or channels <= _THIN_CHANNELS):
        return convolve_in_blocks
    return None


def convolve_as_matmul(inputs, kernel, strides):
    """One matrix product of all patches and the kernel, without padding.

    For few positions and a large kernel, which a convolution would spend its time on
    rearranging.

    Args:
        inputs: `(batch, *sizes, channels)`.
        kernel: `(*window, channels, filters)`.
        strides: One for each axis of `sizes`.

    Returns:
        `(batch, *output sizes, filters)`.
    """
    sizes, (*window, channels, filters) = inputs.shape[1:-1], kernel.shape
    output = output_sizes(sizes, window, strides)
    index = patch_index(sizes, window, strides)
    flat = ops.reshape(inputs, (-1, math.prod(sizes), channels))
    patches = ops.take(flat, index, axis=1)
    patches = ops.reshape(patches, (-1, math.prod(window) * channels))
    product = backend.matmul(patches, ops.reshape(kernel, (-1, filters)))
    return ops.reshape(product, (-1, *output, filters))


def convolve_in_blocks(inputs, kernel, strides):
    """A strided convolution as one of stride 1 over blocks, without padding.

    Each block of `strides` pixels becomes one pixel of as many times the channels
    (space to depth), and so does the kernel. Arguments and result as of
    `convolve_as_matmul`; the window is a multiple of the strides.
    """
    sizes, (*window, _, _) = inputs.shape[1:-1], kernel.shape
    output = output_sizes(sizes, window, strides)
    used = [(o - 1) * s + k for o, s, k in zip(output, strides, window, strict=True)]
    inputs = inputs[(slice(None), *(slice(n) for n in used))]
    blocks = _to_blocks(inputs, strides, first=1)
    return ops.conv(
        blocks, _to_blocks(kernel, strides, first=0), data_format="channels_last"
    )


def _to_blocks(x, strides, first):
    """Moves blocks of the axes from `first` on into the axis that follows them."""
    rank, last = len(strides), first + len(strides)
    split, before = [], list(x.shape[:first])
    for size, stride in zip(x.shape[first:last], strides, strict=True):
        split += [size // stride, stride]
    after = list(x.shape[last:])
    before = [-1] * len(before)
    x = ops.reshape(x, (*before, *split, *after))
    outer = [first + 2 * i for i in range(rank)]
    inner = [first + 2 * i + 1 for i in range(rank)]
    tail = range(first + 2 * rank, first + 2 * rank + len(after))
    x = ops.transpose(x, (*range(first), *outer, *inner, *tail))
    channels = math.prod(strides) * after[0]
    return ops.reshape(x, (*before, *split[::2], channels, *after[1:]))


def _same_padding(sizes, kernel_shape, strides):
    """As TensorFlow's "same": what is odd goes behind."""
    widths = []
    for size, window, stride in zip(sizes, kernel_shape, strides, strict=False):
        total = max((-(-size // stride) - 1) * stride + window - size, 0)
        widths.append((total // 2, total - total // 2))
    return widths
