"""Lists the trained models that come with the package.

keras-mocogan presets
keras-mocogan generate --preset=shapes --grid
"""

import keras_mocogan as km
from keras_mocogan import presets
from keras_mocogan.utils.image_sizes import to_text

FIRST_FLAGS = ""


def describe(name):
    """A line about a preset."""
    kind = presets.class_name(name)
    model = getattr(km, kind).from_preset(name)
    weights = sum(network.count_params() for network in model.generating_networks())
    classes = f"{model.num_classes} classes" if model.num_classes else "no classes"
    return (
        f"{name:<12}{kind}, {to_text(model.image_size)} pixels, "
        f"{model.clip_frames} frames, {classes}, {weights / 1e6:.1f} million weights"
    )


def main(_):
    for name in presets.names():
        print(describe(name))
    print("Use one: keras-mocogan generate --preset=NAME --grid")
