"""Argument checks that the functions of this package share."""

import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np


def check_integer(
    name: str, value: Any, minimum: int, maximum: int | None = None
) -> int:
    """Returns `value` as an `int`; raises `ValueError` outside the range."""
    allowed = f"an integer of at least {minimum}"
    if maximum is not None:
        allowed = f"an integer from {minimum} to {maximum}"
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise ValueError(
            f"`{name}` must be {allowed}. Received: {name}={value!r} "
            f"({type(value).__name__})."
        )
    if value < minimum or (maximum is not None and value > maximum):
        raise ValueError(f"`{name}` must be {allowed}. Received: {name}={value}.")
    return int(value)


def check_choice(name: str, value: Any, choices: Sequence[Any]) -> None:
    """Raises `ValueError` unless `value` is one of `choices`."""
    if value not in choices:
        allowed = ", ".join(repr(choice) for choice in choices)
        raise ValueError(
            f"`{name}` must be one of {allowed}. Received: {name}={value!r}."
        )


def check_video_size(image_size: int, channels: int) -> None:
    """Raises `ValueError` for frames that the networks cannot be built for."""
    if not _is_int(image_size) or image_size % 16 or not 32 <= image_size <= 256:
        raise ValueError(
            "`image_size` must be a multiple of 16 from 32 to 256 (such as 32, 64, 96, "
            f"128): frames are square. Received: image_size={image_size!r}."
        )
    check_integer("channels", channels, 1, 4)


def check_at_least(minimum: int, **arguments: int) -> None:
    """Raises `ValueError` for the first argument that is not an integer >= minimum."""
    for name, value in arguments.items():
        if not _is_int(value) or value < minimum:
            raise ValueError(
                f"`{name}` must be an integer of at least {minimum}. Received: "
                f"{name}={value!r}."
            )


def _is_int(value):
    return isinstance(value, int | np.integer) and not isinstance(value, bool)
