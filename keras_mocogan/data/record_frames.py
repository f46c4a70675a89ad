"""The frames in a record: JPEG files or raw bytes in a `tf.train.Example`."""

import io

import numpy as np
from PIL import Image


def raw_frames(record, num_frames, shape):
    """The raw frames of a record as they lie in it, found without parsing the rest.

    `tf.train.Example` copies each frame twice, and the copies took longer than reading.

    Args:
        record: Bytes of an example whose first feature is `frames`.
        num_frames: How many it holds.
        shape: Of one frame.

    Returns:
        `uint8` array of shape `(num_frames, *shape)`, a view into the record.
    """
    place = 0
    for _ in ("Example.features", "the first entry", "its key"):
        place = _enter(record, place)
    place += len("frames")
    for _ in ("its value", "Feature.bytes_list"):
        place = _enter(record, place)
    first = _enter(record, place)
    distance = first - place + int(np.prod(shape))
    strides = (distance, *np.empty(shape, np.uint8).strides)
    return np.ndarray((num_frames, *shape), np.uint8, record, first, strides)


def _enter(record, place):
    """Start of the content of the field at `place`: after its tag and its length."""
    place += 1
    while record[place] & 0x80:  # of the length's bytes all but the last
        place += 1
    return place + 1


def decode_frames(record, numbers, shape):
    """Yields JPEG frames, each an array of `shape`, decoded by Pillow."""
    import tensorflow as tf

    example = tf.train.Example.FromString(record)
    frames = example.features.feature["frames"].bytes_list.value
    for number in numbers:
        with Image.open(io.BytesIO(frames[number])) as picture:
            yield np.asarray(picture).reshape(shape)


def decode_window(record, start, offsets, shape):
    """Decodes the JPEG frames of one window, in TensorFlow's graph.

    Args:
        record: Scalar string tensor.
        start: Scalar `int64` tensor, the first frame.
        offsets: Integers, the distances of the window's frames from the first.
        shape: Of the window.

    Returns:
        `uint8` tensor of `shape`.
    """
    import tensorflow as tf

    features = {
        "frames": tf.io.FixedLenSequenceFeature([], tf.string, allow_missing=True)
    }
    frames = tf.io.parse_single_example(record, features)["frames"]
    window = tf.gather(frames, start + tf.constant(offsets, tf.int64))
    # One after another: clips are decoded side by side already.
    frames = [tf.io.decode_jpeg(frame, shape[-1]) for frame in tf.unstack(window)]
    return tf.ensure_shape(tf.stack(frames), shape)
