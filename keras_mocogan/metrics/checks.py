"""Checks that every metric makes of its arrays."""

from typing import Any

import numpy as np
import numpy.typing as npt


def check_features(
    features: npt.ArrayLike, name: str = "features", ndim: int = 2
) -> np.ndarray:
    """`features` as a finite float64 array of `ndim` axes, or `ValueError`."""
    try:
        features = np.asarray(features, "float64")
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"`{name}` must be an array of numbers. Received: "
            f"a {type(features).__name__}, which is not one: {error}."
        ) from None
    if features.ndim != ndim or 0 in features.shape:
        wanted = {2: "(samples, dimensions)", 3: "(videos, frames, dimensions)"}[ndim]
        raise ValueError(
            f"`{name}` must have the shape {wanted}, and not be empty. Received: shape "
            f"{features.shape}."
        )
    bad = ~np.isfinite(features).all(axis=tuple(range(1, ndim)))
    if bad.any():
        raise ValueError(
            f"`{name}` must be finite. Received: numbers that are not finite in "
            f"{bad.sum()} of {len(bad)} rows, first in row {bad.argmax()}: what made "
            "them has failed."
        )
    return features


def check_videos(videos: npt.ArrayLike) -> np.ndarray:
    """`videos` as an array of uint8 videos, or `ValueError`."""
    try:
        videos = np.asarray(videos)
    except ValueError as error:  # lists of videos of several shapes
        raise ValueError(
            "`videos` must be uint8 of shape (n, frames, height, width, channels). "
            f"Received: a {type(videos).__name__}, which is no such array: {error}. "
            "Cut them to one shape first."
        ) from None
    if videos.ndim != 5 or videos.dtype != np.uint8 or not videos.size:
        hint = ""
        if videos.dtype.kind == "f":
            hint = (
                " `keras_mocogan.video.to_uint8(videos)` converts floats in [-1, 1], "
                "such as `decode` gives."
            )
        raise ValueError(
            "`videos` must be uint8 of shape (n, frames, height, width, channels), and "
            f"not be empty. Received: shape {videos.shape}, dtype {videos.dtype}.{hint}"
        )
    return videos


def to_numpy(x: Any) -> np.ndarray:
    """An array or tensor of any framework, on any device, as a NumPy array."""
    if hasattr(x, "detach"):  # PyTorch's
        x = x.detach().cpu()
        x = x.float() if "bfloat16" in str(x.dtype) else x  # unknown to NumPy
    return np.asarray(x)


def check_same_width(x: int, y: int) -> None:
    """Raises `ValueError` unless two sets of features have the same width."""
    if x != y:
        raise ValueError(
            "Both sets must have features of the same width. Received: widths "
            f"{x} and {y}. They come from different extractors, or from videos of "
            "different sizes."
        )
