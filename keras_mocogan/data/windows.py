"""Cuts one window out of a clip, and out of another where the clip cannot be read."""

import logging

import numpy as np

from keras_mocogan.data.images import resize_frame

_logger = logging.getLogger("keras_mocogan")


class WindowReader:
    """Reads windows of `clip_frames` frames, each `every_nth` frame of the clip.

    Args:
        source: `ArraySource` or `FileSource`.
        clips: Numbers of the source's clips that are long enough; the reader counts
            its clips along these.
        clip_frames, every_nth, image_size, channels, resize, on_error: See
            `video_dataset`.
        random: Whether the window lies anywhere, or in the middle of the clip.

    Attributes:
        shape: Of a window: `(clip_frames, image_size, image_size, channels)`.
    """

    def __init__(
        self,
        source,
        clips,
        *,
        clip_frames,
        every_nth,
        image_size,
        channels,
        resize,
        on_error,
        random,
    ):
        self._source = source
        self._clips = clips
        self._offsets = every_nth * np.arange(clip_frames)
        self.shape = (clip_frames, image_size, image_size, channels)
        self._resize = resize
        self._on_error = on_error
        self._random = random
        self._reported = set()

    def read(self, number, draw):
        """Reads a window of clip `number`, or of the next one that can be read.

        What is read depends on the arguments alone, never on what failed before.

        Args:
            number: Which of the clips.
            draw: Integer that places the window.

        Returns:
            The window, `uint8` array of shape
            `(clip_frames, image_size, image_size, channels)`, and the number of the
            source's clip that it was cut from, as `int64`.
        """
        for attempt in range(len(self._clips)):
            clip = self._clips[(number + attempt) % len(self._clips)]
            try:
                return self._window(clip, draw), clip
            except Exception as error:  # Decoders raise more than errors of their own.
                self._report(self._source.names[clip], error)
        raise ValueError(
            f"None of the {len(self._clips)} clips can be decoded, such as "
            f"{self._source.names[clip]}; the warnings before say why."
        )

    def _window(self, clip, draw):
        num_starts = self._source.num_frames[clip] - self._offsets[-1]
        start = draw % num_starts if self._random else (num_starts - 1) // 2
        window = np.empty(self.shape, np.uint8)
        frames = self._source.read_frames(clip, start + self._offsets)
        # Frame by frame, so that only one is held at the size of the file.
        for row, frame in zip(window, frames, strict=True):
            row[...] = resize_frame(frame, self.shape[1], self._resize)
        return window

    def _report(self, name, error):
        message = f"{name}: {describe(error)}"
        if self._on_error == "raise":
            # TensorFlow prints the whole chain of causes; the message says enough.
            raise ValueError(message) from None
        if name not in self._reported:
            self._reported.add(name)
            _logger.warning("Skipped a clip that cannot be decoded: %s", message)


def describe(error):
    """An exception as one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
