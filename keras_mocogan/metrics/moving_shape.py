"""Is there one shape, does it keep its color, and which way does it move?

Measures for videos of one bright object on a black background, such as the paper's
shape-motion data (section 4.1) and `keras_mocogan.data.shape_motion`.
"""

import numpy as np
import numpy.typing as npt

from keras_mocogan.metrics.checks import check_videos

# Of 255: darker pixels belong to no object. Traces of JPEG and resizing are darker.
_OBJECT_BRIGHTNESS = 26
# Relative to the brightest pixel: darker ones are edges, blended with the background.
_CORE = 0.9


def object_share(videos: npt.ArrayLike) -> np.ndarray:
    """Share of each frame's brightness that lies in its largest object.

    An object is a set of touching pixels (8 neighbors) brighter than a tenth of
    white; the brightness of a pixel is its largest channel. The denominator is all the
    brightness of the frame, including a gray haze.

    Args:
        videos: uint8 array of shape `(n, frames, height, width, channels)`.

    Returns:
        float64 array of shape `(n, frames)`: 1 for one shape on black, 0 for a frame
        without an object. A frame that is gray all over counts as one object: see
        `bright_area`.
    """
    brightness = _brightness(videos)
    frames = brightness.reshape(-1, *brightness.shape[2:])
    labels = _connected_components(frames > _OBJECT_BRIGHTNESS)
    shares = [
        _largest_sum(*pair) for pair in zip(labels, frames, strict=True)
    ]  # of one frame each
    return np.array(shares).reshape(brightness.shape[:2])


def bright_area(videos: npt.ArrayLike) -> np.ndarray:
    """Share of each frame's pixels that are bright enough to belong to an object.

    Args:
        videos: uint8 array of shape `(n, frames, height, width, channels)`.

    Returns:
        float64 array of shape `(n, frames)`; 0.01 to 0.05 for `shape_motion`.
    """
    return (_brightness(videos) > _OBJECT_BRIGHTNESS).mean((2, 3))


def shape_colors(videos: npt.ArrayLike) -> np.ndarray:
    """The object's color in each frame: the feature of the shapes' ACD.

    It is the mean over the pixels at least nine tenths as bright as the brightest one.
    They are the core of the object, without blended edges and background; the
    brightness of a pixel is its largest channel. The `average_content_distance` of
    these colors is 0.5 for clips of `shape_motion` with 64 pixels, whose edges are
    antialiased.

    Args:
        videos: uint8 array of shape `(n, frames, height, width, channels)`.

    Returns:
        float64 array of shape `(n, frames, channels)` in 0..255. A frame that is one
        gray gives that gray, a black frame black; it is never NaN.
    """
    _brightness(videos)  # raises if they are not videos
    return np.stack([_colors(clip) for clip in np.asarray(videos)])


def _colors(clip):
    brightness = clip.max(-1)
    mask = brightness >= _CORE * brightness.max((1, 2), keepdims=True)
    sums = np.einsum("fhwc,fhw->fc", clip.astype("float64"), mask)
    return sums / mask.sum((1, 2))[:, None]


def path_directions(videos: npt.ArrayLike) -> list[str]:
    """The direction in which the object moves from the first frame to the last.

    Args:
        videos: uint8 array of shape `(n, frames, height, width, channels)`, at least
            two frames.

    Returns:
        List of `n` names: `"right"`, `"left"`, `"down"` or `"up"`, along the axis on
        which the centroid of brightness goes further. An object that stays where it is
        counts as `"up"`.

    Raises:
        ValueError: If they are not such videos, or have a single frame.
    """
    brightness = _brightness(videos).astype("float64")
    frames = brightness.shape[1]
    if frames < 2:
        raise ValueError(
            "`videos` must have at least two frames, to compare them. Received: shape "
            f"{np.shape(videos)}, with one frame each."
        )
    total = np.maximum(brightness.sum((2, 3)), 1e-9)
    rows, columns = (np.arange(size) for size in brightness.shape[2:])
    y = (brightness.sum(3) * rows).sum(2) / total
    x = (brightness.sum(2) * columns).sum(2) / total
    # Both ends are averaged over two frames, because a single one may be blurred. They
    # have none in common: two frames would be compared with themselves.
    end = min(2, frames // 2)
    dx, dy = (p[:, -end:].mean(1) - p[:, :end].mean(1) for p in (x, y))
    sideways = np.where(dx > 0, "right", "left")
    upright = np.where(dy > 0, "down", "up")
    return np.where(np.abs(dx) > np.abs(dy), sideways, upright).tolist()


def _brightness(videos):
    return check_videos(videos).max(-1)


def _connected_components(mask):
    """One label for each set of touching pixels, 0 outside; frames `(n, h, w)`."""
    size = mask[0].size
    labels = np.where(mask, np.arange(1, size + 1).reshape(mask.shape[1:]), 0)
    while True:
        padded = np.pad(labels, ((0, 0), (1, 1), (1, 1)))
        height, width = mask.shape[1:]
        spread = labels
        for dy in range(3):
            for dx in range(3):
                shifted = padded[:, dy : dy + height, dx : dx + width]
                spread = np.maximum(spread, shifted)
        spread = np.where(mask, spread, 0)
        if np.array_equal(spread, labels):
            return labels
        labels = spread


def _largest_sum(labels, brightness):
    sums = np.bincount(labels.ravel(), weights=brightness.ravel())
    total = sums.sum()
    return sums[1:].max(initial=0.0) / total if total else 0.0
