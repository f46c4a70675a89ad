"""Checks of arguments that the functions of this package share."""

import numbers


def check_integer(name, value, minimum, maximum=None):
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


def check_choice(name, value, choices):
    """Raises `ValueError` unless `value` is one of `choices`."""
    if value not in choices:
        allowed = ", ".join(repr(choice) for choice in choices)
        raise ValueError(f"`{name}` must be one of {allowed}; received {value!r}.")
