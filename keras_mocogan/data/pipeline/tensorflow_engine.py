"""The engine "tf": a `tf.data.Dataset`, which calls Python to read clips."""

import numpy as np
import tensorflow as tf

from keras_mocogan.data.pipeline.telling_dataset import tell
from keras_mocogan.data.storage import python_calls as calls


def make_dataset(reader, schedule, about, deterministic):
    """Makes the data set.

    Args:
        reader: `ClipReader`.
        schedule: `Schedule` of the batches.
        about: `About` the clips.
        deterministic: See `video_dataset`.

    Returns:
        A `tf.data.Dataset` of full batches of videos, or of `(videos, labels)`, with
        the attributes of `About`.
    """
    dataset = _read(reader, schedule)
    # Keras shows the number of batches, and `fit` refuses endless epochs.
    count = schedule.num_batches
    count = tf.data.INFINITE_CARDINALITY if count is None else count
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(count))
    options = tf.data.Options()
    options.deterministic = deterministic
    return tell(dataset.prefetch(tf.data.AUTOTUNE).with_options(options), about)


def _read(reader, schedule):
    rows = schedule.rows
    batches = tf.data.Dataset.range(1).flat_map(lambda _: _positions(schedule))
    if reader.is_quick:  # then whole batches come from Python without another copy
        return batches.map(_reading(reader, rows), tf.data.AUTOTUNE)
    clips = batches.flat_map(lambda first: tf.data.Dataset.range(first, first + rows))
    clips = clips.map(_reading(reader), tf.data.AUTOTUNE)
    return clips.batch(rows, drop_remainder=True)


def _positions(schedule):
    """Data set of the positions of the batches' first rows, in one iteration."""
    start = tf.numpy_function(lambda: np.int64(schedule.next_start()), [], tf.int64)
    start = tf.ensure_shape(start, [])
    positions = tf.data.Dataset.counter(start, schedule.batch_size, dtype=tf.int64)
    if schedule.num_batches is None:
        return positions
    return positions.take(schedule.num_batches)


def _reading(reader, rows=None):
    """Function of a position that reads a clip, or a batch of `rows` of them."""
    types = [tf.uint8, tf.int32] if reader.has_labels else [tf.uint8]
    batch_shape = [] if rows is None else [rows]

    def read(first):
        arrays = reader.make_room(rows or 1)
        reader.read_into(arrays, int(first))
        return arrays if rows else [array[0] for array in arrays]

    def load(first):
        videos, *labels = calls.call(read, [first], types)
        videos = tf.ensure_shape(videos, [*batch_shape, *reader.shape])
        if not labels:
            return videos
        return videos, tf.ensure_shape(labels[0], batch_shape)

    return load
