"""Reads the clips at given positions: what both engines call."""

import numpy as np

from keras_mocogan.data.pipeline.augmentation import changed


class ClipReader:
    """Reads clips and their labels, as functions of the position alone.

    Args:
        order: The `Order` of the clips.
        windows: The `WindowReader` of their source.
        labels: `int32` array of one label for each clip of the source, or `None`.
        horizontal_flip, reverse: See `video_dataset`.

    Attributes:
        shape: Shape of a clip: `(clip_frames, height, width, channels)`.
        has_labels: Whether clips have labels.
        is_quick: Whether one call should read many clips.
    """

    def __init__(self, order, windows, labels, horizontal_flip, reverse):
        self._order = order
        self._windows = windows
        self._labels = labels
        self._changes = horizontal_flip, reverse
        self.shape = windows.shape
        self.has_labels = labels is not None
        self.is_quick = windows.is_quick

    def make_room(self, count):
        """Arrays to be filled by `read_into`, a tuple of one, or two with labels."""
        videos = np.empty((count, *self.shape), np.uint8)
        return (videos, np.empty(count, np.int32)) if self.has_labels else (videos,)

    def read_into(self, arrays, first):
        """Fills arrays with the clips at the positions from `first` on.

        Args:
            arrays: What `make_room` gave, or parts of it.
            first: An integer.
        """
        videos, *labels = arrays
        for place, video in enumerate(videos):
            position = first + place
            draws = self._order.draws(position)
            video = changed(video, draws, *self._changes)
            clip = self._windows.read_into(video, self._order.clip(position), draws)
            for array in labels:
                array[place] = self._labels[clip]
