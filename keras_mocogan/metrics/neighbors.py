"""Distances between all rows of two sets, block by block."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from keras_mocogan.checks import check_integer
from keras_mocogan.metrics.checks import check_features, check_same_width

# Entries of a block of distances: 64 MB of float64.
_ENTRIES = 2**23
# What rounding may add to a squared distance, relative to the largest squared norm.
_ROUNDING = 1e-12


def centered_pair(
    real: npt.ArrayLike, fake: npt.ArrayLike
) -> tuple[np.ndarray, np.ndarray]:
    """Both sets of features `(samples, dimensions)`, minus the mean of the real ones.

    Squared distances are differences of squares: an offset would cost precision.
    """
    real, fake = check_features(real, "real"), check_features(fake, "fake")
    check_same_width(real.shape[1], fake.shape[1])
    mean = real.mean(axis=0)
    return real - mean, fake - mean


def distance_blocks(x: np.ndarray, y: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """Squared distances of a few rows of `x` at a time to all rows of `y`.

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
    """Squared distance of each row to its `k`-th nearest other row.

    What rounding may take from it is added, so that a neighbor on the sphere counts as
    inside.
    """
    if check_integer("k", k, 1) >= len(x):
        raise ValueError(
            "`k` must be smaller than the number of samples: the other samples are the "
            f"neighbors. Received: k={k} and {len(x)} samples."
        )
    radii = np.empty(len(x))
    for rows, block in distance_blocks(x, x):
        # Each row is its own nearest neighbor.
        radii[rows] = np.partition(block, k, axis=1)[:, k]
    return radii + _ROUNDING * np.square(x).sum(axis=1).max()
