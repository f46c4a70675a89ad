"""TensorFlow beside another backend: it reads data, and leaves the GPUs alone."""

import keras


def reading_tensorflow():
    """TensorFlow for reading data; it stays off the GPUs unless it is the backend.

    At its first operation it would claim the memory of every GPU that it sees.
    """
    import tensorflow as tf

    if keras.config.backend() != "tensorflow":
        keep_off_gpus(tf)
    return tf


def keep_off_gpus(tf):
    """Hides the GPUs from TensorFlow, unless it has already used them."""
    try:
        tf.config.set_visible_devices([], "GPU")
    except RuntimeError:  # too late: the user's own code has chosen the devices
        pass
