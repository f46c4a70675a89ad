"""What every metric asks of its arrays."""

import numpy as np
import numpy.typing as npt


def check_features(
    features: npt.ArrayLike, name: str = "features", ndim: int = 2
) -> np.ndarray:
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


def check_videos(videos: npt.ArrayLike) -> np.ndarray:
    """`videos` as an array of uint8 videos, or `ValueError`."""
    videos = np.asarray(videos)
    if videos.ndim != 5 or videos.dtype != np.uint8 or not len(videos):
        hint = ""
        if videos.dtype.kind == "f":
            hint = (
                " Of floats in [-1, 1], such as `decode` gives, "
                "`keras_mocogan.video.to_uint8(videos)` makes it."
            )
        raise ValueError(
            f"videos of shape {videos.shape} and dtype {videos.dtype} came; wanted is "
            f"uint8 of shape (n, frames, height, width, channels).{hint}"
        )
    return videos


def check_same_width(x: int, y: int) -> None:
    """Raises `ValueError` unless two sets of features have one width."""
    if x != y:
        raise ValueError(
            f"One set has features of width {x}, the other of {y}: they come from "
            "different extractors, or from one fed with videos of different sizes."
        )
