"""Other forms of strided convolutions, with the same weights and results.

They use Keras' operations and run on every backend; `convolutions` chooses among them.
"""

import itertools
import math
from collections.abc import Sequence
from typing import Any

from keras import ops

from keras_mocogan.backend import kernels
from keras_mocogan.backend.patches import output_sizes, patch_index


def convolve_by_im2col(inputs: Any, kernel: Any, strides: Sequence[int]) -> Any:
    """A convolution as one matrix product of all patches and the kernel, unpadded.

    It suits few positions and a large kernel: a library's convolution would spend its
    time on rearranging the kernel.

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
    product = kernels.matmul(patches, ops.reshape(kernel, (-1, filters)))
    return ops.reshape(product, (-1, *output, filters))


def convolve_by_space_to_depth(inputs: Any, kernel: Any, strides: Sequence[int]) -> Any:
    """A strided convolution as one of stride 1 over blocks, without padding.

    Each block of `strides` pixels becomes one pixel with as many times the channels
    (space to depth), and the kernel is changed in the same way. Arguments and result
    are those of `convolve_by_im2col`; the window must be a multiple of the strides.
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
    split, before = [], [-1] * first
    for size, stride in zip(x.shape[first:last], strides, strict=True):
        split += [size // stride, stride]
    after = list(x.shape[last:])
    x = ops.reshape(x, (*before, *split, *after))
    outer = [first + 2 * i for i in range(rank)]
    inner = [first + 2 * i + 1 for i in range(rank)]
    tail = range(first + 2 * rank, first + 2 * rank + len(after))
    x = ops.transpose(x, (*range(first), *outer, *inner, *tail))
    channels = math.prod(strides) * after[0]
    return ops.reshape(x, (*before, *split[::2], channels, *after[1:]))


def transpose_by_im2col(inputs: Any, kernel: Any, strides: Sequence[int]) -> Any:
    """A transposed convolution as one matrix product, whose results are folded.

    Args:
        inputs: `(batch, *sizes, channels)`.
        kernel: `(*window, filters, channels)`; on each axis the window is the stride,
            or twice the stride, which is then 2.
        strides: One for each axis of `sizes`.

    Returns:
        `(batch, *(sizes * strides), filters)`, as with padding "same".
    """
    sizes, (*window, filters, channels) = inputs.shape[1:-1], kernel.shape
    rows = ops.reshape(inputs, (-1, channels))
    taps = ops.matmul(rows, ops.transpose(ops.reshape(kernel, (-1, channels))))
    # Tap k of an axis is a * stride + p: pixel p of the a-th block from this place.
    blocks = [k // s for k, s in zip(window, strides, strict=True)]
    split = [n for pair in zip(blocks, strides, strict=True) for n in pair]
    taps = ops.reshape(taps, (-1, *sizes, *split, filters))
    return _interleave(_fold(taps, blocks), sizes, blocks, strides)


def _fold(taps, blocks):
    """Sums what all places add to a block: `(batch, *blocks, *strides, filters)`."""
    rank, total = len(blocks), 0
    for shift in itertools.product(*map(range, blocks)):
        chosen = [index for a in shift for index in (a, slice(None))]
        part = taps[(*[slice(None)] * (1 + rank), *chosen)]
        pads = [(a, b - 1 - a) for a, b in zip(shift, blocks, strict=True)]
        total += ops.pad(part, [(0, 0), *pads, *[(0, 0)] * (rank + 1)])
    return total


def _interleave(folded, sizes, blocks, strides):
    """Lays the blocks out as pixels, and crops them to `sizes * strides`."""
    rank, filters = len(sizes), folded.shape[-1]
    order = [i for axis in range(rank) for i in (1 + axis, 1 + rank + axis)]
    pixels = ops.transpose(folded, (0, *order, 1 + 2 * rank))
    grown = [(n + b - 1) * s for n, b, s in zip(sizes, blocks, strides, strict=True)]
    pixels = ops.reshape(pixels, (-1, *grown, filters))
    before = [(b - 1) * s // 2 for b, s in zip(blocks, strides, strict=True)]
    cut = [
        slice(low, low + n * s)
        for low, n, s in zip(before, sizes, strides, strict=True)
    ]
    return pixels[(slice(None), *cut)]
