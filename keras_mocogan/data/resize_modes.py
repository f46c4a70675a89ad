"""How frames of another aspect are brought to `image_size`."""

from keras_mocogan.checks import check_choice, check_integer

# "crop" takes the middle, "squash" changes the aspect, "pad" adds borders.
RESIZES = ("crop", "squash", "pad")


def check_resize(resize: str, fill_value: int) -> int:
    """Returns `fill_value` as an `int`; `ValueError` if the two do not fit."""
    check_choice("resize", resize, RESIZES)
    fill_value = check_integer("fill_value", fill_value, 0, 255)
    if fill_value and resize != "pad":
        raise ValueError(
            "`fill_value` must be 0 unless resize='pad': only that makes borders to "
            f"fill. Received: fill_value={fill_value}, resize={resize!r}. Pass "
            "resize='pad', or leave fill_value out."
        )
    return fill_value
