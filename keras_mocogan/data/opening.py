"""Finds out what a source is, and what its clips are called."""

import os

import numpy as np

from keras_mocogan.data.layouts import list_clips
from keras_mocogan.data.records import RecordSource, holds_records
from keras_mocogan.data.sources import ArraySource, FileSource, ResampledSource


def open_source(source, layout, channels, fps=None):
    """Opens what `video_dataset` takes: a path, a pattern, a URL or an array.

    Args:
        source, layout, channels, fps: As for `video_dataset`.

    Returns:
        An `ArraySource`, `FileSource`, `RecordSource` or `ResampledSource`.
    """
    opened = _open(source, layout, channels)
    if fps is None:
        return opened
    if not fps > 0:
        raise ValueError(f"`fps` must be positive, received {fps!r}.")
    return ResampledSource(opened, fps)


def _open(source, layout, channels):
    if isinstance(source, (str, os.PathLike)):
        path = os.fspath(source)
        if holds_records(path):
            return RecordSource(path, channels)
        return FileSource(list_clips(path, layout), channels)
    labels = None
    if isinstance(source, tuple):
        if len(source) != 2:
            raise ValueError(
                "A tuple as the source must be `(videos, labels)`, received "
                f"{len(source)} elements."
            )
        source, labels = source
    opened = ArraySource(np.asarray(source), channels)
    if labels is not None:
        opened.labels = check_labels(labels, len(opened.names))
    return opened


def choose_labels(labels, source):
    """`int32` array of one label a clip of the source, or `None`."""
    if labels is None:
        return None
    if not isinstance(labels, str):
        return check_labels(labels, len(source.names))
    if labels != "folders":
        raise ValueError(
            '`labels` must be "folders", None or a sequence of one integer for each '
            f"clip; received {labels!r}."
        )
    return None if source.labels is None else np.asarray(source.labels, np.int32)


def check_labels(labels, num_clips):
    """`labels` as an `int32` array, one for each clip."""
    labels = np.asarray(labels)
    if labels.shape != (num_clips,):
        raise ValueError(
            f"Labels must be one integer for each of the {num_clips} clips, received "
            f"shape {labels.shape}."
        )
    if labels.dtype.kind not in "iu":
        raise ValueError(f"Labels must be integers, received dtype {labels.dtype}.")
    if labels.min() < 0:
        raise ValueError(f"Labels count from 0, received {labels.min()}.")
    return labels.astype(np.int32)
