"""Checks the videos and labels that a model takes, and scales videos to [-1, 1]."""

import warnings
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops

from keras_mocogan.training import hints
from keras_mocogan.utils.image_sizes import sides


class ClipSpec(NamedTuple):
    """What a model takes: `clip_frames` or more frames of one size, and classes."""

    image_size: int | tuple[int, int]
    channels: int
    clip_frames: int
    num_classes: int

    @property
    def shape(self) -> tuple[int | None, ...]:
        """The shape of a batch of videos; None stands for any size."""
        return (None, None, *sides(self.image_size), self.channels)

    def check_videos(self, shape: Any, dtype: str) -> None:
        """Raises `ValueError` unless shape (entries may be None) and dtype fit."""
        if getattr(shape, "rank", 5) is None:  # TensorFlow's
            raise ValueError(
                "The rank of videos must be known. Received: a tensor of unknown "
                f"rank. Set it: `tf.ensure_shape(videos, {self.shape})`."
            )
        shape = tuple(shape)
        fits = len(shape) == 5 and all(
            got is None or got == want
            for got, want in zip(shape[2:], self.shape[2:], strict=True)
        )
        if not fits:
            self._refuse_videos(shape, dtype, hints.about_shape(shape, self))
        if shape[1] is not None and shape[1] < self.clip_frames:
            self._refuse_videos(shape, dtype, hints.about_length(shape[1], self))
        if dtype != "uint8" and "float" not in dtype:
            self._refuse_videos(shape, dtype, hints.about_video_type(dtype))

    def _refuse_videos(self, shape, dtype, hint):
        height, width = sides(self.image_size)
        raise ValueError(
            f"Videos must have the shape (batch, frames >= {self.clip_frames}, "
            f"{height}, {width}, {self.channels}) and be uint8 in 0..255 or float in "
            f"[-1, 1]. Received: shape {shape}, dtype {dtype}. {hint}"
        )

    def check_labels(
        self, shape: Any, dtype: str, num_videos: int | None = None
    ) -> None:
        """Raises `ValueError` unless shape and dtype of labels fit."""
        if not self.num_classes:
            raise ValueError(
                "A model with num_classes=0 takes no labels. Received: labels of shape "
                f"{tuple(shape)}. Build the model with the number of classes, or leave "
                "the labels out (`video_dataset(..., labels=None)`)."
            )
        if len(shape) != 1 or "int" not in dtype:
            raise ValueError(
                "Labels must be one integer for each video, of shape (batch,). "
                f"Received: shape {tuple(shape)}, dtype {dtype}. "
                + hints.about_labels(tuple(shape), dtype, self.num_classes)
            )
        if num_videos is not None and shape[0] is not None and shape[0] != num_videos:
            raise ValueError(
                f"There must be one label for each video. Received: {shape[0]} labels "
                f"for {num_videos} videos."
            )


def is_array(x: Any) -> bool:
    """Whether `x` is an array or a tensor of any framework, or stands for one."""
    return hasattr(x, "shape") and hasattr(x, "dtype")


def check_dense(x: Any, spec: ClipSpec) -> None:
    """Raises `ValueError` for a ragged or sparse tensor of TensorFlow, or its spec."""
    name = type(x).__name__
    if name.startswith(("Ragged", "Sparse")):
        raise ValueError(
            f"Batches must be dense tensors. Received: a {name}. Cut all clips to one "
            "length while they are still dense, before they are batched: "
            f"`.map(lambda clip: clip[:{spec.clip_frames}]).batch(...)`."
        )


def check_videos(videos: Any, spec: ClipSpec, values: bool = True) -> None:
    """Checks a batch of videos, or an array of all.

    Args:
        videos: An array or tensor.
        spec: The model's `ClipSpec`.
        values: Whether the range of float videos is checked.

    Raises:
        ValueError: If shape, dtype or range do not fit.
    """
    check_dense(videos, spec)
    shape, dtype = tuple(videos.shape), dtype_name(videos)
    spec.check_videos(shape, dtype)
    if 0 in shape:
        raise ValueError(
            f"There must be at least one video. Received: shape {shape}, which has "
            "none."
        )
    if values and "float" in dtype:
        _check_range(to_numpy(videos))


def check_images(images: np.ndarray, spec: ClipSpec) -> None:
    """Checks a batch of images, of the size of a model's frames.

    Raises:
        ValueError: If shape, dtype or range do not fit, or there is no image.
    """
    shape, dtype = images.shape, dtype_name(images)
    wanted = (*sides(spec.image_size), spec.channels)
    is_known = dtype == "uint8" or "float" in dtype
    if shape[1:] != wanted or not is_known or not shape[0]:
        raise ValueError(
            f"`images` must have the shape (n, {', '.join(map(str, wanted))}), with at "
            "least one image, and be uint8 in 0..255 or float in [-1, 1]. Received: "
            f"shape {shape}, dtype {dtype}. {hints.about_images(shape, dtype, spec)}"
        )
    if dtype != "uint8":
        _check_range(images, "images")


def check_labels(labels: Any, spec: ClipSpec, num_videos: int) -> None:
    """Checks labels of a batch, or of all videos.

    Raises:
        ValueError: If they are not `num_videos` integers from 0 to before
            `num_classes`.
    """
    if not is_array(labels):
        raise ValueError(
            f"Labels must be an array. Received: a {type(labels).__name__}. Pass "
            "`np.asarray(labels)`."
        )
    check_dense(labels, spec)
    spec.check_labels(labels.shape, dtype_name(labels), num_videos)
    labels = to_numpy(labels)
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or high >= spec.num_classes:
        raise ValueError(
            f"Labels of a model with num_classes={spec.num_classes} must be 0 to "
            f"{spec.num_classes - 1}. Received: label {low if low < 0 else high}. "
            + hints.about_label_values(low, high, spec.num_classes)
        )


def _check_range(videos, what="videos"):
    low, high = float(videos.min()), float(videos.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ValueError(
            f"{what.capitalize()} must be finite. Received: NaN or infinite values. "
            "Leave out those that have them."
        )
    if low < -1.001 or high > 1.001:
        raise ValueError(
            f"Float {what} must lie in [-1, 1]. Received: values in [{low:g}, "
            f"{high:g}]. {hints.about_range(low, high, what)}"
        )
    if low >= 0:
        warnings.warn(
            f"All values of the float {what} lie in [{low:g}, {high:g}]. If 0 is black "
            f"in your {what}, scale them with `{what} * 2 - 1`: here, -1 is black.",
            stacklevel=2,
        )


def to_numpy(x: Any) -> np.ndarray:
    """An array or tensor of any framework, on any device, as a NumPy array."""
    if not hasattr(x, "detach"):
        return np.asarray(x)
    x = x.detach().cpu()  # PyTorch's, even with another backend
    return (x.float() if "bfloat16" in str(x.dtype) else x).numpy()


def to_model_range(videos: Any) -> Any:
    """Converts uint8 frames in 0..255 to float32 in [-1, 1]; float ones stay there."""
    as_float = ops.cast(videos, "float32")
    return as_float / 127.5 - 1.0 if dtype_name(videos) == "uint8" else as_float


def dtype_name(tensor: Any) -> str:
    """Keras' name of an array's or tensor's dtype, such as `"uint8"`."""
    try:
        return keras.backend.standardize_dtype(tensor.dtype)
    except ValueError:  # Keras does not know strings or objects
        return str(tensor.dtype)
