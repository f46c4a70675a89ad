"""Animated images: GIF, WebP and PNG.

Pillow reads them where FFmpeg does not (animated WebP) or raises what is no error of
its own (some GIF).
"""

import numpy as np

from keras_mocogan.data.images import open_picture, to_array

# What browsers make of a frame that is to be shown for no time.
_DEFAULT_DURATION = 100


def count_frames(path):
    """Number of frames, found without decoding them."""
    with open_picture(path) as picture:
        return picture.n_frames


def frame_times(path):
    """When each frame is shown and when the last one ends, in seconds."""
    with open_picture(path) as picture:
        milliseconds = []
        for number in range(picture.n_frames):
            picture.seek(number)
            picture.load()  # WebP tells the duration then
            milliseconds.append(picture.info.get("duration") or _DEFAULT_DURATION)
    return np.append(0, np.cumsum(milliseconds)) / 1000


def read_frames(path, numbers, channels):
    """Yields the frames of these rising numbers, each `(height, width, channels)`."""
    with open_picture(path) as picture:
        for number in numbers:
            picture.seek(number)
            yield to_array(picture, channels)
