"""What to do about videos and labels that do not fit: the last part of messages.

Each hint, followed to the letter, leads to a right result or to the next message.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from keras_mocogan.utils.image_sizes import FRAME_SIDES, sides


def about_shape(shape: Sequence[int | None], spec: Any) -> str:
    """Hint for videos whose shape, a tuple, a model with this `spec` cannot take."""
    if len(shape) == 4:
        return _about_rank_4(shape, spec)
    if len(shape) != 5:
        return "The axes are: clips, frames, height, width, channels."
    last = shape[-1]
    first = [axis for axis in (1, 2) if shape[axis] in range(1, 5)]
    if last not in (None, 1, 2, 3, 4) and first:
        orders = {1: (0, 2, 3, 4, 1), 2: (0, 1, 3, 4, 2)}
        moved = (
            f"`np.transpose(videos, {orders[axis]})` if axis {axis} holds the channels"
            for axis in first
        )
        return (
            f"Channels come last: {', '.join(moved)}; `tf.transpose` and "
            "`torch.permute` take the same axes."
        )
    found, wanted = shape[2:4], sides(spec.image_size)
    if any(side not in (own, None) for side, own in zip(found, wanted, strict=True)):
        hint = "Crop or resize the frames to {} by {} pixels".format(*wanted)
        if all(side in FRAME_SIDES for side in found):
            size = found[0] if found[0] == found[1] else found
            hint += f", or build the model with image_size={size}"
        return f"{hint}."
    if last in range(1, 5):
        return (
            f"Build the model with channels={last}, or pass frames with "
            f"{spec.channels} channels."
        )
    return f"Frames have {spec.channels} channels, on the last axis."


def _about_rank_4(shape, spec):
    size, channels = sides(spec.image_size), spec.channels
    if channels == 1 and shape[2:] == size:
        return "Gray frames need an axis for the channel: `videos[..., None]`."
    if shape[1:] != (*size, channels):
        return "The axes are: clips, frames, height, width, channels."
    if spec.clip_frames == 1:
        return "`images[:, None]` makes each picture a clip of one frame."
    return (
        "If these are the frames of one clip, `videos[None]` makes it a batch; a "
        "tf.data.Dataset of single clips becomes one of batches by `.batch(8)`."
    )


def about_length(frames: int, spec: Any) -> str:
    """Hint for clips that are shorter than the model's."""
    hint = f"Pass clips of {spec.clip_frames} or more frames"
    if frames >= 4:
        hint += f", or build the model with a clip_frames of at most {frames}"
    return f"{hint}."


def about_video_type(dtype: str) -> str:
    """Hint for videos whose dtype, a name, is neither uint8 nor float."""
    if dtype == "bool":
        return "To make True white, cast them to uint8 and multiply by 255."
    if "int" in dtype:
        return (
            "If they hold 0..255, cast them to uint8; convert any other range to that "
            "one first."
        )
    return (
        "Clips of different lengths do not make an array of numbers: cut all to one "
        "length before you stack them."
    )


def about_images(shape: Sequence[int], dtype: str, spec: Any) -> str:
    """Hint for images that do not fit, by their shape and the name of their dtype."""
    frame = (*sides(spec.image_size), spec.channels)
    if tuple(shape) == frame:
        return "`images[None]` makes one image a batch."
    if len(shape) == 3 and tuple(shape[1:]) == frame[:2] and spec.channels == 1:
        return "Gray images need an axis for the channel: `images[..., None]`."
    if len(shape) == 5:
        return "If these are videos, `videos[:, 0]` are their first frames."
    if len(shape) != 4:
        return "The axes are: images, height, width, channels."
    if not shape[0]:
        return "Pass one or more."
    if tuple(shape[1:]) != frame:
        return "Resize and convert them first: `keras-mocogan animate` does that."
    return about_video_type(dtype)


def about_range(low: float, high: float, what: str = "videos") -> str:
    """Hint for float videos, or other arrays named by `what`, that leave [-1, 1]."""
    if low >= 0:
        return (
            f"Scale them with `{what} * (2 / white) - 1`, where `white` is the value "
            "of white: 255 for 8 bits; or pass uint8 frames as they are."
        )
    if low >= -1.1 and high <= 1.1:
        return (
            f"If resampling overshot, clip them with `np.clip({what}, -1, 1)`; if not, "
            "scale them so that black is -1 and white 1."
        )
    return (
        "Undo their normalization, so that black is -1 and white 1; or pass uint8 "
        "frames as they are."
    )


def about_labels(shape: Sequence[int | None], dtype: str, num_classes: int) -> str:
    """Hint for labels whose shape, a tuple, or dtype, a name, does not fit."""
    columns = shape[1] if len(shape) == 2 else None
    if columns == num_classes:
        return (
            "Turn one-hot labels into integers with an argmax over the last axis: "
            "`np.argmax(labels, -1)`."
        )
    steps = []
    if columns == 1:
        steps.append("Take them out of their column: `labels[:, 0]`.")
    elif len(shape) != 1:
        steps.append("Pass one class number for each video.")
    if "float" in dtype:
        steps.append("If they are whole class numbers, cast them to int32.")
    elif dtype == "bool":
        steps.append("Cast them to int32: False is class 0, True class 1.")
    elif "int" not in dtype:
        steps.append(
            "Number the classes from 0, as `np.unique(labels, return_inverse=True)[1]` "
            "does."
        )
    return " ".join(steps)


def about_label_values(low: int, high: int, num_classes: int) -> str:
    """Hint for integer labels, some of which are not classes."""
    if low < 0:
        return "Leave out clips that belong to no class, and number classes from 0."
    return (
        "If your classes are numbered from 1, subtract 1; otherwise build the model "
        f"with num_classes={high + 1} or more."
    )


def about_dict(batch: Mapping[Any, Any], with_labels: bool) -> str:
    """Hint for a batch that is a dictionary, of tensors or of their specs."""
    videos = [key for key in batch if _rank(batch[key]) == 5] or list(batch)[:1]
    if not videos:
        return "It is empty."
    wanted = f"batch[{videos[0]!r}]"
    others = [key for key in batch if key != videos[0] and _rank(batch[key]) != 5]
    named = [key for key in others if "label" in str(key).lower()]
    if with_labels and others:
        wanted = f"({wanted}, batch[{(named or others)[0]!r}])"
    return (
        f"Pass {wanted} instead; for a tf.data.Dataset, "
        f"`.map(lambda batch: {wanted})` does that."
    )


def _rank(x):
    try:
        return len(x.shape)
    except (AttributeError, ValueError):  # TensorFlow's, if the rank is unknown
        return None
