"""The index of a folder of records, and the checks before it is trusted.

Records may come from others. Their index names files to open, and sizes and numbers of
frames to allocate memory for. Nothing is done before all of it has been found
plausible.
"""

import fnmatch
import json
import math
import numbers
import os
from typing import NamedTuple

import numpy as np

from keras_mocogan.data.frames.images import CHANNELS, MAX_PIXELS
from keras_mocogan.data.records.tfrecords import FOOTER, HEADER
from keras_mocogan.data.storage import storage
from keras_mocogan.utils.image_sizes import check_image_size, sides

SCHEMA = 1
INDEX = "index.json"
SUFFIX = ".tfrecord"
FORMATS = ("jpeg", "raw")
_LARGEST_RECORD = 2**31 - 1  # of a protocol buffer


class Table(NamedTuple):
    """One row for each clip."""

    num_frames: np.ndarray
    label: np.ndarray
    offset: np.ndarray
    size: np.ndarray
    checksum: np.ndarray
    shard: np.ndarray


class Index(NamedTuple):
    """What the index says about some shards.

    Attributes:
        files: Paths of the shards.
        table: `Table` of their clips.
        image_size: int or (height, width) of the frames.
        channels, fps, class_names: As for `write_records`.
        format: One of `FORMATS`.
    """

    files: list
    table: Table
    image_size: int | tuple[int, int]
    channels: int
    fps: float | None
    class_names: list | None
    format: str


def holds_records(path):
    """Whether a path or a pattern stands for records."""
    if path.endswith(SUFFIX):
        return True
    if storage.is_pattern(path) and not storage.exists(path):
        return any(file.endswith(SUFFIX) for file in storage.matching(path))
    if not storage.is_folder(path):
        return False
    files = storage.list_folder(path).files
    return any(file.endswith(SUFFIX) for file in files) or any(
        os.path.basename(file) == INDEX and _is_index(file) for file in files
    )


def read_index(path):
    """The `Index` of a folder of records, or of the shards that a pattern stands for.

    Raises:
        FileNotFoundError: If there is no such folder or shard.
        ValueError: If the index is missing or cannot be trusted.
    """
    folder, pattern = _split(path)
    index, where = _load(folder)
    _check_settings(index, where)
    shards = [s for s in index["shards"] if fnmatch.fnmatch(_file(s, where), pattern)]
    if not shards:
        raise FileNotFoundError(
            "`source` must match at least one shard of records. Received: "
            f"{path}, which matches none."
        )
    names = index["class_names"]
    table = _table(shards, index, where)
    files = [_join(folder, shard["file"]) for shard in shards]
    settings = (index[name] for name in ("image_size", "channels", "fps"))
    return Index(files, table, *settings, names, index["format"])


def _split(path):
    """Folder of the shards, and the pattern of their names."""
    # A folder may have the suffix of a shard, too.
    found = storage.is_folder if path.endswith(SUFFIX) else storage.exists
    if found(path):
        return path, "*"
    folder, _, pattern = path.replace(os.sep, "/").rpartition("/")
    return folder or ".", pattern


def _join(folder, name):
    return f"{folder.rstrip('/')}/{name}"


def _is_index(path):
    """Whether a file with the index's name is one: others use that name too."""
    try:
        index = json.loads(storage.read(path))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(index, dict) and "schema" in index and "shards" in index


def _load(folder):
    path = _join(folder, INDEX)
    if not storage.exists(folder):
        raise FileNotFoundError(
            "`source` must name shards in a folder of records that exists. Received: "
            f"no such folder: {folder}."
        )
    if not storage.exists(path):
        raise ValueError(
            "`source` must hold records with their index. Received: "
            f"{folder} with record shards but no {INDEX}: they were not finished, or "
            "the index was lost. Write them again with the same arguments, which "
            "goes on where it stopped. Records of other programs cannot be read."
        )
    try:
        index = json.loads(storage.read(path), object_hook=_compact)
        schema = index["schema"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(
            f"`source` must hold records with their index. Received: {path}, which is "
            f"not an index of records: {error!r}."
        ) from None
    if schema != SCHEMA:
        raise ValueError(
            f"`source` must hold records of schema {SCHEMA}, which this version reads. "
            f"Received: schema={schema} in {path}. Write the records again."
        )
    return index, path


def _compact(part):
    """A part of the index, a shard's rows as an array: lists take ten times as much.

    The rows of one shard at a time are lists, so an index of ten million clips fits
    into memory.
    """
    try:
        return part | {"clips": np.array(part["clips"])}
    except (KeyError, ValueError):  # the latter is told when the rows are checked
        return part


def _check_settings(index, where):
    names, fps = index.get("class_names"), index.get("fps")
    size, channels = index.get("image_size"), index.get("channels")
    told_format = index.get("format")
    # JPEG has no alpha.
    fits = told_format in FORMATS and not (told_format == "jpeg" and channels in (2, 4))
    sound = {
        "image_size": _is_size(size),
        "channels": _is_number(channels, 1, 4) and channels in CHANNELS,
        "format": fits,
        "fps": fps is None or (isinstance(fps, numbers.Real) and 0 < fps < np.inf),
        "class_names": names is None or _is_list_of(names, str),
        "shards": _is_list_of(index.get("shards"), dict),
    }
    for name, is_sound in sound.items():
        if not is_sound:
            raise ValueError(_unsound(where, name, index.get(name)))
    index |= {"class_names": names, "fps": fps, "image_size": check_image_size(size)}


def _file(shard, where):
    """The shard's file name, which must be of a file directly in the folder."""
    name = shard.get("file")
    if not (
        isinstance(name, str)
        and name.endswith(SUFFIX)
        and not name.startswith(".")
        and not set(name) & set("/\\\0")
    ):
        raise ValueError(_unsound(where, "file", name))
    return name


def _table(shards, index, where):
    columns = []
    for number, shard in enumerate(shards):
        num_frames, label, size, checksum = _rows(shard, index, where).T
        offset = np.cumsum(size + HEADER + FOOTER) - (size + HEADER + FOOTER)
        columns.append(
            (num_frames, label, offset, size, checksum, np.full(len(size), number))
        )
    table = Table(*(np.concatenate(column) for column in zip(*columns, strict=True)))
    narrow = {"label": np.int32, "size": np.int32, "shard": np.int32}
    narrow["checksum"] = np.uint32
    return table._replace(
        **{name: getattr(table, name).astype(kind) for name, kind in narrow.items()}
    )


def _rows(shard, index, where):
    """Rows of number of frames, label, size and checksum, `int64`."""
    try:
        rows = np.array(shard.get("clips"))
    except ValueError:
        raise ValueError(_unsound(where, "clips", "rows of several lengths")) from None
    if rows.shape == (0,):
        return np.zeros((0, 4), np.int64)
    if rows.ndim != 2 or rows.shape[1] != 4 or rows.dtype != np.int64:
        raise ValueError(_unsound(where, "clips", f"{rows.dtype} of {rows.shape}"))
    num_frames, label, size, checksum = rows.T
    names = index["class_names"]
    bytes_of_frame = 1
    if index["format"] == "raw":
        bytes_of_frame = math.prod(sides(index["image_size"])) * index["channels"]
    sound = (
        (1 <= num_frames)
        & (num_frames <= size // bytes_of_frame)
        & (size <= _LARGEST_RECORD)
        & (0 <= checksum)
        & (checksum < 2**32)
    )
    if names is not None:
        sound &= (0 <= label) & (label < len(names))
    if not sound.all():
        raise ValueError(_unsound(where, "clips", rows[~sound][0].tolist()))
    return rows


def _is_size(value):
    pair = value if isinstance(value, list) else [value, value]
    are_numbers = len(pair) == 2 and all(_is_number(n, 1, MAX_PIXELS) for n in pair)
    return are_numbers and math.prod(pair) <= MAX_PIXELS


def _is_number(value, low, high):
    return type(value) is int and low <= value <= high


def _is_list_of(values, kind):
    return isinstance(values, list) and all(isinstance(v, kind) for v in values)


def _unsound(where, name, value):
    return (
        "`source` must hold records whose index can be trusted. Received: "
        f"{where} with {name!r} such as {value!r:.200}, which no index of sound "
        "records has. Write the records again, to another folder."
    )
