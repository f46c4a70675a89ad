"""Where a convolution's windows lie in its flattened input."""

import math

import numpy as np


def output_sizes(sizes, window, strides):
    """Positions of a window on each axis, without padding."""
    return [(n - k) // s + 1 for n, k, s in zip(sizes, window, strides, strict=True)]


def patch_index(sizes, window, strides):
    """Places in the flattened input, position by position.

    Args:
        sizes: Lengths of the axes that the window moves along.
        window, strides: One number for each of these axes.

    Returns:
        int32 array of shape `(positions * taps,)`.
    """
    places = np.arange(math.prod(sizes), dtype="int32").reshape(sizes)
    windows = np.lib.stride_tricks.sliding_window_view(places, window)
    steps = tuple(slice(None, None, stride) for stride in strides)
    return np.ascontiguousarray(windows[steps]).ravel()
