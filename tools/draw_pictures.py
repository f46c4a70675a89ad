"""Draws the pictures of docs/data.md.

    python tools/draw_pictures.py
    python tools/draw_pictures.py --layers_dir=LPC

The first command draws docs/figures.gif. The second also draws docs/sprites.gif, from a
clone of https://github.com/ElizaWy/LPC, whose artists must be named beside it.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when loaded

import keras_mocogan as km  # isort: skip  (readies TensorFlow before Keras loads it)
from pathlib import Path

import numpy as np
from absl import app, flags

flags.DEFINE_string("layers_dir", None, "Layers for docs/sprites.gif.")
flags.DEFINE_string("output_dir", "docs", "Where to write.")
FLAGS = flags.FLAGS

# Frames after which all motions are where they began: of people at the speeds below,
# and of characters, whose cycles have 6 and 8.
_FRAMES = 24
_SPEEDS = {"walk": 1, "run": 1, "jump": 14 / 12, "wave": 1}
_CHARACTERS = (
    {
        "body": "Body 01 - Feminine, Thin",
        "skin": "Coffee",
        "hair": "Medium 02 - Curly",
        "hair_color": "Red",
        "top": "Shirt 04 - T-shirt",
        "top_color": "Cyan",
        "legs": "Pants 03 - Pants",
        "legs_color": "Indigo",
        "shoes": "Shoes 01 - Shoes",
        "shoes_color": "White",
    },
    {
        "body": "Body 02 - Masculine, Thin",
        "skin": "Peach",
        "hair": "Short 02 - Parted",
        "hair_color": "Blonde",
        "top": "Shirt 01 - Longsleeve Shirt",
        "top_color": "Plum",
        "legs": "Pants 02 - Leggings",
        "legs_color": "Fern",
        "shoes": "Shoes 01 - Shoes",
        "shoes_color": "Leather",
    },
)


def draw_figures(path):
    """Two actions a row, each in three directions."""
    videos = [
        km.data.figures(
            3, _FRAMES, seed=seed, actions=(action,), speed=(speed, speed)
        ).videos
        for seed, (action, speed) in enumerate(_SPEEDS.items(), 40)
    ]
    km.video.write_gif(path, np.concatenate(videos), fps=12, columns=6)


def draw_sprites(path, layers_dir):
    """A row for each character, a column for each action in each direction."""
    rows = [
        km.data.sprites(
            layers_dir,
            12,
            _FRAMES,
            only={name: [value] for name, value in character.items()},
            random_start=False,
        ).videos
        for character in _CHARACTERS
    ]
    km.video.write_gif(path, np.concatenate(rows), fps=8, columns=12)


def main(_):
    folder = Path(FLAGS.output_dir).expanduser()
    draw_figures(folder / "figures.gif")
    if FLAGS.layers_dir is not None:
        draw_sprites(folder / "sprites.gif", FLAGS.layers_dir)


if __name__ == "__main__":
    app.run(main)
