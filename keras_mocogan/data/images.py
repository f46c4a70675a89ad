"""From decoded pictures to `uint8` arrays of the wanted channels and size."""

import numpy as np
from PIL import Image

# Pillow also "opens" some videos, and formats that run other programs; these it
# decodes by itself.
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "PPM")
_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}

CHANNELS = tuple(_MODES)


def open_picture(path):
    """Opens an image file by its content, whatever its suffix says."""
    return Image.open(path, formats=_FORMATS)


def is_animated(picture):
    """Whether the file holds several frames: an animated GIF, WebP or PNG."""
    return getattr(picture, "is_animated", False)


def to_array(picture, channels):
    """Converts a Pillow image to an array of shape `(height, width, channels)`.

    One channel is grey, two are grey and alpha, three RGB, four RGBA. Where alpha is
    not kept, transparent pixels are laid over black.
    """
    if picture.mode.startswith("I;16"):
        picture = Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8))
    if channels in (1, 3) and picture.has_transparency_data:
        # Colours multiplied by alpha, "RGBa", are what shows over black.
        shown = np.asarray(picture.convert("RGBA").convert("RGBa"))[..., :3]
        picture = Image.fromarray(np.ascontiguousarray(shown))
    array = np.asarray(picture.convert(_MODES[channels]))
    return array.reshape(*array.shape[:2], channels)


def resize_frame(frame, image_size, resize):
    """Brings a frame to `(image_size, image_size, channels)`, antialiased.

    Args:
        frame: `uint8` array of shape `(height, width, channels)`.
        image_size: Height and width of the result.
        resize: `"crop"` takes the largest square about the centre, `"squash"` all.
    """
    height, width, channels = frame.shape
    if height == width == image_size:
        return frame
    if resize == "crop":
        side = min(height, width)
        top, left = (height - side) // 2, (width - side) // 2
        frame = frame[top : top + side, left : left + side]
    picture = Image.fromarray(frame[..., 0] if channels == 1 else frame)
    # Pillow widens the filter when it shrinks, which is what antialiases.
    picture = picture.resize((image_size, image_size), Image.Resampling.BILINEAR)
    return np.asarray(picture).reshape(image_size, image_size, channels)
