"""Average content distance: do a video's frames show the same thing?"""

import numpy as np
import numpy.typing as npt

from keras_mocogan.metrics.checks import check_features


def average_content_distance(features: npt.ArrayLike) -> float:
    """Mean L2 distance between the features of two frames of a video (ACD).

    MoCoGAN paper, section 4.1: the features of faces come from a network, the feature
    of shapes is their mean color (`metrics.shape_colors`); 256 videos of 16 frames. The
    paper does not say on which scale its colors are. It is 0 for content that stays the
    same, but also for a collapsed generator, so read it together with a measure of
    diversity.

    Args:
        features: Array of shape `(videos, frames, dimensions)`, at least two frames.

    Returns:
        Mean over videos of the mean over distinct pairs of frames, a float.

    Raises:
        ValueError: If the shape does not fit or a feature is not finite.

    Example:

    ```python
    videos, _ = km.data.shape_motion(4)
    colors = km.metrics.shape_colors(videos)
    km.metrics.average_content_distance(colors)  # 0.43
    ```
    """
    return float(content_distances(features).mean())


def content_distances(features: npt.ArrayLike) -> np.ndarray:
    """The same distance for each video: float64 of shape `(videos,)`."""
    features = check_features(features, ndim=3)
    frames = features.shape[1]
    if frames < 2:
        raise ValueError(
            "`features` must have at least two frames for each video, to compare them. "
            f"Received: shape {features.shape}, with one frame each."
        )
    # One distance in time after another, so that no more memory than the features' own
    # is needed.
    total = sum(
        np.linalg.norm(features[:, lag:] - features[:, :-lag], axis=-1).sum(axis=1)
        for lag in range(1, frames)
    )
    return total / (frames * (frames - 1) / 2)
