"""TensorFlow's strategy for several GPUs of one host."""

import contextlib


def mirrored_scope() -> contextlib.AbstractContextManager:
    """The scope of a new `MirroredStrategy`: a model made in it has a copy on each GPU.

    Returns:
        A context manager.
    """
    import tensorflow as tf

    return tf.distribute.MirroredStrategy().scope()
