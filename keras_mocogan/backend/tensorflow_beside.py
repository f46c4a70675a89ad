"""TensorFlow beside another backend: it reads, and leaves the GPUs to that."""

import keras


def reading_tensorflow():
    """TensorFlow to read and prepare data with: off the GPUs, unless it is the backend.

    It would claim the memory of all that it sees, at its first operation.
    """
    import tensorflow as tf

    if keras.config.backend() != "tensorflow":
        keep_off_gpus(tf)
    return tf


def keep_off_gpus(tf):
    """Hides the GPUs from TensorFlow, unless it has been at work already."""
    try:
        tf.config.set_visible_devices([], "GPU")
    except RuntimeError:  # the user's own code has chosen its devices
        pass
