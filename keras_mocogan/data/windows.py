"""Cuts one window out of a clip, and out of another where the clip cannot be read."""

import numpy as np

from keras_mocogan.data.images import resize_frame
from keras_mocogan.data.skipped import TooShortError

_ALL_INT64 = 2.0**64


class WindowReader:
    """Reads windows of `clip_frames` frames, each `every_nth` frame of the clip.

    Args:
        source: Where clips come from; see `sources`.
        clips: Numbers of the source's clips to use; the reader counts its clips along
            these.
        skipped: `Skipped`, told of clips that cannot be read or are too short.
        clip_frames, every_nth, image_size, channels, resize, random_crop: See
            `video_dataset`.
        random: Whether the window lies anywhere, or in the middle of the clip.

    Attributes:
        shape: Of a window: `(clip_frames, image_size, image_size, channels)`.
    """

    def __init__(
        self,
        source,
        clips,
        skipped,
        *,
        clip_frames,
        every_nth,
        image_size,
        channels,
        resize,
        random,
        random_crop=1.0,
    ):
        self._source = source
        self._clips = clips
        self._skipped = skipped
        self.offsets = every_nth * np.arange(clip_frames)
        self.shape = (clip_frames, image_size, image_size, channels)
        self._resize = resize
        self._random = random
        self._smallest_crop = random_crop

    def read(self, number, draws):
        """Reads a window of clip `number`, or of the next one that can be read.

        What is read depends on the arguments alone, never on what failed before.

        Args:
            number: Which of the clips.
            draws: Integers from all of `int64`: the first places the window, the last
                three the crop.

        Returns:
            The window, `uint8` array of shape
            `(clip_frames, image_size, image_size, channels)`, and the number of the
            source's clip that it was cut from, as `int64`.
        """
        return self.first_readable(number, lambda clip: self._window(clip, draws))

    def first_readable(self, number, read):
        """`read(clip)` of clip `number` or of the next one that it does not fail for.

        Returns:
            What it returned, and the number of the source's clip.
        """
        for attempt in range(len(self._clips)):
            clip = self._clips[(number + attempt) % len(self._clips)]
            try:
                return read(clip), clip
            except ConnectionError:  # No clip's fault: the next would fail as well.
                raise
            except Exception as error:  # Decoders raise more than errors of their own.
                self._skipped.add(self._source.names[clip], error)
        raise ValueError(
            f"None of the {len(self._clips)} clips can be used, such as "
            f"{self._source.names[clip]}; the warnings before say why."
        )

    def start(self, clip, draw):
        """The clip's first frame in the window that `draw` places.

        Raises:
            TooShortError: If the clip has too few frames.
        """
        num_frames = self._source.count_frames(clip)
        num_starts = num_frames - self.offsets[-1]
        if num_starts < 1:
            raise TooShortError(
                f"it has {num_frames} frames, {self.offsets[-1] + 1} are needed"
            )
        return draw % num_starts if self._random else (num_starts - 1) // 2

    def _window(self, clip, draws):
        window = np.empty(self.shape, np.uint8)
        start = self.start(clip, draws[0])
        frames = self._source.read_frames(clip, start + self.offsets)
        crop = self._crop(draws)
        # Frame by frame, so that only one is held at the size of the file.
        for row, frame in zip(window, frames, strict=True):
            row[...] = resize_frame(frame, self.shape[1], self._resize, crop)
        return window

    def _crop(self, draws):
        if self._smallest_crop == 1:
            return 1.0, 0.5, 0.5
        part, down, across = np.asarray(draws[-3:], np.float64) / _ALL_INT64 + 0.5
        return self._smallest_crop + (1 - self._smallest_crop) * part, down, across
