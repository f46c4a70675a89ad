"""Writes the clips of pixel-art characters that evaluate_control.py compares with.

    python tools/make_sprite_arrays.py --layers_dir=LPC --output_dir=sprites

`LPC` is a clone of https://github.com/ElizaWy/LPC, or a part of it. Three files (see
tools/clip_arrays.py): `training.npz`, and `held_out.npz` and `grid.npz`, in which other
characters are drawn in the same way, in the latter each of them in every class. 6,000
clips take half a minute and 20 MB.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when loaded

import keras_mocogan as km  # isort: skip  (readies TensorFlow before Keras loads it)
from pathlib import Path

import numpy as np
from absl import app, flags

flags.DEFINE_string("layers_dir", None, "Holds `Characters`.", required=True)
flags.DEFINE_string("output_dir", "sprites", "Where the files go.")
flags.DEFINE_integer("num_videos", 6000, "Clips to train on.", lower_bound=1)
flags.DEFINE_integer("num_held_out", 1200, "Others.", lower_bound=1)
flags.DEFINE_integer("contents", 64, "Characters of the grid.", lower_bound=2)
flags.DEFINE_integer("num_frames", 8, "Frames of a clip.", lower_bound=1)
flags.DEFINE_enum("background", "black", ["black", "color"], "Color: one a clip.")
flags.DEFINE_enum(
    "split", "training", ["all", "training", "held_out"], "Of the others."
)
flags.DEFINE_integer("seed", 0, "This and the next two draw the three files.")
FLAGS = flags.FLAGS


def draw(count, offset, split, **arguments):
    return km.data.sprites(
        FLAGS.layers_dir,
        count,
        num_frames=FLAGS.num_frames,
        seed=FLAGS.seed + offset,
        background=FLAGS.background,
        split=split,
        **arguments,
    )


def draw_grid():
    """The same characters in every class, `(contents, classes, frames, ...)`."""
    # Who is drawn does not depend on what is done.
    classes = [
        draw(FLAGS.contents, 2, FLAGS.split, actions=[action], directions=[direction])
        for action in km.data.SPRITE_ACTIONS
        for direction in km.data.SPRITE_DIRECTIONS
    ]
    videos = np.stack([clips.videos for clips in classes], axis=1)
    return classes[0]._replace(
        videos=videos,
        labels=np.arange(len(classes)),
        class_names=tuple(clips.class_names[0] for clips in classes),
    )


def write(name, clips):
    names = {"labels": clips.class_names} | clips.attribute_names
    arrays = {f"names_{n}": np.array(values) for n, values in names.items()}
    arrays |= {f"attr_{n}": values for n, values in clips.attributes.items()}
    path = Path(FLAGS.output_dir) / f"{name}.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, videos=clips.videos, labels=clips.labels, **arrays)
    print(f"{path}: clips of shape {clips.videos.shape}")


def main(_):
    write("training", draw(FLAGS.num_videos, 0, "training"))
    write("held_out", draw(FLAGS.num_held_out, 1, FLAGS.split))
    write("grid", draw_grid())


if __name__ == "__main__":
    app.run(main)
