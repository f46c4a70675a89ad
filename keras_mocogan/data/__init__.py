"""Videos to train on: readers of files and arrays, and sources that draw them."""

from keras_mocogan.data.figures import (
    FIGURE_ACTIONS,
    FIGURE_DIRECTIONS,
    FigureClips,
    figures,
)
from keras_mocogan.data.shapes import (
    PAPER_DIRECTIONS,
    PUBLISHED_DIRECTIONS,
    SHAPE_MOTION_DIRECTIONS,
    shape_motion,
)
from keras_mocogan.data.sprites import (
    SPRITE_ACTIONS,
    SPRITE_DIRECTIONS,
    SpriteClips,
    sprites,
)
from keras_mocogan.data.video_dataset import video_dataset
from keras_mocogan.data.write_records import write_records
