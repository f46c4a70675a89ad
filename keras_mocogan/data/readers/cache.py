"""Keeps decoded and resized clips, in memory or on disk."""

import hashlib
import os
import threading

import numpy as np

from keras_mocogan.data.frames.images import resize_frame, take_frames
from keras_mocogan.data.frames.lost_frames import LostFramesError, read_remaining
from keras_mocogan.data.frames.skipped import describe, logger
from keras_mocogan.utils.files import replacing
from keras_mocogan.utils.image_sizes import sides
from keras_mocogan.utils.remote.remote_path import is_url

_LOCKS = 64


class CachedSource:
    """A source whose clips are decoded completely at first use, and then kept.

    Args:
        source: Where clips come from.
        place: `"memory"`, or a folder, which other runs may share.
        image_size, channels, resize, fill_value: See `video_dataset`.
    """

    is_quick = False  # not before the second pass

    def __init__(self, source, place, *, image_size, channels, resize, fill_value=0):
        if place != "memory":
            source.version(0)  # raises if there is nothing to tell files apart by
            place = _local_folder(place)
        self._source = source
        # Two threads may want one clip at the same time; the second then waits.
        self._locks = [threading.Lock() for _ in range(_LOCKS)]
        self._memory = {} if place == "memory" else None
        self._folder = place
        self._paths = {}
        self._is_full = False
        self._frame = (*sides(image_size), channels)
        self._resize, self._fill_value = resize, fill_value
        # As it was before there were borders, so that older folders still serve.
        border = (fill_value,) if resize == "pad" else ()
        self._settings = repr((self._frame, resize, *border))
        self.names, self.labels = source.names, source.labels
        self.class_names, self.lengths = source.class_names, source.lengths

    def count_frames(self, clip):
        return self._source.count_frames(clip)

    def read_frames(self, clip, numbers):
        """Array of the frames, in their final size."""
        with self._locks[clip % _LOCKS]:
            frames = self._clip(clip)
        if numbers[-1] >= len(frames):
            raise LostFramesError(np.arange(len(frames)), self.count_frames(clip))
        return take_frames(frames, numbers)

    def _clip(self, clip):
        if self._memory is not None:
            if clip not in self._memory:
                self._memory[clip] = self._decode(clip)
            return self._memory[clip]
        if clip not in self._paths:  # the files of a clip are looked at once
            name = f"{self._key(clip)}.npy"
            self._paths[clip] = os.path.join(self._folder, name)
        path = self._paths[clip]
        if not os.path.exists(path):
            frames = self._decode(clip)
            if not self._keep(frames, path):
                return frames
        return np.load(path, mmap_mode="r")

    def _keep(self, frames, path):
        """Whether frames could be written; a full disk is not the clip's fault."""
        try:
            with replacing(path) as part:
                np.save(part, frames)
        except OSError as error:
            if not self._is_full:
                self._is_full = True
                logger.warning(
                    "%s takes no more clips, which are decoded each time: %s",
                    self._folder,
                    describe(error),
                )
            return False
        return True

    def _decode(self, clip):
        def read(numbers):
            frames = np.empty((len(numbers), *self._frame), np.uint8)
            decoded = self._source.read_frames(clip, numbers)
            for row, frame in zip(frames, decoded, strict=True):
                row[...] = resize_frame(
                    frame, self._frame[:2], self._resize, fill_value=self._fill_value
                )
            return frames

        return read_remaining(read, self.count_frames(clip))

    def _key(self, clip):
        # A file that was replaced counts as another clip, and so does a folder with
        # such a file: its own time stays as it is.
        version = self._source.digest(clip)
        key = f"{self._source.names[clip]} {version} {self._settings}"
        return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _local_folder(place):
    """The path of a folder to write to, which is made."""
    place = os.path.expanduser(os.fspath(place))
    reason = "a URL"
    if not is_url(place):
        try:
            os.makedirs(place, exist_ok=True)
            if os.access(place, os.W_OK | os.X_OK):
                return place
            reason = "nobody may write there"
        except OSError as error:
            reason = error.strerror
    raise ValueError(
        "`cache` must be 'memory', None, or the path of a folder on this machine that "
        f"can be written to. Received: cache={place!r} ({reason}). Pass another folder."
    )
