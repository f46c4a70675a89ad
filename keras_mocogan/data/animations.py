"""Animated images: GIF, WebP and PNG.

Pillow reads them where FFmpeg does not (animated WebP) or raises what is no error of
its own (some GIF).
"""

from keras_mocogan.data.images import open_picture, to_array


def count_frames(path):
    """Number of frames, found without decoding them."""
    with open_picture(path) as picture:
        return picture.n_frames


def read_frames(path, numbers, channels):
    """Yields the frames of these rising numbers, each `(height, width, channels)`."""
    with open_picture(path) as picture:
        for number in numbers:
            picture.seek(number)
            yield to_array(picture, channels)
