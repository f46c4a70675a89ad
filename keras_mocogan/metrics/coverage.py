"""Do videos show everything that real ones show? Colors in boxes, and both shapes."""

import numpy as np
import numpy.typing as npt

from keras_mocogan.checks import check_integer
from keras_mocogan.metrics.checks import (
    check_features,
    check_same_width,
    check_videos,
)

# Brightness relative to the frame's brightest pixel: darker pixels are not the object.
_OBJECT = 0.25
# Threshold of `squareness`: above it the shape is a square.
SQUARE = 5 / 6


def color_coverage(
    generated: npt.ArrayLike, real: npt.ArrayLike, bins: int = 4
) -> float:
    """Share of the real colors that are generated too.

    Each channel's range of 0..255 is cut into equal parts; a color is represented by
    the box it lies in. Fewer videos fill fewer boxes: compare it with the coverage by
    as many other real videos.

    Args:
        generated, real: Colors `(n, channels)` in 0..255, such as the mean over the
            frames of `shape_colors`.
        bins: Parts of a channel's range.

    Returns:
        Share of the boxes with a real color that hold a generated one, a float.

    Raises:
        ValueError: If a shape or `bins` does not fit, or a color is not in 0..255.
    """
    check_integer("bins", bins, 1)
    generated, real = _check_colors(generated, "generated"), _check_colors(real, "real")
    check_same_width(generated.shape[1], real.shape[1])
    ours, theirs = (
        {tuple(box) for box in (c * bins // 256).astype(int)} for c in (generated, real)
    )
    return len(ours & theirs) / len(theirs)


def _check_colors(colors, name):
    colors = check_features(colors, name)
    low, high = colors.min(), colors.max()
    if low < 0 or high > 255:
        raise ValueError(
            f"`{name}` must be colors in 0..255. Received: values from {low:g} to "
            f"{high:g}. Scale them to that range."
        )
    return colors


def squareness(videos: npt.ArrayLike) -> np.ndarray:
    """How square the bright object of each video is: 2/3 for a circle, 1 for a square.

    It is E[x^2 y^2] / (E[x^2] E[y^2]) over the object's pixels, measured from their
    center and weighted by brightness; the median over the frames. A rhombus has less
    than a circle.

    Args:
        videos: uint8 array of shape `(n, frames, height, width, channels)`.

    Returns:
        float64 array of shape `(n,)`; 0 if most frames are black.
    """
    brightness = check_videos(videos).max(-1).astype("float64")
    top = brightness.max((2, 3), keepdims=True)
    weight = np.where(brightness > _OBJECT * top, brightness, 0)
    weight /= np.maximum(weight.sum((2, 3), keepdims=True), 1)
    rows, columns = (np.arange(size) for size in weight.shape[2:])
    y = rows[:, None] - np.einsum("nfhw,h->nf", weight, rows)[..., None, None]
    x = columns - np.einsum("nfhw,w->nf", weight, columns)[..., None, None]
    both = (weight * x**2 * y**2).sum((2, 3))
    apart = (weight * x**2).sum((2, 3)) * (weight * y**2).sum((2, 3))
    return np.median(both / np.maximum(apart, 1e-9), axis=1)
