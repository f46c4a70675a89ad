"""Batches of clips, read by calls from tf.data into Python."""

import numpy as np
import tensorflow as tf

from keras_mocogan.data.records.record_frames import decode_window
from keras_mocogan.data.records.record_source import RecordSource
from keras_mocogan.data.storage import python_calls as calls

# Records that one call reads: the call itself takes as long as reading one record.
_RECORDS_AT_ONCE = 16


def read_batches(choices, source, reader, batch_size):
    """Reads what was chosen.

    Args:
        choices: Data set of `(number, draws)`; see `order`.
        source: Where clips come from; see `sources`.
        reader: `WindowReader` of the source.
        batch_size: Clips in a batch.

    Returns:
        A `tf.data.Dataset` of full batches `(videos, clips, draws)`: `uint8` of shape
        `(batch_size, *reader.shape)`, and the source's numbers of the clips.
    """
    if _is_decoded_in_graph(source, reader):
        dataset = _read_jpeg_records(choices, source, reader)
        return dataset.batch(batch_size, drop_remainder=True)
    if source.is_ready:  # then whole batches come from Python without another copy
        return _read_clips(choices.batch(batch_size, drop_remainder=True), reader)
    dataset = _read_clips(choices.batch(1), reader).unbatch()
    return dataset.batch(batch_size, drop_remainder=True)


def _is_decoded_in_graph(source, reader):
    """Whether TensorFlow's JPEG decoder gives the frames in their final form."""
    is_jpeg = isinstance(source, RecordSource) and not source.is_ready
    return is_jpeg and reader.takes_frames_whole(source.image_size)


def _read_clips(choices, reader):
    def load(numbers, draws):
        types = [tf.uint8, tf.int64]
        videos, clips = calls.call(reader.read, [numbers, draws], types)
        videos = tf.ensure_shape(videos, (*numbers.shape, *reader.shape))
        return videos, tf.ensure_shape(clips, numbers.shape), draws

    return choices.map(load, tf.data.AUTOTUNE)


def _read_jpeg_records(choices, source, reader):
    """Data set of `(video, clip, draws)`, decoded by TensorFlow."""

    def read(clip, draw):
        return source.read_record(clip), reader.start(clip, draw)

    def read_some(numbers, draws):
        found = [
            reader.first_readable(number, lambda clip, draw=draw: read(clip, draw))
            for number, (draw, *_) in zip(numbers, draws, strict=True)
        ]
        contents = np.array([record for (record, _), _ in found], object)
        starts = np.array([start for (_, start), _ in found], np.int64)
        return contents, starts, np.array([clip for _, clip in found], np.int64)

    def load(numbers, draws):
        loaded = calls.call(
            read_some, [numbers, draws], [tf.string, tf.int64, tf.int64]
        )
        return *(tf.ensure_shape(part, [None]) for part in loaded), draws

    def decode(record, start, clip, draws):
        return decode_window(record, start, reader.offsets, reader.shape), clip, draws

    some = choices.batch(_RECORDS_AT_ONCE).map(load, tf.data.AUTOTUNE)
    return some.unbatch().map(decode, tf.data.AUTOTUNE)
