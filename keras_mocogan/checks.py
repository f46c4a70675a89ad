"""Checks of arguments that the functions of this package share."""

import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np


def check_integer(
    name: str, value: Any, minimum: int, maximum: int | None = None
) -> int:
    """Returns `value` as an `int`; raises `ValueError` outside of the range."""
    allowed = f"at least {minimum}"
    if maximum is not None:
        allowed = f"from {minimum} to {maximum}"
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise ValueError(
            f"`{name}` must be a whole number {allowed}, received {value!r} "
            f"({type(value).__name__})."
        )
    if value < minimum or (maximum is not None and value > maximum):
        raise ValueError(f"`{name}` must be {allowed}, received {value}.")
    return int(value)


def check_choice(name: str, value: Any, choices: Sequence[Any]) -> None:
    """Raises `ValueError` unless `value` is one of `choices`."""
    if value not in choices:
        allowed = ", ".join(repr(choice) for choice in choices)
        raise ValueError(f"`{name}` must be one of {allowed}; received {value!r}.")


def check_video_size(image_size: int, channels: int) -> None:
    """Raises `ValueError` for frames that the networks cannot be built for."""
    if not _is_int(image_size) or image_size % 16 or not 32 <= image_size <= 256:
        raise ValueError(
            f"image_size={image_size!r} does not fit: frames are square, with a side "
            "that is a multiple of 16 from 32 to 256 pixels (such as 32, 64, 96, 128)."
        )
    if not _is_int(channels) or not 1 <= channels <= 4:
        raise ValueError(f"channels={channels!r} does not fit: 1 to 4 are wanted.")


def check_at_least(minimum: int, **arguments: int) -> None:
    """Raises `ValueError` naming the first argument that is no integer >= minimum."""
    for name, value in arguments.items():
        if not _is_int(value) or value < minimum:
            raise ValueError(
                f"{name}={value!r} does not fit: an integer of at least {minimum} "
                "is wanted."
            )


def _is_int(value):
    return isinstance(value, int | np.integer) and not isinstance(value, bool)
