"""Finds out what a source is and opens it."""

import math
import numbers
import os

import numpy as np

from keras_mocogan.data.frames.skipped import Skipped
from keras_mocogan.data.readers.array_checks import are_paths, check_labels, to_array
from keras_mocogan.data.readers.layouts import check_layout_of_paths, list_clips
from keras_mocogan.data.readers.listing import list_paths
from keras_mocogan.data.readers.sources import ArraySource, FileSource, ResampledSource
from keras_mocogan.data.records.record_index import holds_records
from keras_mocogan.data.records.record_source import RecordSource


def open_source(source, layout, channels, fps=None, skipped=None):
    """Opens what `video_dataset` takes: paths, a pattern, a URL or an array.

    Args:
        source, layout, channels, fps: As for `video_dataset`.
        skipped: `Skipped`, which records folders that cannot be listed; `None` raises
            at the first one.

    Returns:
        An `ArraySource`, `FileSource`, `RecordSource` or `ResampledSource`.
    """
    skipped = Skipped("raise") if skipped is None else skipped
    opened = _open(source, layout, channels, skipped)
    if fps is None:
        return opened
    if not (isinstance(fps, numbers.Real) and 0 < fps < math.inf):
        raise ValueError(
            f"`fps` must be a finite number above 0, or None. Received: fps={fps!r}."
        )
    return ResampledSource(opened, fps)


def _open(source, layout, channels, skipped):
    if isinstance(source, (str, bytes, os.PathLike)):
        return _open_path(source, layout, channels, skipped)
    labels = None
    if isinstance(source, tuple) and not are_paths(source):
        if len(source) != 2:
            raise ValueError(
                "`source` must be `(videos, labels)` if it is a tuple. Received: a "
                f"tuple of {len(source)}."
            )
        source, labels = source
        if isinstance(source, (str, bytes, os.PathLike)):
            raise ValueError(
                "`source` must be an array or a list of the clips' paths if labels "
                f"come with it. Received: the path {os.fsdecode(source)!r} and labels. "
                "Pass a list of paths, in the order of the labels."
            )
    array = to_array(source)
    if are_paths(array):
        check_layout_of_paths(layout, "a list of paths")
        opened = FileSource(list_paths(array), channels)
    else:
        opened = ArraySource(array, channels)
    if labels is not None:
        opened.labels = check_labels(labels, len(opened.names))
        opened.class_names = None
    return opened


def _open_path(path, layout, channels, skipped):
    # Plain text, for `os.scandir` takes a `numpy.str_` for bytes.
    path = os.path.expanduser(str(os.fsdecode(path)))
    if holds_records(path):
        return RecordSource(path, channels)
    listing = list_clips(path, layout)
    for folder, error in listing.failures.items():
        skipped.add(folder, error)
    return FileSource(listing, channels)


def choose_labels(labels, source):
    """Labels and class names of the source's clips, as `labels` asks for them.

    The labels are an `int32` array with one for each clip, or `None`.
    """
    if labels is None:
        return None, source.class_names
    if not isinstance(labels, str):
        # Names of folders say nothing about labels of one's own.
        return check_labels(labels, len(source.names)), None
    if labels != "folders":
        raise ValueError(
            '`labels` must be "folders", None or a sequence of one integer for each '
            f"clip. Received: labels={labels!r}."
        )
    found = source.labels
    return found if found is None else np.asarray(found, np.int32), source.class_names
