"""Animated images: GIF, WebP and PNG.

Pillow reads them where FFmpeg does not (animated WebP) or raises what is no error of
its own (some GIF).
"""

import contextlib
import itertools

import numpy as np

from keras_mocogan.data.frames.images import open_picture, to_array
from keras_mocogan.data.frames.lost_frames import raise_lost, tell_of_loss
from keras_mocogan.data.storage import storage

# What browsers make of a frame that is to be shown for no time.
_DEFAULT_DURATION = 100


def count_frames(path):
    """Number of frames, found without decoding them; of a broken file the whole ones.

    Raises:
        Exception: Whatever the decoder raises, if not even the first is whole.
    """
    with open_picture(path) as picture:
        try:
            return picture.n_frames
        except Exception as error:  # A GIF is walked through, and may break off.
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
        # A frame that fails has no duration to tell, and none after it is whole.
        for number in range(len(milliseconds)):
            picture.seek(number)
            picture.load()  # WebP tells the duration then
            milliseconds[number] = picture.info.get("duration") or _DEFAULT_DURATION
    return np.append(0, np.cumsum(milliseconds)) / 1000


def read_frames(path, numbers, channels):
    """Yields the frames of these rising numbers, each `(height, width, channels)`.

    Raises:
        LostFramesError: If one of them cannot be decoded, but earlier ones can.
    """
    with open_picture(path) as picture:
        for number in numbers:
            try:
                picture.seek(number)
                frame = to_array(picture, channels)
            except Exception as error:  # Whatever the decoder raises.
                num_frames = count_frames(path)
                raise_lost(error, _clip(path), lambda: _find_whole(path), num_frames)
            yield frame


def _find_whole(path):
    """Numbers of the frames before the first that fails: the others are made of it."""
    whole = []
    with open_picture(path) as picture, contextlib.suppress(Exception):
        for number in itertools.count():
            picture.seek(number)
            picture.load()
            whole.append(number)
    return whole


def _clip(path):
    return path, storage.version(path)
