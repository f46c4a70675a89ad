"""Finds and names numbers that are not finite (NaN, infinite)."""

import keras
import numpy as np


class NotFiniteError(ValueError):
    """Videos or latents hold NaN or infinite values: what made them has diverged."""


def check_finite(videos):
    """Raises `NotFiniteError` unless all values of an array of floats are finite."""
    bad = np.count_nonzero(~np.isfinite(videos))
    if bad:
        raise NotFiniteError(
            "`videos` must lie in [-1, 1] if they are floats. Received: "
            f"{bad:,} of {videos.size:,} values NaN or infinite. A model that makes "
            "such videos has diverged: go on from its last good checkpoint."
        )


def check_finite_rows(latents, name):
    """The same for latents `(n, ...)`; activations may hide them in a gray frame."""
    bad = ~np.isfinite(latents.reshape(len(latents), -1)).all(axis=1)
    if bad.any():
        raise NotFiniteError(
            f"`{name}` must be finite. Received: NaN or infinite values in {bad.sum()} "
            f"of {len(bad)} rows, first in row {bad.argmax()}. Leave them out; if the "
            "model made them, it has diverged."
        )


def not_finite(variables):
    """The first variable that holds a number that is not finite, or None."""
    for variable in variables:
        if not np.isfinite(keras.ops.convert_to_numpy(variable)).all():
            return variable
    return None
