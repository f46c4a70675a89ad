"""A trained model from a file, or a preset from anywhere."""

from absl import app, flags

import keras_mocogan as km
from keras_mocogan.models.loading import load_networks

flags.DEFINE_string("model", None, "A saved model, `.keras`.")
flags.DEFINE_string(
    "preset", None, "Or a preset: its name, a folder, or a URL such as hf://user/repo."
)
FLAGS = flags.FLAGS


def load():
    """The model that the flags name."""
    if (FLAGS.model is None) == (FLAGS.preset is None):
        raise app.UsageError(
            "Give either --model=FILE or --preset=NAME. `keras-mocogan presets` lists "
            "the names."
        )
    return load_networks(FLAGS.model or FLAGS.preset)


def about():
    """What is known about the preset, or nothing about a model; a dictionary."""
    return km.presets.about(FLAGS.preset) if FLAGS.preset else {}


def class_names():
    """Names of the classes that a preset knows, or None."""
    return about().get("class_names")
