"""Draws capsules with soft edges, the only shape that figures are made of."""

import numpy as np


def draw_capsules(canvas, start, end, radii, colors, where=None, opacity=None):
    """Draws one capsule into each frame: a thick line, round at its ends.

    Edges are antialiased: a pixel takes on the color by the part of it that is covered,
    to first order in the distance from the edge.

    Args:
        canvas: `float32` array of shape `(n, height, width, 3)`, drawn into.
        start, end: Arrays of shape `(n, 2)`: right and down in pixels, from the upper
            left corner.
        radii: Two arrays of shape `(n,)` in pixels, at the start and at the end.
        colors: Array of shape `(n, 3)`.
        where: Array of shape `(n,)` of bool: the frames to draw into. None for all.
        opacity: Array of shape `(n,)` in 0..1, or None for 1.
    """
    frames = np.arange(len(canvas)) if where is None else np.flatnonzero(where)
    if not len(frames):
        return
    ends = np.stack([start[frames], end[frames]], axis=1).astype(np.float32)
    radii = np.stack([radius[frames] for radius in radii], axis=1).astype(np.float32)
    columns, rows = _pixels(ends, radii, canvas.shape[2:0:-1])
    cover = _cover(columns, rows, ends, radii)
    if opacity is not None:
        cover *= opacity[frames].astype(np.float32)[:, None, None]

    place = frames[:, None, None], rows[:, :, None], columns[:, None, :]
    pixels = canvas[place]
    colors = colors[frames].astype(np.float32)[:, None, None]
    canvas[place] = pixels + cover[..., None] * (colors - pixels)


def _pixels(ends, radii, size):
    """Columns `(n, width)` and rows `(n, height)` that hold the capsules.

    They are as many in each frame, which lets all frames be drawn at once.
    """
    reach = radii[..., None] + np.float32(0.5)
    low = np.floor((ends - reach).min(axis=1)).astype(np.int64)
    high = np.ceil((ends + reach).max(axis=1)).astype(np.int64)
    patch = np.minimum((high - low).max(axis=0), size)
    corners = np.clip(low, 0, size - patch)
    return corners[:, :1] + np.arange(patch[0]), corners[:, 1:] + np.arange(patch[1])


def _cover(columns, rows, ends, radii):
    """The part of each pixel that is covered, `(n, height, width)`."""
    start, axis = ends[:, 0], ends[:, 1] - ends[:, 0]
    x = (columns + np.float32(0.5) - start[:, :1])[:, None, :]
    y = (rows + np.float32(0.5) - start[:, 1:])[:, :, None]
    across, down = axis[:, 0, None, None], axis[:, 1, None, None]
    length = np.maximum(across**2 + down**2, np.float32(1e-6))
    along = np.clip((x * across + y * down) / length, 0, 1)
    distance = np.sqrt((x - along * across) ** 2 + (y - along * down) ** 2)
    first, last = radii[:, 0, None, None], radii[:, 1, None, None]
    return np.clip(first + along * (last - first) + np.float32(0.5) - distance, 0, 1)
