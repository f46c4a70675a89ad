"""Measures of generated videos: NumPy on the host, whatever the backend."""

from keras_mocogan.metrics.attributes import AttributeClassifier
from keras_mocogan.metrics.classifier import VideoClassifier, load_classifier
from keras_mocogan.metrics.content_control import (
    content_kept,
    content_obeyed,
    distinct_characters,
    motion_obeyed,
)
from keras_mocogan.metrics.content_distance import (
    average_content_distance,
    content_distances,
)
from keras_mocogan.metrics.control_score import motion_control_score
from keras_mocogan.metrics.copies import nearest_training
from keras_mocogan.metrics.coverage import color_coverage, squareness
from keras_mocogan.metrics.density import density_coverage
from keras_mocogan.metrics.extractors import FeatureExtractor, i3d
from keras_mocogan.metrics.extrapolation import (
    Extrapolation,
    extrapolated_frechet_distance,
)
from keras_mocogan.metrics.frechet import FrechetStatistics, frechet_distance
from keras_mocogan.metrics.inception import inception_score
from keras_mocogan.metrics.kernel import kernel_distance
from keras_mocogan.metrics.moving_shape import (
    bright_area,
    object_share,
    path_directions,
    shape_colors,
)
from keras_mocogan.metrics.precision import precision_recall
from keras_mocogan.metrics.protocols import PROTOCOLS, Protocol, get_protocol
from keras_mocogan.metrics.trained_classifier import accuracy_interval
from keras_mocogan.metrics.video_distance import FVD, fvd
from keras_mocogan.metrics.video_inception import (
    VideoInceptionScore,
    video_inception_score,
)

__all__ = [
    "PROTOCOLS",
    "AttributeClassifier",
    "Extrapolation",
    "FVD",
    "FeatureExtractor",
    "FrechetStatistics",
    "Protocol",
    "VideoClassifier",
    "VideoInceptionScore",
    "accuracy_interval",
    "average_content_distance",
    "bright_area",
    "color_coverage",
    "content_distances",
    "content_kept",
    "content_obeyed",
    "density_coverage",
    "distinct_characters",
    "extrapolated_frechet_distance",
    "frechet_distance",
    "fvd",
    "get_protocol",
    "i3d",
    "inception_score",
    "kernel_distance",
    "load_classifier",
    "motion_control_score",
    "motion_obeyed",
    "nearest_training",
    "object_share",
    "path_directions",
    "precision_recall",
    "shape_colors",
    "squareness",
    "video_inception_score",
]
