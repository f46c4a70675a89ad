"""The size of frames: one integer for square ones, or a pair, `(height, width)`."""

import re
from collections.abc import Callable
from numbers import Integral
from typing import Any

ImageSize = int | tuple[int, int]

# What the networks can be built for: they halve height and width four times.
FRAME_SIDES = range(32, 257, 16)
_FRAME_SIDES_IN_WORDS = "a multiple of 16 from 32 to 256 (such as 32, 64, 96, 128)"


def check_image_size(image_size: Any) -> ImageSize:
    """An integer as it is, a pair as a tuple; files hold pairs as lists.

    Raises:
        ValueError: If it is neither, or a side is below 1.
    """
    return _check(image_size, lambda side: side >= 1, "an integer of at least 1")


def check_frame_size(image_size: Any) -> ImageSize:
    """The same for frames that the networks can be built for."""
    return _check(image_size, FRAME_SIDES.__contains__, _FRAME_SIDES_IN_WORDS)


def check_square_size(image_size: Any, smallest: int) -> int:
    """The side of frames that must be square.

    Raises:
        ValueError: If the size is no integer of at least `smallest`.
    """
    height, width = sides(check_image_size(image_size))
    if height != width or height < smallest:
        raise ValueError(
            f"`image_size` must be an integer of at least {smallest}: these frames are "
            f"drawn square. Received: image_size={image_size!r}."
        )
    return height


def sides(image_size: ImageSize) -> tuple[int, int]:
    """`(height, width)` of a checked size."""
    return image_size if isinstance(image_size, tuple) else (image_size, image_size)


def from_text(text: str) -> ImageSize:
    """The size that `64`, or `64x96` (height x width), stands for.

    Raises:
        ValueError: If the text is neither.
    """
    match = re.fullmatch(r"(\d+)(?:x(\d+))?", text)
    if match is None:
        raise ValueError(
            "`image_size` must be a number, or HEIGHTxWIDTH, such as 64 or 64x96. "
            f"Received: image_size={text!r}."
        )
    height, width = match.groups()
    return check_image_size(int(height) if width is None else (int(height), int(width)))


def to_text(image_size: ImageSize) -> str:
    """`64`, or `64x96`: what `from_text` reads."""
    if isinstance(image_size, tuple):
        return "x".join(map(str, image_size))
    return str(image_size)


def _check(image_size: Any, fits: Callable[[int], bool], in_words: str) -> ImageSize:
    is_pair = isinstance(image_size, tuple | list) and len(image_size) == 2
    found = tuple(image_size) if is_pair else (image_size,)
    if not all(_is_integer(side) and fits(int(side)) for side in found):
        raise ValueError(
            f"`image_size` must be {in_words}, or a pair of them, (height, width). "
            f"Received: image_size={image_size!r}."
        )
    found = tuple(map(int, found))
    return found if is_pair else found[0]


def _is_integer(side: Any) -> bool:
    return isinstance(side, Integral) and not isinstance(side, bool)
