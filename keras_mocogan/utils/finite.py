"""Finds and names numbers that are not finite (NaN, infinite)."""

import keras
import numpy as np


class NotFiniteError(ValueError):
    """Videos hold NaN or infinite values: what made them has diverged."""


def check_finite(videos):
    """Raises `NotFiniteError` unless all values of an array of floats are finite."""
    bad = np.count_nonzero(~np.isfinite(videos))
    if bad:
        raise NotFiniteError(
            "`videos` must lie in [-1, 1] if they are floats. Received: "
            f"{bad:,} of {videos.size:,} values NaN or infinite. A model that makes "
            "such videos has diverged: go on from its last good checkpoint."
        )


def not_finite(variables):
    """The first variable that holds a number that is not finite, or None."""
    for variable in variables:
        if not np.isfinite(keras.ops.convert_to_numpy(variable)).all():
            return variable
    return None
