"""Record files: many clips, decoded and resized once, in few TFRecord shards.

A folder of records holds shards, and `index.json` which tells of every clip how many
frames it has, its label, where its record lies and a checksum. A record is a
`tf.train.Example` with the features `frames` (one JPEG file, or raw bytes, for each
frame), `label` and `name`.
"""

import fnmatch
import functools
import json
import os
import zlib
from typing import NamedTuple

import numpy as np

from keras_mocogan.data import storage
from keras_mocogan.data.images import take_frames
from keras_mocogan.data.record_frames import decode_frames, raw_frames

SCHEMA = 1
INDEX = "index.json"
SUFFIX = ".tfrecord"
# Of every TFRecord: length and its checksum before, the content's checksum after.
HEADER, FOOTER = 12, 4
_OPEN_SHARDS = 64


class RecordError(ValueError):
    """A record does not hold what the index says."""


class _Table(NamedTuple):
    """One row a clip."""

    num_frames: np.ndarray
    label: np.ndarray
    offset: np.ndarray
    size: np.ndarray
    checksum: np.ndarray
    shard: np.ndarray


class RecordSource:
    """Clips in TFRecord shards that `write_records` wrote.

    Args:
        path: Their folder, or a pattern or the path of some of its shards.
        channels: Channels that the frames must have.

    Attributes:
        names: What to call each clip in a message.
        labels: `int32` array of class numbers, or `None`.
        class_names: Names of the classes, or `None`.
        lengths: `int64` array of the clips' numbers of frames.
        image_size: Side of the frames in pixels.
        is_ready: Whether frames are raw bytes rather than JPEG files.
    """

    def __init__(self, path, channels):
        folder, pattern = _split(os.fspath(path))
        index = _read_index(folder)
        if channels != index["channels"]:
            raise ValueError(
                f"The records in {folder} hold frames of {index['channels']} channels; "
                f"pass channels={index['channels']}, or write them anew."
            )
        shards = [
            shard
            for shard in index["shards"]
            if fnmatch.fnmatch(shard["file"], pattern)
        ]
        if not shards:
            raise FileNotFoundError(f"No shard of records is called {path}")
        self._table = _table(shards)
        self._files = [_join(folder, shard["file"]) for shard in shards]
        self.names = _Names(self._files, self._table.shard)
        self.class_names = index["class_names"]
        self.labels = None if self.class_names is None else self._table.label
        self.lengths = self._table.num_frames
        self.image_size = index["image_size"]
        self.is_ready = index["format"] == "raw"
        self._shape = (self.image_size, self.image_size, channels)
        self._fps = index["fps"]
        # Opening a shard for each clip took as long as reading it.
        self._open = functools.lru_cache(_OPEN_SHARDS)(_open)

    def count_frames(self, clip):
        return int(self.lengths[clip])

    def version(self, clip):
        return str(self._table.checksum[clip])

    def frame_times(self, clip):
        if self._fps is None:
            raise ValueError("these records tell no frame rate; leave fps out")
        return np.arange(self.lengths[clip] + 1) / self._fps

    def read_record(self, clip):
        """The bytes of a clip's record.

        Raises:
            RecordError: If they are not those that were written.
        """
        _, _, offset, size, checksum, shard = (
            int(column[clip]) for column in self._table
        )
        content = self._read(self._files[shard], offset + HEADER, size)
        if len(content) != size or zlib.crc32(content) != checksum:
            raise RecordError("the shard was cut short or damaged")
        return content

    def read_frames(self, clip, numbers):
        """Frames `(image_size, image_size, channels)`, one by one or as an array."""
        record = self.read_record(clip)
        if self.is_ready:
            frames = raw_frames(record, self.count_frames(clip), self._shape)
            return take_frames(frames, numbers)
        return decode_frames(record, numbers, self._shape)

    def _read(self, path, offset, size):
        if storage.is_url(path):
            return storage.read(path, offset, size)
        file = self._open(path)  # held: it is closed with its last user
        return os.pread(file.fileno(), size, offset)


def holds_records(path):
    """Whether a path or a pattern stands for records."""
    if path.endswith(SUFFIX):
        return True
    if any(c in path for c in "*?[") and not storage.exists(path):
        return any(file.endswith(SUFFIX) for file in storage.matching(path))
    return storage.is_folder(path) and any(
        file.endswith(SUFFIX) or os.path.basename(file) == INDEX
        for file in storage.list_folder(path).files
    )


class _Names:
    """Names of clips, made when they are asked for: a shard and a place in it."""

    def __init__(self, files, shards):
        self._files, self._shards = files, shards

    def __len__(self):
        return len(self._shards)

    def __getitem__(self, clip):
        shard = self._shards[clip]
        place = clip - np.searchsorted(self._shards, shard)
        return f"{self._files[shard]}, record {place}"


def _split(path):
    """Folder of the shards, and the pattern of their names."""
    if not path.endswith(SUFFIX) and storage.exists(path):
        return path, "*"
    folder, _, pattern = path.replace(os.sep, "/").rpartition("/")
    return folder or ".", pattern


def _open(path):
    return open(path, "rb", buffering=0)


def _join(folder, name):
    return f"{folder.rstrip('/')}/{name}"


def _read_index(folder):
    path = _join(folder, INDEX)
    if not storage.exists(folder):
        raise FileNotFoundError(f"No such folder of records: {folder}")
    if not storage.exists(path):
        raise ValueError(
            f"{folder} holds record shards but no {INDEX}: they were not finished, or "
            "the index was lost. Run the tool that writes them again, it goes on where "
            "it was."
        )
    try:
        index = json.loads(storage.read(path))
        schema = index["schema"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is no index of records: {error!r}") from None
    if schema != SCHEMA:
        raise ValueError(
            f"{path} has schema {schema}, this version reads {SCHEMA}. Write the "
            "records anew."
        )
    return index


def _table(shards):
    columns = []
    for number, shard in enumerate(shards):
        rows = np.array(shard["clips"], np.int64).reshape(-1, 4)
        num_frames, label, size, checksum = rows.T
        offset = np.cumsum(size + HEADER + FOOTER) - (size + HEADER + FOOTER)
        columns.append(
            (num_frames, label, offset, size, checksum, np.full(len(rows), number))
        )
    table = _Table(*(np.concatenate(column) for column in zip(*columns, strict=True)))
    return table._replace(label=table.label.astype(np.int32))
