"""A trained model from a file, or one that comes with the package."""

from absl import app, flags

import keras_mocogan as km
from keras_mocogan import presets

flags.DEFINE_string("model", None, "A saved model, `.keras`.")
flags.DEFINE_string("preset", None, "Or a model that comes with the package.")
FLAGS = flags.FLAGS


def load():
    """The model that the flags name."""
    if (FLAGS.model is None) == (FLAGS.preset is None):
        raise app.UsageError(
            "Give either --model=FILE or --preset=NAME. `keras-mocogan presets` lists "
            "the names."
        )
    if FLAGS.model:
        return km.load_model(FLAGS.model)
    return getattr(km, presets.class_name(FLAGS.preset)).from_preset(FLAGS.preset)
