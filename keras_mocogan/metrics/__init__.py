"""Measures of generated videos: NumPy on the host, whatever the backend."""

from keras_mocogan.metrics.moving_shape import (
    colour_drift,
    object_share,
    path_directions,
)

__all__ = ["colour_drift", "object_share", "path_directions"]
