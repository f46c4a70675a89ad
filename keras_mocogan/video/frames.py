"""Value ranges, grids, and the frames that a viewer sees.

Videos are channels last: one is `(frames, height, width, channels)`, several are
`(n, frames, height, width, channels)`. Channels are 1 (gray), 2 (gray and alpha),
3 (RGB) or 4 (RGB and alpha). Values are `uint8` in 0..255 or floats in [-1, 1].
"""

import math
import os
from pathlib import Path
from typing import Any

import numpy as np

from keras_mocogan.checks import check_integer
from keras_mocogan.utils.finite import check_finite
from keras_mocogan.utils.remote.remote_path import RemotePath, as_path

# White shows up between camera clips as well as between shapes on black.
PADDING_VALUE = 255
# Rounding in bfloat16, or in a resize, may exceed [-1, 1] by this much.
RANGE_TOLERANCE = 0.01

_WRITTEN = (".gif", ".mp4")


def to_uint8(videos: Any) -> np.ndarray:
    """Converts values in [-1, 1] to `uint8` in 0..255.

    Args:
        videos: array of any shape, `uint8` (returned as it is) or floats in
            [-1, 1], of NumPy or of any Keras backend. Values that exceed the range by
            up to 0.01 are clipped.

    Returns:
        NumPy array of the same shape, `uint8`: -1 becomes 0, 0 becomes 128, 1
        becomes 255.

    Raises:
        ValueError: for another dtype, values that are not finite, or outside [-1, 1].

    Example:

    ```python
    km.video.to_uint8(np.array([-1.0, 0.0, 1.0]))  # 0, 128, 255
    ```
    """
    videos = _as_numpy(videos)
    if videos.dtype == np.uint8:
        return videos
    # NumPy does not count bfloat16 among its floating types.
    if not (
        np.issubdtype(videos.dtype, np.floating) or videos.dtype.name == "bfloat16"
    ):
        raise ValueError(
            "`videos` must be uint8 in 0..255 or floats in [-1, 1]. Received: dtype "
            f"{videos.dtype}."
        )
    if videos.dtype.itemsize < 4:
        videos = videos.astype(np.float32)
    _check_range(videos)
    return np.clip(np.round((videos + 1.0) * 127.5), 0, 255).astype(np.uint8)


def make_grid(videos: Any, columns: int | None = None, padding: int = 2) -> np.ndarray:
    """Lays several videos side by side, as one video.

    The first `columns` videos form the first row, from left to right, and so on. Places
    without a video, in the last row, are white like the padding.

    Args:
        videos: `(n, frames, height, width, channels)`, `uint8` or floats in
            [-1, 1].
        columns: videos in a row. By default the grid is roughly square.
        padding: white pixels between neighbors; none around the grid.

    Returns:
        One video, `(frames, grid height, grid width, channels)`, `uint8`.

    Raises:
        ValueError: for another rank, an empty axis, more than 4 channels, or
            `columns` or `padding` out of range.

    Example:

    ```python
    videos, _ = km.data.shape_motion(4, image_size=32)
    grid = km.video.make_grid(videos, columns=2)  # (16, 66, 66, 3)
    ```
    """
    videos = to_uint8(videos)
    if videos.ndim != 5:
        raise ValueError(
            "`videos` must have the shape (n, frames, height, width, channels). "
            f"Received: shape {videos.shape}."
        )
    _check_axes(videos)
    n, frames, height, width, channels = videos.shape
    columns = math.ceil(math.sqrt(n)) if columns is None else columns
    check_integer("columns", columns, 1)
    check_integer("padding", padding, 0)
    rows = math.ceil(n / columns)

    # Each place is padded below and on the right; the outermost padding is cut off.
    place = (frames, height + padding, width + padding, channels)
    places = np.full((rows * columns, *place), PADDING_VALUE, np.uint8)
    places[:n, :, :height, :width] = videos
    grid = places.reshape(rows, columns, *place)
    grid = grid.transpose(2, 0, 3, 1, 4, 5)  # (frames, rows, h, columns, w, c)
    grid = grid.reshape(frames, rows * place[1], columns * place[2], channels)
    return grid[:, : grid.shape[1] - padding, : grid.shape[2] - padding]


def check_suffix(
    path: str | os.PathLike[str], suffix: str, other: str
) -> Path | RemotePath:
    """`path` as a `Path`; players go by the suffix, so it must be the right one."""
    path = as_path(path)
    found = path.suffix.lower()
    if found not in ("", suffix):
        call = f", or call `{other}`" if found in _WRITTEN else ""
        raise ValueError(
            f"`path` must end in {suffix}. Received: path={str(path)!r}. Give it that "
            f"suffix{call}."
        )
    return path


def _as_numpy(videos):
    if isinstance(videos, np.ndarray):
        return videos
    # Handles the tensors of every backend, on any device.
    from keras import ops

    return np.asarray(ops.convert_to_numpy(videos))


def _check_range(videos):
    if videos.size == 0:
        return
    low, high = videos.min(), videos.max()
    if not np.isfinite(low + high):
        check_finite(videos)
    if low < -1 - RANGE_TOLERANCE or high > 1 + RANGE_TOLERANCE:
        raise ValueError(
            "`videos` must lie in [-1, 1] if they are floats. Received: values from "
            f"{low} to {high}."
        )


def _check_axes(videos):
    if 0 in videos.shape:
        raise ValueError(f"`videos` must not be empty. Received: shape {videos.shape}.")
    if videos.shape[-1] > 4:
        raise ValueError(
            "`videos` must have 1 to 4 channels on the last axis. Received: shape "
            f"{videos.shape}."
        )


def rgb_frames(videos: Any, columns: int | None, scale: int) -> np.ndarray:
    """One video, `(frames, height, width, 3)`, `uint8`, as a viewer will see it."""
    check_integer("scale", scale, 1)
    videos = to_uint8(videos)
    if videos.ndim == 5:
        frames = make_grid(videos, columns)
    elif videos.ndim == 4:
        frames = videos
    else:
        raise ValueError(
            "`videos` must have the shape (frames, height, width, channels) or "
            f"(n, frames, height, width, channels). Received: shape {videos.shape}."
        )
    _check_axes(frames)
    return _to_rgb(frames).repeat(scale, axis=1).repeat(scale, axis=2)


def _to_rgb(frames):
    channels = frames.shape[-1]
    if channels in (2, 4):
        color, alpha = frames[..., :-1], frames[..., -1:]
        product = color.astype(np.uint16) * alpha  # at most 255 * 255
        frames = ((product + 127) // 255).astype(np.uint8)
    if channels in (1, 2):
        frames = frames.repeat(3, axis=-1)
    return frames
