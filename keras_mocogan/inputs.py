"""What goes into `fit`: checked on the host, brought to [-1, 1] on the device."""

import types
import warnings
from typing import NamedTuple

import keras
import numpy as np
from keras import ops


class ClipSpec(NamedTuple):
    """What a model takes: `clip_frames` or more frames of one size, and classes."""

    image_size: int
    channels: int
    clip_frames: int
    num_classes: int

    def check_videos(self, shape, dtype):
        """Raises `ValueError` unless shape (entries may be None) and dtype fit."""
        size, channels = self.image_size, self.channels
        wanted = (
            f"(batch, frames >= {self.clip_frames}, {size}, {size}, {channels}), uint8 "
            "in 0..255 or float in [-1, 1]"
        )
        if len(shape) != 5:
            raise ValueError(
                f"Videos of rank {len(shape)} came, shape {tuple(shape)}; wanted is "
                f"rank 5, {wanted}."
            )
        fits = all(
            got is None or got == want
            for got, want in zip(shape[2:], (size, size, channels), strict=True)
        )
        if not fits:
            raise ValueError(
                f"Videos of shape {tuple(shape)} came; wanted is {wanted}. Resize the "
                "clips or build the model with other sizes."
            )
        if shape[1] is not None and shape[1] < self.clip_frames:
            raise ValueError(
                f"Clips of {shape[1]} frames came; this model's video discriminator "
                f"judges {self.clip_frames}. Give longer clips or build the model "
                "with a smaller clip_frames."
            )
        if dtype != "uint8" and "float" not in dtype:
            raise ValueError(
                f"Videos of dtype {dtype} came; wanted is {wanted}. Convert with "
                "`videos.astype('uint8')` if they hold 0..255."
            )

    def check_labels(self, shape, dtype, num_videos=None):
        """Raises `ValueError` unless shape and dtype of labels fit."""
        if not self.num_classes:
            raise ValueError(
                "Labels came, but the model was built with num_classes=0. Build it "
                "with the number of classes, or leave the labels out (labels=None in "
                "`keras_mocogan.data.video_dataset`)."
            )
        if len(shape) != 1 or "int" not in dtype:
            raise ValueError(
                f"Labels of shape {tuple(shape)} and dtype {dtype} came; wanted is one "
                "integer a video, shape (batch,). Turn one-hot labels into integers "
                "with `labels.argmax(-1)`."
            )
        if num_videos is not None and shape[0] is not None and shape[0] != num_videos:
            raise ValueError(
                f"{shape[0]} labels came for {num_videos} videos; wanted is one each."
            )


def check_data(x, y, spec, argument="x"):
    """Checks what is given to `fit` or `evaluate` before any weight moves.

    Arrays are checked whole, data sets on their first batch.

    Args:
        x: Array of videos, or a data set of `videos` or `(videos, labels)` batches.
        y: Array of labels, or None.
        spec: The model's `ClipSpec`.
        argument: What the user calls it, for messages.

    Returns:
        `x`; if it was a generator, one that yields the checked batch again.

    Raises:
        ValueError: If shapes, dtypes, ranges or labels do not fit.
    """
    try:
        if _is_array(x):
            _check_batch(x, y, spec)
            return x
        first, x = _first_batch(x)
        videos, labels, _ = keras.utils.unpack_x_y_sample_weight(first)
        if _is_array(videos):
            _check_batch(videos, labels, spec)
        return x
    except ValueError as error:
        raise ValueError(f"`{argument}`: {error}") from None


def _is_array(x):
    return hasattr(x, "shape") and hasattr(x, "dtype")


def _first_batch(data):
    if isinstance(data, keras.utils.PyDataset):
        return data[0], data
    if isinstance(data, types.GeneratorType):
        first = next(data, None)
        _check_not_empty(first)
        return first, _chain(first, data)
    if isinstance(data, list | tuple | str) or not hasattr(data, "__iter__"):
        raise ValueError(
            f"a {type(data).__name__} came; wanted is one array of videos, a "
            "tf.data.Dataset, a keras.utils.PyDataset, a torch DataLoader or a "
            "generator of batches."
        )
    first = next(iter(data), None)
    _check_not_empty(first)
    return first, data


def _check_not_empty(first):
    if first is None:
        raise ValueError("the data set is empty; at least one batch is wanted.")


def _chain(first, rest):
    yield first
    yield from rest


def _check_batch(videos, labels, spec):
    shape, dtype = tuple(videos.shape), dtype_name(videos)
    spec.check_videos(shape, dtype)
    if 0 in shape:
        raise ValueError(
            f"videos of shape {shape} came, which holds none; at least one is wanted."
        )
    if "float" in dtype:
        _check_range(ops.convert_to_numpy(videos))
    if labels is not None:
        if not _is_array(labels):
            raise ValueError(
                f"a {type(labels).__name__} came as the labels; wanted is an array: "
                "np.asarray(labels)."
            )
        labels = ops.convert_to_numpy(labels)
        spec.check_labels(labels.shape, labels.dtype.name, shape[0])
        _check_label_values(labels, spec.num_classes)


def _check_range(videos):
    low, high = float(videos.min()), float(videos.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ValueError("the videos hold values that are not finite (NaN or inf).")
    if low < -1.001 or high > 1.001:
        raise ValueError(
            f"float videos in [{low:g}, {high:g}] came; wanted is [-1, 1]. Give uint8 "
            "frames as they are, or scale 0..255 with `videos / 127.5 - 1`."
        )
    if low >= 0:
        warnings.warn(
            f"All values of the float videos lie in [{low:g}, {high:g}]; [-1, 1] is "
            "wanted, so frames in [0, 1] look washed out. Scale with "
            "`videos * 2 - 1`.",
            stacklevel=2,
        )


def _check_label_values(labels, num_classes):
    outside = labels[(labels < 0) | (labels >= num_classes)]
    if outside.size:
        raise ValueError(
            f"label {outside[0]} came; with num_classes={num_classes}, labels are "
            f"0 to {num_classes - 1}."
        )


def to_model_range(videos):
    """uint8 frames 0..255 become float32 in [-1, 1]; float frames are in it already."""
    as_float = ops.cast(videos, "float32")
    return as_float / 127.5 - 1.0 if dtype_name(videos) == "uint8" else as_float


def dtype_name(tensor):
    """Keras' name of an array's or tensor's dtype, such as `"uint8"`."""
    return keras.backend.standardize_dtype(tensor.dtype)
