"""From decoded pictures to `uint8` arrays of the wanted channels and size."""

import io

import numpy as np
from PIL import ExifTags, Image

from keras_mocogan.data.storage import storage
from keras_mocogan.utils.image_sizes import sides

# Pillow also "opens" some videos, and formats that run other programs. It decodes these
# by itself.
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "PPM")
_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
# What turns a picture upright, by the orientation in its metadata.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_BITS_PER_SAMPLE = 258  # of a TIFF file

CHANNELS = tuple(_MODES)
# A header may claim any size; it is believed up to 8192x8192, about 200 MB of RGB.
MAX_PIXELS = 2**26
_MAX_REMOTE_BYTES = 4 * MAX_PIXELS


def open_picture(path):
    """Opens an image file by its content, whatever its suffix says.

    Raises:
        ValueError: If it claims more than `MAX_PIXELS`, or is not a regular file.
    """
    if storage.is_url(path):
        file = io.BytesIO(_download(path))
    else:
        storage.check_regular(path)
        file = path
    picture = Image.open(file, formats=_FORMATS)
    try:
        check_size(*picture.size)
    except ValueError:
        picture.close()
        raise
    return picture


def check_size(width, height):
    """Raises `ValueError` for a picture too large to be decoded safely."""
    if width * height > MAX_PIXELS:
        raise ValueError(
            f"it claims {width}x{height} pixels, more than the {MAX_PIXELS} that are "
            "decoded"
        )


def is_animated(picture):
    """Whether the file holds several frames: an animated GIF, WebP, PNG or TIFF."""
    # Phones add a depth map or a thumbnail to a JPEG; that does not make it a clip.
    return getattr(picture, "is_animated", False) and picture.format != "MPO"


def to_array(picture, channels):
    """Converts a Pillow image to an array of shape `(height, width, channels)`.

    One channel is gray, two are gray and alpha, three RGB, four RGBA. If alpha is not
    kept, transparent pixels are laid over black. The picture is turned upright.

    Raises:
        ValueError: If it has more than `MAX_PIXELS`, or its pixels are numbers whose
            brightness is not known.
    """
    check_size(*picture.size)  # again: each page of a TIFF has its own size
    bits = _bits(picture)
    picture = _upright(picture)
    if bits > 8:
        values = np.asarray(picture) >> (bits - 8)
        picture = Image.fromarray(values.astype(np.uint8))
    if channels in (1, 3) and picture.has_transparency_data:
        # Colors multiplied by alpha, "RGBa", are what would be seen over black.
        shown = np.asarray(picture.convert("RGBA").convert("RGBa"))[..., :3]
        picture = Image.fromarray(np.ascontiguousarray(shown))
    array = np.asarray(picture.convert(_MODES[channels]))
    return array.reshape(*array.shape[:2], channels)


def _bits(picture):
    """Bits of a sample; the largest number that they hold is white."""
    if picture.mode.startswith("I;16"):
        return getattr(picture, "tag_v2", {}).get(_BITS_PER_SAMPLE, (16,))[0]
    if picture.mode == "I" and picture.format in ("PNG", "PPM"):
        return 16  # read into 32
    if picture.mode in ("I", "F"):
        raise ValueError(
            f"its pixels are 32-bit numbers (Pillow's mode {picture.mode!r}), and the "
            "file does not say which of them is white; scale them so that 255 is, and "
            "save them with 8 bits"
        )
    return 8


def _upright(picture):
    picture.load()  # this turns a TIFF, and removes its tag
    try:
        orientation = picture.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # whatever broken metadata make Pillow raise; the pixels are fine
        orientation = None
    turn = _TURNS.get(orientation)
    return picture if turn is None else picture.transpose(turn)


def _download(path):
    size = storage.size(path)
    if size > _MAX_REMOTE_BYTES:
        raise ValueError(
            f"it has {size} bytes, more than the {_MAX_REMOTE_BYTES} that are read for "
            "a picture"
        )
    return storage.read(path, 0, size)


def take_frames(frames, numbers):
    """`frames[numbers]`; for a range, a view instead of a copy."""
    if isinstance(numbers, range):
        numbers = slice(numbers.start, numbers.stop, numbers.step)
    return frames[numbers]


def resize_frame(frame, image_size, resize, crop=(1.0, 0.5, 0.5), fill_value=0):
    """Resizes a frame to `(height, width, channels)`, antialiased.

    Args:
        frame: `uint8` array of shape `(height, width, channels)`.
        image_size: int or (height, width) of the result.
        resize: `"crop"` takes what has the aspect of the result, `"squash"` the whole
            frame, `"pad"` the whole frame with borders around it.
        crop: The part of the largest such piece (or of the frame) that is taken, then
            its place down and across: from 0, the top or the left, to 1.
        fill_value: What every channel is in the borders, 0 to 255.
    """
    height, width, channels = frame.shape
    size = sides(image_size)
    part, down, across = crop
    if (height, width) == size and part == 1:
        return frame
    whole = _largest(height, width, *size) if resize == "crop" else (height, width)
    rows, columns = (max(1, round(part * side)) for side in whole)
    top, left = int((height - rows) * down), int((width - columns) * across)
    frame = frame[top : top + rows, left : left + columns]
    if resize != "pad":
        return _scale(frame, size)
    # By the whole frame's aspect: rounding must not make a crop's borders wider.
    inner = tuple(max(1, round(side)) for side in _largest(*size, height, width))
    return _with_borders(_scale(frame, inner), size, fill_value)


def _scale(frame, size):
    """The frame at `(height, width)`, antialiased, whatever becomes of its aspect."""
    channels = frame.shape[-1]
    picture = Image.fromarray(frame[..., 0] if channels == 1 else frame)
    # Pillow widens the filter when it shrinks a picture, which antialiases it.
    picture = picture.resize(size[::-1], Image.Resampling.BILINEAR)
    return np.asarray(picture).reshape(*size, channels)


def _with_borders(frame, size, fill_value):
    """The frame in the middle of a larger one of `(height, width)`."""
    rows, columns, channels = frame.shape
    top, left = (size[0] - rows) // 2, (size[1] - columns) // 2
    padded = np.full((*size, channels), fill_value, np.uint8)
    padded[top : top + rows, left : left + columns] = frame
    return padded


def _largest(height, width, of_height, of_width):
    """Height and width of the largest piece of a frame with another's aspect."""
    # One division of whole numbers: of a square, both sides are exactly the same.
    if height * of_width <= width * of_height:
        return height, height * of_width / of_height
    return width * of_height / of_width, width
