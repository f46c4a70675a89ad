"""Videos to train on: readers of files and arrays, and the synthetic shapes."""

from keras_mocogan.data.pipeline import video_dataset
from keras_mocogan.data.shapes import (
    PAPER_DIRECTIONS,
    PUBLISHED_DIRECTIONS,
    SHAPE_MOTION_DIRECTIONS,
    shape_motion,
)
from keras_mocogan.data.writing import write_records
