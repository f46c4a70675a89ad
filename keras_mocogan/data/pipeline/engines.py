"""The engines that make batches of the clips: TensorFlow's `tf.data`, and Python."""

import logging

from keras_mocogan.backend.tensorflow_beside import reading_tensorflow

ENGINES = ("auto", "tf", "python")

logger = logging.getLogger("keras_mocogan")


def make_dataset(engine, reader, schedule, about, deterministic):
    """A data set of batches.

    Args:
        engine: One of `ENGINES`.
        reader: `ClipReader`.
        schedule: `Schedule` of the batches.
        about: `About` the clips.
        deterministic: See `video_dataset`.

    Returns:
        A `tf.data.Dataset` or a `PythonDataset`.

    Raises:
        ValueError: If TensorFlow is asked for and cannot be imported.
    """
    if engine == "python" or not _has_tensorflow(is_needed=engine == "tf"):
        from keras_mocogan.data.pipeline.python_engine import PythonDataset

        return PythonDataset(reader, schedule, about, deterministic)
    from keras_mocogan.data.pipeline import tensorflow_engine

    return tensorflow_engine.make_dataset(reader, schedule, about, deterministic)


def _has_tensorflow(is_needed):
    try:
        reading_tensorflow()
    except Exception as error:  # an installation may be broken in any way
        if is_needed:
            raise ValueError(
                "`engine` must be 'auto' or 'python' if TensorFlow cannot be imported. "
                f"Received: engine='tf', but `import tensorflow` raises {error!r}."
            ) from error
        if not isinstance(error, ModuleNotFoundError):
            logger.warning("Reading clips without TensorFlow: %r", error)
        return False
    return True
