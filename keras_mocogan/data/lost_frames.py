"""Clips some of whose frames cannot be decoded: the others are used all the same."""

import numpy as np


class LostFramesError(ValueError):
    """Frames that were counted cannot be decoded.

    Args:
        remaining: Sorted `int64` array of the numbers of those that can.
        num_frames: How many were counted.
    """

    def __init__(self, remaining, num_frames):
        super().__init__(
            f"{len(remaining)} of {num_frames} frames remain, the others cannot be "
            "decoded"
        )
        self.remaining = np.asarray(remaining, np.int64)


def read_remaining(read, num_frames):
    """`read(numbers)` of all of a clip's frames, or else of those that are left."""
    try:
        return read(range(num_frames))
    except LostFramesError as error:
        if not len(error.remaining):
            raise
        return read(error.remaining.tolist())


def whole_starts(remaining, num_starts, offsets):
    """Starts from which all frames of a window can be decoded.

    Args:
        remaining: Numbers of the frames that can.
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
