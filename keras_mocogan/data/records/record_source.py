"""Record files: many clips, decoded and resized once, in a few TFRecord shards.

A folder of records holds shards and an `index.json`, which gives each clip's number of
frames, its label, the place of its record and a checksum. A record is a
`tf.train.Example` with the features `frames` (one JPEG file, or raw bytes, for each
frame), `label` and `name`.
"""

import functools
import os
import zlib

import numpy as np

from keras_mocogan.data.frames.images import take_frames
from keras_mocogan.data.records.record_frames import (
    check_jpegs,
    decode_jpegs,
    raw_frames,
)
from keras_mocogan.data.records.record_index import read_index
from keras_mocogan.data.records.tfrecords import FOOTER, HEADER
from keras_mocogan.data.storage import storage
from keras_mocogan.data.storage.read_ahead import ReadAhead
from keras_mocogan.utils.image_sizes import sides

_OPEN_SHARDS = 64


class RecordError(ValueError):
    """A record does not hold what its index says."""


class RecordSource:
    """Clips in TFRecord shards that `write_records` wrote.

    Args:
        path: Their folder, or a pattern or path of some of its shards.
        channels: Channels that the frames must have.

    Attributes:
        names: What to call each clip in a message.
        labels: `int32` array of class numbers, or `None`.
        class_names: Names of the classes, or `None`.
        lengths: `int64` array of the clips' numbers of frames.
        is_quick: `True`: frames are small, and are raw or decoded quickly.
    """

    is_quick = True

    def __init__(self, path, channels):
        index = read_index(os.fspath(path))
        if channels != index.channels:
            raise ValueError(
                f"`channels` must be {index.channels}, as in the records in {path}. "
                f"Received: channels={channels}. Pass channels={index.channels}, or "
                "write the records again."
            )
        self._table = index.table
        self._files = index.files
        self.names = _Names(self._files, self._table.shard)
        self.class_names = index.class_names
        self.labels = None if self.class_names is None else self._table.label
        self.lengths = self._table.num_frames
        self._is_raw = index.format == "raw"
        self._shape = (*sides(index.image_size), channels)
        self._fps = index.fps
        self._shards = _Shards(self._sizes_at_urls())
        self._is_checked = np.zeros(len(self.names), bool)

    def _sizes_at_urls(self):
        ends = self._table.offset + HEADER + self._table.size + FOOTER
        sizes = np.zeros(len(self._files), np.int64)
        np.maximum.at(sizes, self._table.shard, ends)
        named = zip(self._files, sizes.tolist(), strict=True)
        return {file: size for file, size in named if storage.is_url(file)}

    def count_frames(self, clip):
        return int(self.lengths[clip])

    def version(self, clip):
        return str(self._table.checksum[clip])

    digest = version

    def frame_times(self, clip):
        if self._fps is None:
            raise ValueError("these records have no frame rate; leave fps out")
        return np.arange(self.lengths[clip] + 1) / self._fps

    def read_record(self, clip):
        """The bytes of a clip's record.

        Raises:
            RecordError: If they are not what was written, or hold something else than
                JPEG files of the right size.
        """
        _, _, offset, size, checksum, shard = (
            int(column[clip]) for column in self._table
        )
        content = self._shards.read(self._files[shard], offset + HEADER, size)
        if len(content) != size or zlib.crc32(content) != checksum:
            raise RecordError("the shard was cut short or damaged")
        if not self._is_checked[clip] and not self._is_raw:
            reason = check_jpegs(content, self.count_frames(clip), self._shape)
            if reason is not None:
                raise RecordError(reason)
        self._is_checked[clip] = True
        return content

    def read_frames(self, clip, numbers):
        """Frames `(height, width, channels)`, one by one or as an array."""
        record = self.read_record(clip)
        if self._is_raw:
            frames = raw_frames(record, self.count_frames(clip), self._shape)
            if frames is None:
                raise RecordError("the record does not hold the frames that it should")
            return take_frames(frames, numbers)
        return decode_jpegs(record, numbers, self._shape)


class _Shards:
    """Reads shards and keeps them open: opening one took as long as reading a clip."""

    def __init__(self, sizes_at_urls):
        self._remote = ReadAhead(sizes_at_urls)
        self._open = functools.lru_cache(_OPEN_SHARDS)(_open)

    def __reduce__(self):  # another process opens its own
        return _Shards, (self._remote.sizes,)

    def read(self, path, offset, length):
        if storage.is_url(path):
            return self._remote.read(path, offset, length)
        file, size = self._open(path)  # the file is closed with its last user
        if offset + length > size:  # checked before memory is allocated
            return b""
        return os.pread(file.fileno(), length, offset)


class _Names:
    """Names of clips, made on demand: a shard and a place in it."""

    def __init__(self, files, shards):
        self._files, self._shards = files, shards

    def __len__(self):
        return len(self._shards)

    def __getitem__(self, clip):
        shard = self._shards[clip]
        place = clip - np.searchsorted(self._shards, shard)
        return f"{self._files[shard]}, record {place}"


def _open(path):
    storage.check_regular(path)
    file = open(path, "rb", buffering=0)
    return file, os.fstat(file.fileno()).st_size
