"""Clips with frames that cannot be decoded: the other frames are still used."""

import numpy as np

from keras_mocogan.data.frames.bounded_cache import BoundedCache
from keras_mocogan.data.frames.skipped import logger

# Numbers of the remaining frames of clips that have to be tried frame by frame.
_remaining = BoundedCache(2**22)
_OVERHEAD = 500  # bytes of an entry besides its array, roughly
_told = set()


class LostFramesError(ValueError):
    """Frames that were counted cannot be decoded.

    Args:
        remaining: Sorted `int64` array of the numbers of the frames that can.
        num_frames: How many were counted.
    """

    def __init__(self, remaining, num_frames):
        super().__init__(
            f"{len(remaining)} of {num_frames} frames remain, the others cannot be "
            "decoded"
        )
        self.remaining = np.asarray(remaining, np.int64)


def tell_of_loss(clip, num_remaining, num_frames):
    """Warns once about a clip with lost frames.

    Args:
        clip: Path and version.
        num_remaining: Frames that can be decoded.
        num_frames: Frames that were counted.
    """
    if clip not in _told:
        _told.add(clip)
        logger.warning(
            "%s: %d of %d frames remain, the others cannot be decoded.",
            clip[0],
            num_remaining,
            num_frames,
        )


def raise_lost(error, clip, find_remaining, num_frames):
    """Raises the error that a frame's failure means for its clip.

    Args:
        error: What was raised when the frame was read.
        clip: Path and version.
        find_remaining: Function that returns the numbers of the frames that can be
            read; called once for each clip.
        num_frames: Frames that were counted.

    Raises:
        LostFramesError: If other frames than the one that failed can be read.
        Exception: Otherwise `error`.
    """
    remaining = _remaining.get(clip)
    if remaining is None:
        remaining = np.array(find_remaining(), np.int64)
        _remaining.put(clip, remaining, _OVERHEAD + remaining.nbytes)
    if not 0 < len(remaining) < num_frames:
        raise error
    tell_of_loss(clip, len(remaining), num_frames)
    raise LostFramesError(remaining, num_frames) from None


def read_remaining(read, num_frames):
    """`read(numbers)` for all of a clip's frames, or else for those that are left."""
    try:
        return read(range(num_frames))
    except LostFramesError as error:
        if not len(error.remaining):
            raise
        return read(error.remaining.tolist())


def whole_starts(remaining, num_starts, offsets):
    """Starts from which all frames of a window can be decoded.

    Args:
        remaining: Numbers of the frames that can be decoded.
        num_starts: Starts are 0 to `num_starts - 1`.
        offsets: The frames of a window, from its start.

    Returns:
        Sorted `int64` array.
    """
    is_there = np.zeros(num_starts + offsets[-1], bool)
    is_there[remaining[remaining < len(is_there)]] = True
    is_whole = np.ones(num_starts, bool)
    for offset in offsets:
        is_whole &= is_there[offset : offset + num_starts]
    return np.flatnonzero(is_whole)
