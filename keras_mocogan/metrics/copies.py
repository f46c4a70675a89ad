"""Are generated clips copies of training clips?"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from keras_mocogan.checks import check_integer
from keras_mocogan.metrics.checks import check_videos

_CLIPS_AT_ONCE = 128
# The share of the held-out clips that counts as near to a training clip.
_NEAR = 0.01


class NearestTraining(NamedTuple):
    """The result of `nearest_training`.

    Attributes:
        distances: Distance of each generated clip to the nearest training clip: root of
            the mean squared difference of pixels, in 0..255; float64 `(n,)`.
        indices: The number of that training clip, int64 `(n,)`.
        held_out_distances, held_out_indices: The same for the held-out clips.
        near: The distance below which the nearest 1 % of the held-out clips lie.
        share: Share of the generated clips that are nearer than that: 0.01 for new
            clips, 1 for copies.
    """

    distances: np.ndarray
    indices: np.ndarray
    held_out_distances: np.ndarray
    held_out_indices: np.ndarray
    near: float
    share: float


def nearest_training(
    generated: npt.ArrayLike,
    training: npt.ArrayLike,
    held_out: npt.ArrayLike,
    downsample: int = 1,
) -> NearestTraining:
    """The training clip that is nearest to each generated one, pixel by pixel.

    Real clips that were held out of training show how near a clip is that was not
    copied. Generated clips should not be nearer.

    Args:
        generated, training, held_out: uint8 videos
            `(n, frames, height, width, channels)`, of the same shape apart from `n`. A
            few hundred held-out clips are needed, because the nearest 1 % count.
        downsample: Side of squares of pixels that are averaged first, so that clips are
            near to each other if they differ by a smaller shift. It must divide height
            and width.

    Returns:
        `NearestTraining`.

    Raises:
        ValueError: If the videos do not fit, or `downsample` does not divide a side.

    Example:

    ```python
    training, _ = km.data.shape_motion(200, num_frames=4, image_size=32)
    held_out, _ = km.data.shape_motion(100, num_frames=4, image_size=32, seed=1)
    found = km.metrics.nearest_training(training[:50], training, held_out)
    found.share, found.distances.max()  # 1.0, 0.0
    ```
    """
    names = ("generated", "training", "held_out")
    sets = [check_videos(videos) for videos in (generated, training, held_out)]
    if len({videos.shape[1:] for videos in sets}) > 1:
        shapes = ", ".join(str(videos.shape) for videos in sets)
        raise ValueError(
            f"`{'`, `'.join(names)}` must be videos of the same shape: only the number "
            f"may differ. Received: shapes {shapes}."
        )
    check_integer("downsample", downsample, 1)
    if any(side % downsample for side in sets[0].shape[2:4]):
        raise ValueError(
            "`downsample` must divide height and width. Received: "
            f"downsample={downsample} and frames of {sets[0].shape[2:4]}."
        )
    pooled = [_pool(videos, downsample) for videos in sets]
    distances, indices = _nearest(pooled[0], pooled[1], downsample)
    of_held_out, held_out_indices = _nearest(pooled[2], pooled[1], downsample)
    near = float(np.quantile(of_held_out, _NEAR))
    share = float(np.mean(distances < near))
    return NearestTraining(
        distances, indices, of_held_out, held_out_indices, near, share
    )


def _pool(videos, downsample):
    """Sums over squares of pixels, once for all comparisons; small integers."""
    if downsample == 1:
        return videos
    n, frames, height, width, channels = videos.shape
    split = (n, frames, height // downsample, downsample, width // downsample)
    squares = videos.reshape(*split, downsample, channels)
    return squares.sum(axis=(3, 5), dtype="uint32")


def _nearest(videos, training, downsample):
    """Distance to the nearest training clip and its number, each `(n,)`.

    Args:
        videos, training: From `_pool`.
    """
    best = np.full(len(videos), np.inf)
    indices = np.zeros(len(videos), int)
    # Clips become floats in blocks, never all at once.
    for there in _slices(len(training)):
        y = _pixels(training[there], downsample)
        for here in _slices(len(videos)):
            x = _pixels(videos[here], downsample)
            squares = np.square(x).sum(1)[:, None] + np.square(y).sum(1) - 2 * x @ y.T
            nearest = squares.argmin(axis=1)
            found = squares[np.arange(len(x)), nearest]
            better = found < best[here]
            best[here] = np.where(better, found, best[here])
            indices[here] = np.where(better, there.start + nearest, indices[here])
    return np.sqrt(np.maximum(best, 0) / x.shape[1]), indices


def _slices(count):
    starts = range(0, count, _CLIPS_AT_ONCE)
    return [slice(start, start + _CLIPS_AT_ONCE) for start in starts]


def _pixels(pooled, downsample):
    """Means of the squares, float64 `(n, pixels)`."""
    return pooled.reshape(len(pooled), -1).astype("float64") / downsample**2
