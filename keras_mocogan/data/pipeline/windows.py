"""Cuts one window out of a clip, or out of another if the clip cannot be read."""

import numpy as np

from keras_mocogan.data.frames.images import resize_frame
from keras_mocogan.data.frames.lost_frames import LostFramesError, whole_starts
from keras_mocogan.data.frames.skipped import TooShortError, too_short
from keras_mocogan.utils.image_sizes import sides

_ALL_INT64 = 2.0**64


class WindowReader:
    """Reads windows of `clip_frames` frames, `frame_stride` frames apart in the clip.

    Args:
        source: Where clips come from; see `sources`.
        clips: Numbers of the source's clips to use; the reader's own numbers count
            along these.
        skipped: `Skipped`, which records clips that cannot be read or are too short.
        clip_frames, frame_stride, image_size, channels, resize, random_crop,
            fill_value: See `video_dataset`.
        random: Whether the window lies anywhere, or in the middle of the clip.

    Attributes:
        shape: Shape of a window: `(clip_frames, height, width, channels)`.
        is_quick: See `sources.ArraySource`.
    """

    def __init__(
        self,
        source,
        clips,
        skipped,
        *,
        clip_frames,
        frame_stride,
        image_size,
        channels,
        resize,
        random,
        random_crop=1.0,
        fill_value=0,
    ):
        self._source = source
        self.is_quick = source.is_quick
        self._clips = clips
        self._skipped = skipped
        self._every_nth = frame_stride
        self._offsets = frame_stride * np.arange(clip_frames)
        self.shape = (clip_frames, *sides(image_size), channels)
        self._resize, self._fill_value = resize, fill_value
        self._random = random
        self._smallest_crop = random_crop

    def read_into(self, window, number, draws):
        """Reads a window of a clip, or of the next one that can be read.

        What is read depends only on the arguments, never on what failed before.

        Args:
            window: `uint8` array of shape `shape`, or a view, that is filled.
            number: Which of the clips.
            draws: Integers from all of `int64`: the first one places the window, the
                last three the crop.

        Returns:
            The number of the source's clip that the window was cut from.
        """
        for attempt in range(len(self._clips)):
            clip = self._clips[(number + attempt) % len(self._clips)]
            try:
                self._fill(window, clip, draws)
                return clip
            except ConnectionError:  # not the clip's fault: the next would fail too
                raise
            except Exception as error:  # decoders raise more than errors of their own
                self._skipped.add(self._source.names[clip], error)
        self._skipped.stop(
            "`source` must hold at least one clip that can be used. Received: "
            f"{len(self._clips)} clips, of which none can be used, such as "
            f"{self._source.names[clip]}; the warnings before this say why."
        )

    def _count_starts(self, clip):
        num_frames = self._source.count_frames(clip)
        num_starts = num_frames - self._offsets[-1]
        if num_starts < 1:
            raise TooShortError(too_short(num_frames, self._offsets[-1] + 1))
        return num_starts

    def _place(self, draw, num_starts):
        return draw % num_starts if self._random else (num_starts - 1) // 2

    def _fill(self, window, clip, draws):
        num_starts = self._count_starts(clip)
        try:
            self._fill_from(self._place(draws[0], num_starts), window, clip, draws)
        except LostFramesError as error:
            # The window that was drawn is damaged, so an undamaged one is drawn. Both
            # depend only on the draw and the file.
            starts = whole_starts(error.remaining, num_starts, self._offsets)
            if not len(starts):
                raise TooShortError(f"{error}, and every window is damaged") from None
            start = starts[self._place(draws[0], len(starts))]
            self._fill_from(start, window, clip, draws)

    def _fill_from(self, start, window, clip, draws):
        numbers = range(start, start + self._offsets[-1] + 1, self._every_nth)
        frames = self._source.read_frames(clip, numbers)
        if getattr(frames, "shape", None) == self.shape and self._smallest_crop == 1:
            window[...] = frames
            return
        crop = self._crop(draws)
        # Frame by frame, so that only one at a time is held at the file's size.
        for row, frame in zip(window, frames, strict=True):
            row[...] = resize_frame(
                frame, self.shape[1:3], self._resize, crop, self._fill_value
            )

    def _crop(self, draws):
        if self._smallest_crop == 1:
            return 1.0, 0.5, 0.5
        part, down, across = np.asarray(draws[-3:], np.float64) / _ALL_INT64 + 0.5
        return self._smallest_crop + (1 - self._smallest_crop) * part, down, across
