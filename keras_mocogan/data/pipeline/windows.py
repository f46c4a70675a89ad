"""Cuts one window out of a clip, or out of another if the clip cannot be read."""

import numpy as np

from keras_mocogan.data.frames.images import resize_frame
from keras_mocogan.data.frames.lost_frames import LostFramesError, whole_starts
from keras_mocogan.data.frames.skipped import TooShortError, too_short

_ALL_INT64 = 2.0**64


class WindowReader:
    """Reads windows of `clip_frames` frames, `frame_stride` frames apart in the clip.

    Args:
        source: Where clips come from; see `sources`.
        clips: Numbers of the source's clips to use; the reader's own numbers count
            along these.
        skipped: `Skipped`, which records clips that cannot be read or are too short.
        clip_frames, frame_stride, image_size, channels, resize, random_crop: See
            `video_dataset`.
        random: Whether the window lies anywhere, or in the middle of the clip.

    Attributes:
        shape: Shape of a window: `(clip_frames, image_size, image_size, channels)`.
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
    ):
        self._source = source
        self._clips = clips
        self._skipped = skipped
        self._every_nth = frame_stride
        self.offsets = frame_stride * np.arange(clip_frames)
        self.shape = (clip_frames, image_size, image_size, channels)
        self._resize = resize
        self._random = random
        self._smallest_crop = random_crop

    def read(self, numbers, draws):
        """Reads a window of each clip, or of the next one that can be read.

        What is read depends only on the arguments, never on what failed before.

        Args:
            numbers: Which of the clips: array of shape `(clips,)`.
            draws: Integers from all of `int64`, one row for each clip: the first number
                of a row places the window, the last three the crop.

        Returns:
            The windows, `uint8` array of shape `(clips, *shape)`, and the numbers of
            the source's clips that they were cut from, as `int64`.
        """
        windows = np.empty((len(numbers), *self.shape), np.uint8)
        clips = []
        for window, number, row in zip(windows, numbers, draws, strict=True):

            def fill(clip, window=window, row=row):
                self._fill(window, clip, row)

            clips.append(self.first_readable(number, fill)[1])
        return windows, np.array(clips, np.int64)

    def takes_frames_whole(self, image_size):
        """Whether frames of this size are taken as they are, without a crop."""
        return image_size == self.shape[1] and self._smallest_crop == 1

    def first_readable(self, number, read):
        """`read(clip)` for clip `number`, or for the next one that does not fail.

        Returns:
            What `read` returned, and the number of the source's clip.
        """
        for attempt in range(len(self._clips)):
            clip = self._clips[(number + attempt) % len(self._clips)]
            try:
                return read(clip), clip
            except ConnectionError:  # not the clip's fault: the next would fail too
                raise
            except Exception as error:  # decoders raise more than errors of their own
                self._skipped.add(self._source.names[clip], error)
        self._skipped.stop(
            "`source` must hold at least one clip that can be used. Received: "
            f"{len(self._clips)} clips, of which none can be used, such as "
            f"{self._source.names[clip]}; the warnings before this say why."
        )

    def start(self, clip, draw):
        """The clip's first frame in the window that `draw` places.

        Raises:
            TooShortError: If the clip has too few frames.
        """
        return self._place(draw, self._count_starts(clip))

    def _count_starts(self, clip):
        num_frames = self._source.count_frames(clip)
        num_starts = num_frames - self.offsets[-1]
        if num_starts < 1:
            raise TooShortError(too_short(num_frames, self.offsets[-1] + 1))
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
            starts = whole_starts(error.remaining, num_starts, self.offsets)
            if not len(starts):
                raise TooShortError(f"{error}, and every window is damaged") from None
            start = starts[self._place(draws[0], len(starts))]
            self._fill_from(start, window, clip, draws)

    def _fill_from(self, start, window, clip, draws):
        numbers = range(start, start + self.offsets[-1] + 1, self._every_nth)
        frames = self._source.read_frames(clip, numbers)
        if getattr(frames, "shape", None) == self.shape and self._smallest_crop == 1:
            window[...] = frames
            return
        crop = self._crop(draws)
        # Frame by frame, so that only one at a time is held at the file's size.
        for row, frame in zip(window, frames, strict=True):
            row[...] = resize_frame(frame, self.shape[1], self._resize, crop)

    def _crop(self, draws):
        if self._smallest_crop == 1:
            return 1.0, 0.5, 0.5
        part, down, across = np.asarray(draws[-3:], np.float64) / _ALL_INT64 + 0.5
        return self._smallest_crop + (1 - self._smallest_crop) * part, down, across
