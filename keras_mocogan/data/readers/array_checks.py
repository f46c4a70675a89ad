"""Checks of arrays of videos and labels, with advice on how to convert them."""

import collections.abc
import os

import numpy as np

from keras_mocogan.data.frames.images import CHANNELS
from keras_mocogan.video.frames import RANGE_TOLERANCE

_AXES = "(clips, frames, height, width, channels)"
# Rounding may exceed the range by as much as `to_uint8` allows.
_ONE = 1 + RANGE_TOLERANCE
_NUMBERING = "`names, labels = numpy.unique(labels, return_inverse=True)`"


def to_array(source):
    """`source` as an array, which may still not be one of videos.

    Raises:
        ValueError: If its videos differ in shape.
    """
    try:
        return np.asarray(source)
    except ValueError:
        shapes = {np.shape(video) for video in source}
        raise ValueError(
            f"Videos in one array must have one shape. Received: {len(source)} videos "
            f"of the shapes {', '.join(map(str, sorted(shapes)[:5]))}. Write each, as "
            "uint8, with `keras_mocogan.video.write_mp4`, and pass their folder."
        ) from None


def are_paths(items):
    """Whether a tuple or an array is a list of paths rather than of videos."""
    if isinstance(items, np.ndarray) and items.ndim != 1:
        return False
    return len(items) > 0 and all(isinstance(p, (str, os.PathLike)) for p in items)


def check_videos(videos, channels):
    """Raises `ValueError` unless `videos` is an array that holds videos."""
    if videos.dtype.kind not in "biuf" and videos.dtype.name != "bfloat16":
        raise ValueError(
            "`source` must be a path, a list of paths, or an array of videos: uint8 "
            f"of shape {_AXES}. Received: dtype {videos.dtype}{_iterator_hint(videos)}"
        )
    if videos.ndim != 5 or not videos.size:
        raise ValueError(
            f"`source` must be an array, not empty, with the axes {_AXES}. Received: "
            f"shape {videos.shape}{_rank_hint(videos)}."
        )
    if videos.shape[-1] != channels:
        raise ValueError(
            f"`source` must have {channels} channels, on its last axis. Received: "
            f"shape {videos.shape}{_channels_hint(videos, channels)}."
        )
    if videos.dtype != np.uint8:
        raise ValueError(
            "`source` must be uint8 in 0..255 if it is an array. Received: dtype "
            f"{videos.dtype}{_range_hint(videos)}"
        )


def check_labels(labels, num_clips):
    """`labels` as an `int32` array, one for each clip."""
    labels = np.asarray(labels)
    if labels.shape != (num_clips,):
        raise ValueError(
            f"`labels` must be one integer for each of the {num_clips} clips. "
            f"Received: shape {labels.shape}{_labels_hint(labels, num_clips)}."
        )
    if labels.dtype.kind not in "iu":
        raise ValueError(
            f"`labels` must be integers. Received: dtype {labels.dtype}. "
            f"{_numbers_hint(labels)}"
        )
    if labels.min() < 0:
        raise ValueError(
            f"`labels` must count from 0. Received: label {labels.min()}. If that is a "
            f"class, number all of them again: {_NUMBERING}; if it means no class, "
            "pass only the clips that have one."
        )
    if labels.max() > np.iinfo(np.int32).max:
        raise ValueError(f"`labels` must fit 32 bits. Received: label {labels.max()}.")
    return labels.astype(np.int32)


def _iterator_hint(array):
    if not array.ndim and isinstance(array.item(), collections.abc.Iterator):
        return ", of an iterator. Make it a list: `sorted(source)`."
    return "."


def _rank_hint(videos):
    if videos.ndim != 4 or not videos.size:
        return ""
    if videos.shape[-1] in CHANNELS:
        return ". If it is one video, pass `videos[None]`"
    return ". If they are gray, pass `videos[..., None]` and channels=1"


def _channels_hint(videos, channels):
    for axis, order in ((2, "frame by frame"), (1, "clip by clip")):
        if videos.shape[axis] == channels and videos.shape[-1] not in CHANNELS:
            return (
                f". If they come first, {order}, pass "
                f"`numpy.moveaxis(videos, {axis}, -1)`"
            )
    return f". Pass channels={videos.shape[-1]}" if videos.shape[-1] in CHANNELS else ""


def _range_hint(videos):
    """How to bring numbers in this range to 0..255, black to 0 and white to 255."""
    if videos.dtype == bool:
        return ". If True is white, pass `255 * videos.astype('uint8')`."
    low, high = float(videos.min()), float(videos.max())
    found = f" from {low:g} to {high:g}. "
    if not np.isfinite([low, high]).all():
        return found + "Find out where the numbers that are not finite come from."
    is_float = videos.dtype.kind not in "iu"
    if is_float and -_ONE <= low < 0 and high <= _ONE:
        return found + (
            "Pass `keras_mocogan.video.to_uint8(videos)`, which is for [-1, 1]."
        )
    if 0 <= low and high <= 1:
        hint = "If 1 is white and 0 black, pass `numpy.uint8(numpy.rint(255 * videos))`"
        if is_float:
            hint += "; if -1 is black, `keras_mocogan.video.to_uint8(videos)`"
        return f"{found}{hint}."
    if 0 <= low and high <= 255:
        return f"{found}If 255 is white, pass `numpy.uint8(numpy.rint(videos))`."
    return found + (
        "Scale them so that black is 0 and white 255: `numpy.uint8(numpy.rint(255 * "
        "numpy.clip((videos - black) / (white - black), 0, 1)))`, with the numbers "
        "for black and white in your data."
    )


def _labels_hint(labels, num_clips):
    if labels.ndim != 2 or len(labels) != num_clips:
        return ""
    if labels.shape[1] == 1:
        return ". Pass `labels[:, 0]`"
    is_one_hot = labels.dtype.kind in "biuf" and np.all(
        (labels.max(axis=1) == 1) & (np.count_nonzero(labels, axis=1) == 1)
    )
    return ". Pass `labels.argmax(axis=1)`" if is_one_hot else ""


def _numbers_hint(labels):
    if labels.dtype.kind == "b" or (
        labels.dtype.kind == "f" and np.all(labels == np.rint(labels))
    ):
        return "Pass `labels.astype('int32')`."
    return f"Number the classes: {_NUMBERING}."
