"""A look at some of the clips, from which sizes are chosen that nobody gave."""

from typing import NamedTuple

import numpy as np

_LOOKED_AT = 48
_SIZES = (32, 48, 64)
# The share of clips that may be too short for the window.
_FEW_SHORT = 0.1


class Survey(NamedTuple):
    """What some of the clips look like.

    Attributes:
        count: Number of all clips.
        lengths: Frames of those that were looked at, sorted.
        side: Median of the shorter sides of their frames, in pixels.
    """

    count: int
    lengths: list[int]
    side: int


def look(source, indices=None, layout="auto", channels=3, fps=None):
    """The `Survey` of a source, or None if nothing can be read.

    What cannot be read is left out: the data set will name it. Arguments are those of
    `video_dataset`.
    """
    from keras_mocogan.data.frames.skipped import Skipped
    from keras_mocogan.data.opening import open_source

    opened = open_source(source, layout, channels, fps, Skipped("skip"))
    numbers = np.arange(len(opened.names)) if indices is None else indices
    some = np.unique(np.linspace(0, len(numbers) - 1, _LOOKED_AT).astype(int))
    lengths, sides = [], []
    for clip in numbers[some].tolist():
        try:
            length = _length(opened, clip)
            frame = next(iter(opened.read_frames(clip, [length // 2])))
        except ConnectionError:
            raise
        except Exception:  # whatever a decoder raises
            continue
        lengths.append(length)
        sides.append(min(np.shape(frame)[:2]))
    if not lengths:
        return None
    return Survey(len(numbers), sorted(lengths), int(np.median(sides)))


def choose_image_size(survey):
    """The largest usual size that the clips fill; larger ones have to be asked for."""
    fitting = [size for size in _SIZES if size <= survey.side]
    return max(fitting, default=_SIZES[0])


def choose_clip_frames(survey, stride, allowed):
    """The longest window that nine tenths of the clips hold.

    Args:
        survey: `Survey`.
        stride: Distance of a window's frames in the clip.
        allowed: Lengths that the model can have, in rising order.
    """
    length = survey.lengths[round(_FEW_SHORT * len(survey.lengths))]
    fitting = [n for n in allowed if (n - 1) * stride + 1 <= length]
    return max(fitting, default=allowed[0])


def choose_batch_size(survey, usual):
    """The recipe's batch, halved until there are as many clips."""
    while usual > max(survey.count, 2):
        usual //= 2
    return usual


def _length(source, clip):
    if source.lengths is not None:
        return int(source.lengths[clip])
    return source.count_frames(clip)
