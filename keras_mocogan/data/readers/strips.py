"""Frame strips: one image with a clip's square frames in a row or a column."""

from keras_mocogan.data.frames.images import open_picture, to_array


def count_frames(path):
    """Number of frames, from the header; 1 for a picture that is not a strip."""
    with open_picture(path) as picture:
        return max(1, strip_length(picture.size))


def strip_length(size):
    """Square frames in an image of `size` (width, height); 0 if it is not a strip."""
    short, long = sorted(size)
    return 0 if long % short else long // short


def read_frames(path, numbers, channels):
    """Yields frames by number, `(side, side, channels)`, or the whole picture."""
    with open_picture(path) as picture:
        # Converted before it is cut: a cut loses the metadata that explain the pixels.
        strip = to_array(picture, channels)
    height, width = strip.shape[:2]
    if not strip_length((width, height)):
        yield strip
        return
    side = min(width, height)
    for number in numbers:
        start = side * number
        top, left = (0, start) if width > height else (start, 0)
        yield strip[top : top + side, left : left + side]
