"""Makes videos that begin with given images.

    keras-mocogan animate --model=runs/mine/model.keras --images=me.jpg,you.png
    keras-mocogan animate --model=... --images=portraits --num_frames=32 --label=1

For a MoCoGAN that was trained with `keras-mocogan train --image_encoder`. Writes
`animation.gif`: the images in the first row, and below each a video for every motion.
With classes, the rows take them in turn.
"""

import os
from pathlib import Path

import numpy as np
from absl import app, flags

import keras_mocogan as km
from keras_mocogan.cli import stored
from keras_mocogan.data.frames import images as pictures
from keras_mocogan.data.readers.suffixes import is_image
from keras_mocogan.utils.remote.remote_path import as_path

FIRST_FLAGS = "model images output_dir motions num_frames label seed"
_MOTIONS = 4

flags.DEFINE_list("images", None, "Pictures, or one folder of them.", required=True)
flags.DEFINE_string("output_dir", "animation", "Folder, or its URL, for the file.")
flags.DEFINE_integer(
    "motions", None, "Videos of each image. Default: one of each class, or 4.", 1
)
flags.DEFINE_integer("num_frames", None, "Frames of each; default: the model's.")
flags.DEFINE_integer("label", None, "Class of all videos; default: all in turn.")
flags.DEFINE_integer("seed", None, "One seed gives one result; default: a new one.")
flags.DEFINE_integer("fps", 8, "Frames a second.", lower_bound=1)
flags.DEFINE_integer("scale", 1, "Enlarge pixels by this factor.", lower_bound=1)
flags.adopt_module_key_flags(stored)
FLAGS = flags.FLAGS


def read_images(model):
    """uint8 images of the model's size, cut from the middle of each picture."""
    paths = [Path(os.path.expanduser(name)) for name in FLAGS.images]
    if len(paths) == 1 and paths[0].is_dir():
        paths = sorted(path for path in paths[0].iterdir() if is_image(path))
    if not paths:
        where = f"{FLAGS.images[0]}, in which there are " if FLAGS.images else ""
        raise app.UsageError(f"--images must name pictures. Received: {where}none.")
    return np.stack([_read(path, model) for path in paths])


def _read(path, model):
    try:
        with pictures.open_picture(path) as picture:
            array = pictures.to_array(picture, model.channels)
    except (OSError, ValueError) as error:
        raise app.UsageError(
            f"--images must name pictures. Received: {path}: {error}."
        ) from None
    return pictures.resize_frame(array, model.image_size, "crop")


def animate(model, images):
    """uint8 videos row by row: the images as they are, then a row for each motion."""
    rows, n = FLAGS.motions or model.num_classes or _MOTIONS, len(images)
    labels = None
    if model.num_classes:
        classes = np.arange(rows) % model.num_classes
        labels = np.repeat(classes if FLAGS.label is None else FLAGS.label, n)
        labels = np.resize(labels, rows * n)
    elif FLAGS.label is not None:
        raise app.UsageError("--label must be left out: this model has no classes.")
    repeated = np.tile(images, (rows, 1, 1, 1))
    videos = model.animate(repeated, FLAGS.num_frames, labels, FLAGS.seed)
    still = np.repeat(images[:, None], videos.shape[1], axis=1)
    return np.concatenate([still, videos])


def main(_):
    model, name = stored.load(), FLAGS.model or FLAGS.preset
    if getattr(model, "image_encoder", None) is None:
        raise app.UsageError(
            "The model must have an image encoder, from `keras-mocogan train "
            f"--image_encoder`. Received: {name}, which has none."
        )
    images = read_images(model)
    path = as_path(FLAGS.output_dir) / "animation.gif"
    videos = animate(model, images)
    km.video.write_gif(path, videos, FLAGS.fps, len(images), FLAGS.scale)
    print(path)
