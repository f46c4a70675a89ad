"""Sources of clips, an array or files, which give frames by clip and number."""

import hashlib
import os

import numpy as np
from PIL import UnidentifiedImageError

from keras_mocogan.data.frames.images import is_animated, open_picture, take_frames
from keras_mocogan.data.frames.lost_frames import LostFramesError
from keras_mocogan.data.readers import animations, strips
from keras_mocogan.data.readers import numbered_frames as numbered
from keras_mocogan.data.readers.array_checks import check_videos
from keras_mocogan.data.readers.suffixes import is_image, is_video
from keras_mocogan.data.storage import storage
from keras_mocogan.data.video_files import reading as videos

_UNKNOWN = -1
_READERS = (strips, animations, videos, numbered)


class ArraySource:
    """Videos in memory.

    Args:
        videos: `uint8` array of shape `(clips, frames, height, width, channels)`.
        channels: Channels that the frames must have.
        labels: Array of class numbers, one for each clip, or `None`.

    Attributes:
        names: What to call each clip in a message.
        labels: As given.
        class_names: `None`.
        lengths: `int64` array of the clips' numbers of frames, known from the start.
        is_quick: Whether a window takes about as long to read as a call from tf.data
            into Python, so that one call should read many: `True`.
    """

    is_quick = True

    def __init__(self, videos, channels, labels=None):
        check_videos(videos, channels)
        self._videos = videos
        self.names = [f"video {i} of the array" for i in range(len(videos))]
        self.lengths = np.full(len(videos), videos.shape[1], np.int64)
        self.labels = labels
        self.class_names = None

    def count_frames(self, clip):
        return self._videos.shape[1]

    def frame_times(self, clip):
        raise ValueError("an array has no frame rate; leave fps out")

    def version(self, clip):
        raise ValueError(
            "`cache` must be None or 'memory' for an array, which cannot be cached on "
            "disk. Received: the path of a folder. Leave `cache` out."
        )

    def digest(self, clip):
        """Something that changes with the clip, as text."""
        return hashlib.sha256(np.ascontiguousarray(self._videos[clip])).hexdigest()

    def read_frames(self, clip, numbers):
        """Array of the frames, of shape `(numbers, height, width, channels)`."""
        return take_frames(self._videos[clip], numbers)


class FileSource:
    """Clips in files, or in folders of numbered frames; none is opened in advance.

    Args:
        listing: `listing.Listing` of the clips.
        channels: Channels to convert frames to.

    Attributes:
        names: Paths of the clips.
        labels: List of class numbers, or `None` without class folders.
        class_names: Sorted names of the class folders, or `None`.
        lengths: `None`: files have to be opened to be counted.
        is_quick: `False`: frames have to be decoded.
    """

    lengths = None
    is_quick = False

    def __init__(self, listing, channels):
        self.names = listing.paths
        self.labels = listing.labels
        self.class_names = listing.class_names
        self._channels = channels
        # Five bytes for each clip, because there may be millions.
        self._lengths = np.full(len(self.names), _UNKNOWN, np.int32)
        known = _READERS.index(numbered) if listing.numbered else _UNKNOWN
        self._readers = np.full(len(self.names), known, np.int8)

    def count_frames(self, clip):
        """Number of frames, remembered; raises whatever the decoder raises.

        It reads the header of an image, or all packets of a video; nothing is decoded
        if these give the number.
        """
        if self._lengths[clip] == _UNKNOWN:
            reader = self._reader(clip)
            self._lengths[clip] = reader.count_frames(self.names[clip])
        return int(self._lengths[clip])

    def version(self, clip):
        """Something that changes with the file, as text."""
        return storage.version(self.names[clip])

    def digest(self, clip):
        """The same; of a folder, something that changes with each of its files."""
        path = self.names[clip]
        if not storage.is_folder(path):
            return self.version(clip)
        files = sorted(storage.list_folder(path).files)
        return " ".join(f"{os.path.basename(f)} {storage.version(f)}" for f in files)

    def frame_times(self, clip):
        """Seconds at which the frames are shown, and the end of the last one."""
        reader = self._reader(clip)
        if not hasattr(reader, "frame_times"):
            raise ValueError(
                "images have no frame rate; leave fps out, or pass only videos"
            )
        return reader.frame_times(self.names[clip])

    def read_frames(self, clip, numbers):
        """Yields frames of shape `(height, width, channels)`."""
        reader = self._reader(clip)
        return reader.read_frames(self.names[clip], numbers, self._channels)

    def _reader(self, clip):
        if self._readers[clip] == _UNKNOWN:
            self._readers[clip] = _READERS.index(_recognize(self.names[clip]))
        return _READERS[self._readers[clip]]


class ResampledSource:
    """A source whose clips have one constant frame rate, whatever their own rates.

    Frame j is the one that was shown j / fps seconds after the first.

    Args:
        source: `FileSource` or another with `frame_times`.
        fps: Frames a second.
    """

    lengths = None

    def __init__(self, source, fps):
        self._source, self._fps = source, fps
        self.is_quick = source.is_quick
        self.names, self.labels = source.names, source.labels
        self.class_names = source.class_names

    def count_frames(self, clip):
        return len(self._numbers(clip))

    def version(self, clip):
        return f"{self._source.version(clip)} {self._fps}"

    def digest(self, clip):
        return f"{self._source.digest(clip)} {self._fps}"

    def read_frames(self, clip, numbers):
        """Yields frames; they are repeated if the clip's own rate is lower."""
        shown = self._numbers(clip)
        unique, repeats = np.unique(shown[list(numbers)], return_counts=True)
        frames = self._source.read_frames(clip, unique.tolist())
        try:
            for frame, times in zip(frames, repeats, strict=True):
                for _ in range(times):
                    yield frame
        except LostFramesError as error:
            remaining = np.flatnonzero(np.isin(shown, error.remaining))
            raise LostFramesError(remaining, len(shown)) from None

    def _numbers(self, clip):
        times = self._source.frame_times(clip)
        # A billionth of a second keeps rounding from deciding ties.
        count = int(np.floor(times[-1] * self._fps + 1e-9))
        shown = np.arange(max(count, 1)) / self._fps + 1e-9
        return np.searchsorted(times[:-1], shown, side="right") - 1


def _recognize(path):
    """The module that reads the file, chosen by its content and not its suffix."""
    if _is_folder(path):
        return numbered
    try:
        with open_picture(path) as picture:
            return animations if is_animated(picture) else strips
    except UnidentifiedImageError:
        return videos


def _is_folder(path):
    # For a URL each question is a request, and folders there have no suffix.
    if storage.is_url(path) and (is_image(path) or is_video(path)):
        return False
    return storage.is_folder(path)
