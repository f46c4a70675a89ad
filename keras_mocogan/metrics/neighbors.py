"""Distances between all rows of two sets, block by block."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from keras_mocogan.checks import check_integer
from keras_mocogan.metrics.checks import check_features, check_same_width

# Entries of a block of distances: 64 MB of float64.
_ENTRIES = 2**23
# Of the largest square of a norm: what rounding may add to a squared distance.
_ROUNDING = 1e-12


def centered_pair(
    real: npt.ArrayLike, fake: npt.ArrayLike
) -> tuple[np.ndarray, np.ndarray]:
    """Both sets of features `(samples, dimensions)`, about the mean of the real ones.

    Squared distances are differences of squares: an offset would cost them digits.
    """
    real, fake = check_features(real, "real"), check_features(fake, "fake")
    check_same_width(real.shape[1], fake.shape[1])
    mean = real.mean(axis=0)
    return real - mean, fake - mean


def distance_blocks(x: np.ndarray, y: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """Squared distances, some rows of `x` after others to all of `y`.

    Args:
        x, y: float64 of shape `(samples, dimensions)`.

    Yields:
        A slice of `x`, and float64 of shape `(rows of the slice, len(y))`.
    """
    rows = max(1, _ENTRIES // len(y))
    squares = np.square(y).sum(axis=1)
    for start in range(0, len(x), rows):
        part = x[start : start + rows]
        block = part @ (-2 * y.T)
        block += squares
        block += np.square(part).sum(axis=1)[:, None]
        yield slice(start, start + rows), np.maximum(block, 0, out=block)


def squared_radii(x: np.ndarray, k: int) -> np.ndarray:
    """Squared distance of each row to its `k`-th nearest other one.

    It is larger by what rounding may take from it, so that a neighbor that lies on
    the sphere counts as within.
    """
    if check_integer("k", k, 1) >= len(x):
        raise ValueError(
            "`k` must be smaller than the number of samples, of which each has as many "
            f"neighbors as there are others. Received: k={k} and {len(x)} samples."
        )
    radii = np.empty(len(x))
    for rows, block in distance_blocks(x, x):
        # Each row is its own nearest one.
        radii[rows] = np.partition(block, k, axis=1)[:, k]
    return radii + _ROUNDING * np.square(x).sum(axis=1).max()
