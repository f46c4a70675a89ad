"""Where clips come from: an array in memory, or files. Frames by clip and number."""

import concurrent.futures
import os

import numpy as np
from PIL import UnidentifiedImageError

from keras_mocogan.data import animations, numbered, strips, videos
from keras_mocogan.data.images import CHANNELS, is_animated, open_picture
from keras_mocogan.data.layouts import list_clips

_INDEXING_THREADS = 8


class ArraySource:
    """Videos in memory.

    Args:
        videos: `uint8` array of shape `(clips, frames, height, width, channels)`.
        channels: Channels that the frames must have.
        labels: Array of class numbers, one a clip, or `None`.

    Attributes:
        names: What to call each clip in a message.
        num_frames: `int64` array of shape `(clips,)`.
        labels: As given.
        class_names: `None`.
        failures: Empty: clip number -> exception, for clips that cannot be read.
    """

    def __init__(self, videos, channels, labels=None):
        _check_videos(videos, channels)
        self._videos = videos
        self.names = [f"video {i} of the array" for i in range(len(videos))]
        self.num_frames = np.full(len(videos), videos.shape[1], np.int64)
        self.labels = labels
        self.class_names = None
        self.failures = {}

    def read_frames(self, clip, numbers):
        """Yields frames of shape `(height, width, channels)`."""
        for number in numbers:
            yield self._videos[clip, number]


class FileSource:
    """Clips in files, or in folders of numbered frames.

    Every file is opened once here to count its frames: only the header of an image,
    all packets of a video, and nothing is decoded.

    Args:
        root: Path of a folder, or of a single file.
        layout: `"auto"`, `"files"` or `"frames"`, see `video_dataset`.
        channels: Channels to convert frames to.

    Attributes:
        names: Paths of the clips.
        num_frames: `int64` array of shape `(clips,)`, 0 for those in `failures`.
        labels: List of class numbers, or `None` without class folders.
        class_names: Sorted names of the class folders, or `None`.
        failures: Clip number -> exception, for clips that cannot be read.
    """

    def __init__(self, root, layout, channels):
        listing = list_clips(os.fspath(root), layout)
        self.names = listing.paths
        self.labels = listing.labels
        self.class_names = listing.class_names
        self._channels = channels
        self._index(numbered if listing.numbered else None)

    def read_frames(self, clip, numbers):
        """Yields frames of shape `(height, width, channels)`."""
        return self._readers[clip].read_frames(
            self.names[clip], numbers, self._channels
        )

    def _index(self, reader):
        self.num_frames = np.zeros(len(self.names), np.int64)
        self.failures = {}
        self._readers = []

        def look(path):
            try:
                clip_reader = reader or _reader(path)
                num_frames = clip_reader.count_frames(path)
            except Exception as error:  # Whatever the decoder raises.
                return None, 0, error
            return clip_reader, num_frames, None

        with concurrent.futures.ThreadPoolExecutor(_INDEXING_THREADS) as pool:
            for clip, found in enumerate(pool.map(look, self.names)):
                clip_reader, self.num_frames[clip], error = found
                self._readers.append(clip_reader)
                if error is not None:
                    self.failures[clip] = error


def _reader(path):
    """The module that reads the file, by its content rather than its suffix."""
    try:
        with open_picture(path) as picture:
            return animations if is_animated(picture) else strips
    except UnidentifiedImageError:
        return videos


def _check_videos(videos, channels):
    if videos.dtype != np.uint8:
        raise ValueError(
            "An array of videos must be uint8 in 0..255, received dtype "
            f"{videos.dtype}. Convert it, for example "
            "`np.uint8(np.clip(videos, 0, 255))`."
        )
    if videos.ndim != 5 or not videos.size:
        raise ValueError(
            "An array of videos must have the axes (clips, frames, height, width, "
            f"channels), received shape {videos.shape}."
        )
    if videos.shape[-1] != channels:
        hint = f"pass channels={videos.shape[-1]}"
        if videos.shape[-1] not in CHANNELS:
            hint = "its last axis must be the channels"
        raise ValueError(
            f"Videos of {channels} channels are wanted, received an array of shape "
            f"{videos.shape}: {hint}."
        )
