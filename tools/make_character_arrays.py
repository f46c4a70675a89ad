"""Writes clips of characters, with which evaluate_control.py compares a model.

    python tools/make_character_arrays.py --dataset=figures --output_dir=figures
    python tools/make_character_arrays.py --dataset=sprites --layers_dir=LPC

It writes three files (see tools/clip_arrays.py): `training.npz`; `held_out.npz` with
other clips of the same kind; and `grid.npz`, in which every character appears in every
class. 6,000 clips of sprites take half a minute and 20 MB.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when loaded

import keras_mocogan as km  # isort: skip  (readies TensorFlow before Keras loads it)
from pathlib import Path

import numpy as np
from absl import app, flags

flags.DEFINE_enum("dataset", "sprites", ["figures", "sprites"], "From `km.data`.")
flags.DEFINE_string("layers_dir", None, "Folder with the sprites' `Characters`.")
flags.DEFINE_string("output_dir", "characters", "Where the files go.")
flags.DEFINE_integer("num_videos", 6000, "Clips to train on.", lower_bound=1)
flags.DEFINE_integer("num_held_out", 1200, "Other clips.", lower_bound=1)
flags.DEFINE_integer("contents", 64, "Characters of the grid.", lower_bound=2)
flags.DEFINE_integer("num_frames", 8, "Frames of a clip.", lower_bound=1)
flags.DEFINE_enum("background", "black", ["black", "color"], "Behind the sprites.")
flags.DEFINE_enum(
    "split",
    "training",
    ["all", "training", "held_out"],
    "Which sprites are held out. In the training split they are other characters, but "
    "with combinations of colors that are trained on.",
)
flags.DEFINE_integer("seed", 0, "Fixes the clips, with the next two seeds.")
FLAGS = flags.FLAGS


def draw(count, seed, split, **arguments):
    arguments |= {"num_frames": FLAGS.num_frames, "seed": FLAGS.seed + seed}
    if FLAGS.dataset == "figures":
        return km.data.figures(count, **arguments)
    return km.data.sprites(
        FLAGS.layers_dir, count, background=FLAGS.background, split=split, **arguments
    )


def draw_grid():
    """The same characters in every class, `(contents, classes, frames, ...)`."""
    known = FLAGS.dataset.removesuffix("s").upper()
    # Only the seed decides who is drawn, whatever they do.
    classes = [
        draw(FLAGS.contents, 2, FLAGS.split, actions=[action], directions=[direction])
        for action in getattr(km.data, f"{known}_ACTIONS")
        for direction in getattr(km.data, f"{known}_DIRECTIONS")
    ]
    return classes[0]._replace(
        videos=np.stack([clips.videos for clips in classes], axis=1),
        labels=np.arange(len(classes)),
        class_names=tuple(clips.class_names[0] for clips in classes),
    )


def write(name, clips):
    names = {"labels": clips.class_names} | clips.attribute_names
    arrays = {f"names_{n}": np.array(values) for n, values in names.items()}
    # Proportions have no classes.
    arrays |= {f"attr_{n}": clips.attributes[n] for n in clips.attribute_names}
    path = Path(FLAGS.output_dir) / f"{name}.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, videos=clips.videos, labels=clips.labels, **arrays)
    print(f"{path}: clips of shape {clips.videos.shape}")


def main(_):
    if (FLAGS.dataset == "sprites") != (FLAGS.layers_dir is not None):
        raise app.UsageError("Give --layers_dir=FOLDER only with --dataset=sprites.")
    write("training", draw(FLAGS.num_videos, 0, "training"))
    write("held_out", draw(FLAGS.num_held_out, 1, FLAGS.split))
    write("grid", draw_grid())


if __name__ == "__main__":
    app.run(main)
