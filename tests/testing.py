"""What the tests of models share: the smallest model, random clips, snapshots."""

import itertools

import keras
import numpy as np
from keras import ops

import keras_mocogan as km
from keras_mocogan.utils.image_sizes import sides

# Compiling is what the tests' time goes into, on JAX most of all: every test that
# can uses this one model and batches of this one size, compiled once.
TINY = {
    "image_size": 32,
    "channels": 3,
    "clip_frames": 4,
    "content_dim": 3,
    "motion_dim": 2,
    "num_classes": 2,
    "image_generator": {"filters": 2},
    "image_discriminator": {"filters": 2},
    "video_discriminator": {"filters": 2, "levels": 3},
    "seed": 7,
}
BATCH = 2
# Where a handful of steps is quicker than compiling one; JAX takes compiled steps from
# a cache on disk, and compiles each operation of an eager one.
EAGER = keras.backend.backend() != "jax"
PHASES = ("image_discriminator", "video_discriminator", "generator")
# The names in the logs of a model with both discriminators and classes.
LOG_KEYS = {
    "loss",
    "image_discriminator_loss",
    "image_real_accuracy",
    "image_fake_accuracy",
    "video_discriminator_loss",
    "video_real_accuracy",
    "video_fake_accuracy",
    "generator_loss",
    "category_accuracy",
}


def tiny_model(**arguments):
    """The smallest `MoCoGAN`; `arguments` are merged over `TINY`."""
    return km.MoCoGAN(**merged(TINY, arguments))


def both_discriminators(**options):
    """Arguments that give both discriminators these options."""
    return {name: options for name in ("image_discriminator", "video_discriminator")}


SMALL = {"image_size": 32, "latent_dim": 5, "seed": 7}
SMALL_CLIPS = SMALL | {"clip_frames": 4, "video_discriminator": {"filters": 2}}


def tiny_vgan(**arguments):
    """The smallest `VGAN`, of two classes."""
    streams = ("foreground_generator", "background_generator")
    small = {"num_classes": 2, **{name: {"filters": 2} for name in streams}}
    return km.VGAN(**merged(SMALL_CLIPS | small, arguments))


def tiny_tgan(**arguments):
    """The smallest `TGAN`, without classes."""
    generators = ("temporal_generator", "image_generator")
    small = {"motion_dim": 3, **{name: {"filters": 2} for name in generators}}
    return km.TGAN(**merged(SMALL_CLIPS | small, arguments))


def tiny_image_gan(**arguments):
    """The smallest `ImageGAN`."""
    networks = ("image_generator", "image_discriminator")
    small = {name: {"filters": 2} for name in networks}
    return km.ImageGAN(**merged(SMALL | small, arguments))


def merged(arguments, more):
    """Both, options of networks one by one."""
    both = {**arguments, **more}
    for name, value in more.items():
        if isinstance(value, dict) and isinstance(arguments.get(name), dict):
            both[name] = {**arguments[name], **value}
    return both


def enliven(model):
    """Makes an untrained generator's frames far from gray, and from each other."""
    for variable in model.image_generator.trainable_variables:
        if variable.name == "kernel":
            variable.assign(6.0 * ops.convert_to_numpy(variable.value))


def random_clips(n=BATCH, frames=4, size=32, channels=3, seed=0):
    """uint8 videos of shape `(n, frames, height, width, channels)`."""
    shape = (n, frames, *sides(size), channels)
    return np.random.default_rng(seed).integers(0, 256, shape, "uint8")


def labels_for(videos):
    """Labels 0 and 1 in turn, int32 of shape `(n,)`."""
    return np.arange(len(videos), dtype="int32") % 2


def to_float(videos):
    """uint8 frames as float32 in [-1, 1]."""
    return videos.astype("float32") / 127.5 - 1


def phase_weights(model):
    """Copies of the trainable weights, `{phase: [array, ...]}`."""
    networks = {
        "image_discriminator": [model.image_discriminator],
        "video_discriminator": [model.video_discriminator],
        "generator": [model.motion_generator, model.image_generator],
    }
    return {
        phase: [v for n in members for v in values(n.trainable_variables)]
        for phase, members in networks.items()
    }


def values(variables):
    """Copies of Keras variables' values, a list of NumPy arrays."""
    return [np.array(ops.convert_to_numpy(v.value)) for v in variables]


def snapshot(model):
    """Copies of weights, seeds and the optimizers' state."""
    return values([*model.variables, *model.optimizer.variables])


def assert_identical(one, other):
    """Two lists of arrays are equal, bit for bit."""
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


def batches_of(dataset, steps=None):
    """The batches of a data set of either engine, or the first ones, as arrays."""
    return [
        keras.tree.map_structure(np.asarray, batch)
        for batch in itertools.islice(dataset, steps)
    ]
