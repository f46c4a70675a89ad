"""Argument checks that the functions of this package share."""

import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from keras_mocogan.utils.image_sizes import check_frame_size, sides


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


def check_video_size(
    image_size: int | tuple[int, int], channels: int
) -> tuple[int, int]:
    """Height and width; `ValueError` for frames that networks cannot be built for."""
    size = check_frame_size(image_size)
    check_integer("channels", channels, 1, 4)
    return sides(size)


def check_at_least(minimum: int, **arguments: int) -> None:
    """Raises `ValueError` for the first argument that is not an integer >= minimum."""
    for name, value in arguments.items():
        if not _is_int(value) or value < minimum:
            raise ValueError(
                f"`{name}` must be an integer of at least {minimum}. Received: "
                f"{name}={value!r}."
            )


def as_array(values: npt.ArrayLike, name: str, dtype: str | None = None) -> np.ndarray:
    """`values` as an array; `ValueError` for words, or rows of several lengths."""
    try:
        return np.asarray(values, dtype)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"`{name}` must be an array of numbers. Received: a "
            f"{type(values).__name__}, which is not one: {error}."
        ) from None


def is_number(value: Any) -> bool:
    """Whether `value` is a single finite number."""
    number = np.asarray(value)
    fits = number.ndim == 0 and number.dtype.kind in "iuf"
    return fits and bool(np.isfinite(number))


def _is_int(value):
    return isinstance(value, int | np.integer) and not isinstance(value, bool)
