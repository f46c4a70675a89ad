"""Writing videos as GIF.

The file is put together here and not by `Image.save`, which drops a frame that equals
the one before it: a clip that is read back would be shorter than it was.
"""

import math
import os
import struct
from typing import Any

import numpy as np

from keras_mocogan.utils.files import replacing
from keras_mocogan.video.frames import check_suffix, rgb_frames

GIF_COLORS = 256
GIF_MAX_SIDE = 2**16 - 1


# Viewers slow frames of 1/100 s down to 10 a second; they respect 2/100 s.
GIF_MAX_FPS = 50


# Entries that the palette is chosen from: more cost seconds without a visible gain.
PALETTE_SAMPLE = 2**15


def write_gif(
    path: str | os.PathLike[str],
    videos: Any,
    fps: float = 8,
    columns: int | None = None,
    scale: int = 1,
) -> None:
    """Writes a video, or a grid of several, as a GIF that repeats forever.

    All frames share one palette and are not dithered, so nothing flickers where nothing
    moves. Up to 256 colors are kept exactly; if there are more, 256 are chosen that fit
    the whole video. Every frame is kept, even one that equals the frame before it.

    Args:
        path: the file to write, or its URL; the suffix, if it has one, is `.gif`.
            Missing folders are made. An existing file is replaced once the new one is
            complete.
        videos: `(frames, height, width, channels)`, or `(n, frames, height, width,
            channels)` for a grid as `make_grid` lays it out; `uint8` or floats in
            [-1, 1]; 1 to 4 channels. Alpha is laid over black.
        fps: frames a second, at most 50. A GIF counts in hundredths of a second:
            each frame ends at the hundredth nearest to its time, so that the whole
            lasts as long as it should (8 a second are frames of 0.13 and 0.12 s).
        columns: videos in a row of the grid.
        scale: enlarges each pixel to a square of `scale` by `scale`.

    Raises:
        ValueError: for another suffix, videos of another shape, dtype or range,
            `fps` outside (0, 50], or `columns` or `scale` below 1.

    Example:

    ```python
    videos, _ = km.data.shape_motion(4, image_size=32)
    km.video.write_gif("shapes.gif", videos, fps=8, columns=2)
    ```
    """
    path = check_suffix(path, ".gif", "write_mp4")
    check_gif_fps(fps)
    frames = rgb_frames(videos, columns, scale)
    if max(frames.shape[1:3]) > GIF_MAX_SIDE:
        raise ValueError(
            f"`videos` must be at most {GIF_MAX_SIDE} pixels high and wide in a GIF. "
            f"Received: frames of {frames.shape[1]}x{frames.shape[2]} (height x "
            "width). Lower `scale`, choose other `columns`, or write fewer videos."
        )
    durations = _durations_in_hundredths(len(frames), fps)
    palette, indices = _quantize(frames)
    with replacing(path) as file, open(file, "wb") as out:
        out.write(_gif_header(frames.shape[2], frames.shape[1], palette))
        for box, picture, duration in zip(
            _changed_boxes(indices), indices, durations, strict=True
        ):
            out.write(_gif_frame(picture, box, duration))
        out.write(b";")


def check_gif_fps(fps: float) -> None:
    """Raises `ValueError` for frames a second that a GIF cannot have."""
    if not 0 < fps <= GIF_MAX_FPS:
        raise ValueError(
            f"`fps` must be above 0 and at most {GIF_MAX_FPS} in a GIF. Received: "
            f"fps={fps}."
        )


def _durations_in_hundredths(num_frames, fps):
    """Rounds the times at which frames end, so that errors do not add up."""
    ends = [math.floor(100 * (i + 1) / fps + 0.5) for i in range(num_frames)]
    return [end - start for start, end in zip([0, *ends], ends, strict=False)]


def _quantize(frames):
    """`(frames, height, width, 3)` to a palette and indices into it.

    Returns:
        The palette, `(256, 3)`, and `(frames, height, width)`, both `uint8`.
    """
    codes = _color_codes(frames)
    colors = _few_colors(codes)
    if colors is None:
        return _quantize_many(frames)
    palette = np.zeros((GIF_COLORS, 3), np.uint8)
    shifts = np.array([16, 8, 0], np.uint32)
    palette[: len(colors)] = (colors[:, None] >> shifts) & 255
    return palette, np.searchsorted(colors, codes).astype(np.uint8)


def _color_codes(frames):
    """One number a pixel, `(frames, height, width)`: 0xRRGGBB."""
    red, green, blue = np.moveaxis(frames.astype(np.uint32), -1, 0)
    return red << 16 | green << 8 | blue


def _few_colors(codes):
    """The sorted colors of all frames, or None if there are more than 256."""
    colors = np.empty(0, np.uint32)
    for frame in codes:
        colors = np.union1d(colors, frame)
        if len(colors) > GIF_COLORS:
            return None
    return colors


def _quantize_many(frames):
    from PIL import Image

    # k-means after the median cut gains 3 dB on grids of camera clips.
    chosen = Image.fromarray(_color_sample(frames)[None]).quantize(
        GIF_COLORS, method=Image.Quantize.MEDIANCUT, kmeans=1
    )
    palette = np.zeros(GIF_COLORS * 3, np.uint8)
    values = chosen.getpalette()
    palette[: len(values)] = values
    indices = [
        Image.fromarray(frame).quantize(palette=chosen, dither=Image.Dither.NONE)
        for frame in frames
    ]
    return palette.reshape(GIF_COLORS, 3), np.stack([np.asarray(i) for i in indices])


def _color_sample(frames):
    """The colors that occur, `(entries, 3)`, each as often as the root of its count.

    Colors are told apart to 5 bits a channel. With the counts themselves, a large
    background with a little noise would take the whole palette, and a small shape that
    moves in front of it would lose its color.
    """
    counts, sums = np.zeros(2**15), np.zeros((3, 2**15))
    for frame in frames:
        channels = frame.reshape(-1, 3).T
        red, green, blue = channels.astype(np.int64) >> 3
        cells = red << 10 | green << 5 | blue
        counts += np.bincount(cells, minlength=2**15)
        for total, channel in zip(sums, channels, strict=True):
            total += np.bincount(cells, channel, minlength=2**15)
    seen = counts > 0
    colors = np.round(sums[:, seen] / counts[seen]).T.astype(np.uint8)
    weights = np.sqrt(counts[seen])
    weights *= min(1, PALETTE_SAMPLE / weights.sum())
    return colors.repeat(np.maximum(1, np.round(weights)).astype(int), axis=0)


def _changed_boxes(indices):
    """For each frame, the rectangle that differs from the frame before it.

    Yields (top, bottom, left, right), the ends of slices. A frame without a change
    gives one pixel, because a GIF cannot have empty frames.
    """
    frames, height, width = indices.shape
    yield 0, height, 0, width
    for before, after in zip(indices[:-1], indices[1:], strict=True):
        changed = before != after
        rows = np.flatnonzero(changed.any(axis=1))
        columns = np.flatnonzero(changed.any(axis=0))
        if len(rows) == 0:
            yield 0, 1, 0, 1
        else:
            yield rows[0], rows[-1] + 1, columns[0], columns[-1] + 1


def _gif_header(width, height, palette):
    # 0xF7: all frames share a table of 256 colors.
    screen = struct.pack("<6sHHBBB", b"GIF89a", width, height, 0xF7, 0, 0)
    repeat_for_ever = b"!\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"
    return screen + palette.tobytes() + repeat_for_ever


def _gif_frame(indices, box, hundredths):
    from PIL import GifImagePlugin, Image

    top, bottom, left, right = map(int, box)
    picture = Image.fromarray(indices[top:bottom, left:right])
    return b"".join(
        # Pillow counts in milliseconds.
        GifImagePlugin.getdata(picture, offset=(left, top), duration=hundredths * 10)
    )
