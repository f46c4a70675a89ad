"""Frame strips: one image that holds a clip's square frames in a row or a column."""

from keras_mocogan.data.images import open_picture, to_array


def count_frames(path):
    """Number of frames, read off the header.

    Raises:
        ValueError: If neither side of the image is a multiple of the other.
    """
    with open_picture(path) as picture:
        num_frames = strip_length(picture.size)
        if not num_frames:
            width, height = picture.size
            raise ValueError(
                f"an image of {width}x{height} pixels is no strip of square frames: "
                "neither side is a multiple of the other"
            )
        return num_frames


def strip_length(size):
    """Square frames in an image of `size` (width, height), 0 if it is no strip."""
    short, long = sorted(size)
    return 0 if long % short else long // short


def read_frames(path, numbers, channels):
    """Yields the frames of these numbers, each `(side, side, channels)`."""
    with open_picture(path) as picture:
        width, height = picture.size
        side = min(width, height)
        for number in numbers:
            start = side * number
            left, top = (start, 0) if width > height else (0, start)
            frame = picture.crop((left, top, left + side, top + side))
            yield to_array(frame, channels)
