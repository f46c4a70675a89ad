"""What is known about a video file without decoding it again: frames, keyframes."""

import dataclasses

import numpy as np

from keras_mocogan.data.frames.lost_frames import LostFramesError
from keras_mocogan.data.video_files.demuxing import NO_TIME

# Bytes that an index takes besides its arrays, roughly.
_OVERHEAD = 1000


@dataclasses.dataclass(frozen=True, slots=True)
class VideoIndex:
    """The frames of a video, numbered in the order in which they are shown.

    Attributes:
        times: `int64` array of shape `(frames,)`, in units of `time_base`; `NO_TIME`
            if a decoded frame has none.
        keyframes: `int64` array of shape `(keyframes, 2)`: the numbers of the frames
            at which decoding may begin, sorted, and the sizes of their packets.
        time_base: Seconds, a fraction.
        last_duration: Duration of the last frame, in units of `time_base`.
        is_measured: Whether the file was decoded for this index, or only its packets
            were counted.
        decoded: `int64` array of the numbers of the frames that come out of the
            decoder, in its order. Only in a measured index may others be missing.
        lost: `bool` array of shape `(frames,)`: which are missing or damaged.
    """

    times: np.ndarray
    keyframes: np.ndarray
    time_base: object
    last_duration: int
    is_measured: bool
    decoded: np.ndarray
    lost: np.ndarray

    @property
    def num_frames(self):
        return len(self.times)

    @property
    def remaining(self):
        """Numbers of the frames that can be decoded."""
        return np.flatnonzero(~self.lost)

    @property
    def has_times(self):
        """Whether every frame has its own time."""
        return NO_TIME not in self.times and len(np.unique(self.times)) == len(
            self.times
        )

    @property
    def num_bytes(self):
        arrays = (self.times, self.keyframes, self.decoded, self.lost)
        return _OVERHEAD + sum(array.nbytes for array in arrays)

    def check(self, numbers):
        """Raises `LostFramesError` if one of these ascending numbers is lost."""
        if numbers[-1] >= self.num_frames or self.lost[numbers].any():
            raise LostFramesError(self.remaining, self.num_frames)

    def starts(self, number):
        """Yields keyframes, rows of `keyframes`, from which to decode a frame.

        The nearest one before the frame comes first, then others further back, in steps
        that double. The start of the file is not among them.
        """
        first = np.searchsorted(self.keyframes[:, 0], number, side="right") - 1
        step = 1
        while first >= 0 and self.keyframes[first, 0] > 0:
            yield self.keyframes[first].tolist()
            first -= step
            step *= 2

    def run(self, first, last):
        """The decoder's output from frame `first` to frame `last`.

        Returns:
            List of `(number, time)`.
        """
        begin = np.searchsorted(self.decoded, first)
        end = np.searchsorted(self.decoded, last, side="right")
        numbers = self.decoded[begin:end]
        return list(zip(numbers.tolist(), self.times[numbers].tolist(), strict=True))
