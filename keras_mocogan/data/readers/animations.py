"""Animated images: GIF, WebP and PNG.

Pillow reads them, because FFmpeg does not read some (animated WebP) and raises foreign
errors for others (some GIF).
"""

import contextlib
import itertools

import numpy as np

from keras_mocogan.data.frames.images import open_picture, to_array
from keras_mocogan.data.frames.lost_frames import raise_lost, tell_of_loss
from keras_mocogan.data.storage import storage

# What browsers do with a frame whose duration is zero.
_DEFAULT_DURATION = 100


def count_frames(path):
    """Number of frames, found without decoding; in a broken file, of undamaged ones.

    Raises:
        Exception: Whatever the decoder raises, if even the first frame is damaged.
    """
    with open_picture(path) as picture:
        try:
            return picture.n_frames - _first(picture)
        except Exception as error:  # a GIF is read frame by frame, and may break off
            broken = error
    whole = _find_whole(path)
    if not whole:
        raise broken
    tell_of_loss(_clip(path), len(whole), len(whole) + 1)
    return len(whole)


def frame_times(path):
    """When each frame is shown and when the last one ends, in seconds."""
    milliseconds = np.full(count_frames(path), float(_DEFAULT_DURATION))
    with open_picture(path) as picture, contextlib.suppress(Exception):
        # A frame that fails has no duration, and all frames after it are damaged.
        for number in range(len(milliseconds)):
            picture.seek(_first(picture) + number)
            picture.load()  # only then does a WebP know the duration
            milliseconds[number] = picture.info.get("duration") or _DEFAULT_DURATION
    return np.append(0, np.cumsum(milliseconds)) / 1000


def read_frames(path, numbers, channels):
    """Yields frames by ascending numbers, each `(height, width, channels)`.

    Raises:
        LostFramesError: If one of them cannot be decoded, but earlier ones can.
    """
    with open_picture(path) as picture:
        for number in numbers:
            try:
                picture.seek(_first(picture) + number)
                frame = to_array(picture, channels)
            except Exception as error:  # Whatever the decoder raises.
                num_frames = count_frames(path)
                raise_lost(error, _clip(path), lambda: _find_whole(path), num_frames)
            yield frame


def _find_whole(path):
    """Numbers of the frames before the first that fails: later ones depend on it."""
    whole = []
    with open_picture(path) as picture, contextlib.suppress(Exception):
        for number in itertools.count():
            picture.seek(_first(picture) + number)
            picture.load()
            whole.append(number)
    return whole


def _first(picture):
    """Number of the first frame: a PNG may begin with a picture for other viewers."""
    return int(getattr(picture, "default_image", False))


def _clip(path):
    return path, storage.version(path)
