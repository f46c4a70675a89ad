"""The trained model that flags name: a file, or a preset."""

import keras

import keras_mocogan as km
from keras_mocogan import presets


def load(path, preset):
    """A model from a `.keras` file or, if there is no path, a preset of that name."""
    if path is not None:
        return keras.models.load_model(path)
    return getattr(km, presets.class_name(preset)).from_preset(preset)
