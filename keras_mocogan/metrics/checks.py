"""What every metric asks of its arrays."""

import numpy as np


def check_features(features, name="features", ndim=2):
    """`features` as a finite float64 array of `ndim` axes, or `ValueError`."""
    try:
        features = np.asarray(features, "float64")
    except (TypeError, ValueError) as error:
        raise ValueError(f"`{name}` is no array of numbers: {error}") from None
    if features.ndim != ndim or 0 in features.shape:
        wanted = {2: "(samples, dimensions)", 3: "(videos, frames, dimensions)"}[ndim]
        raise ValueError(f"`{name}` has shape {features.shape}; wanted is {wanted}.")
    bad = ~np.isfinite(features).all(axis=tuple(range(1, ndim)))
    if bad.any():
        raise ValueError(
            f"`{name}` holds numbers that are not finite in {bad.sum()} of {len(bad)} "
            f"rows, first in row {bad.argmax()}: whatever made them has failed."
        )
    return features


def check_same_width(x, y):
    """Raises `ValueError` unless two sets of features have one width."""
    if x != y:
        raise ValueError(
            f"One set has features of width {x}, the other of {y}: they come from "
            "different extractors, or from one fed with videos of different sizes."
        )
