"""The size of frames as a number, as a pair, and as text."""

import re

import numpy as np
import pytest

from keras_mocogan.utils import image_sizes

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("given", "kept", "sides"),
    [
        (64, 64, (64, 64)),
        (np.int64(64), 64, (64, 64)),
        ((64, 96), (64, 96), (64, 96)),
        ([np.int32(96), 64], (96, 64), (96, 64)),
        ((64, 64), (64, 64), (64, 64)),
    ],
)
def test_numbers_stay_numbers_and_pairs_become_tuples(given, kept, sides):
    for check in (image_sizes.check_image_size, image_sizes.check_frame_size):
        found = check(given)
        assert found == kept and type(found) is type(kept)
        assert all(type(side) is int for side in image_sizes.sides(found))
        assert image_sizes.sides(found) == sides


@pytest.mark.parametrize(
    "given", [0, -1, 2.0, True, "64", None, (64,), (64, 64, 3), (64, 0), (64, 32.0)]
)
def test_what_is_no_size(given):
    said = (
        "`image_size` must be an integer of at least 1, or a pair of them, (height, "
        f"width). Received: image_size={given!r}."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        image_sizes.check_image_size(given)


@pytest.mark.parametrize("given", [16, 40, 272, np.int64(0), (32, 40), (272, 32)])
def test_what_networks_cannot_be_built_for(given):
    image_sizes.check_image_size(1)
    with pytest.raises(ValueError, match="a multiple of 16 from 32 to 256 .* a pair"):
        image_sizes.check_frame_size(given)


def test_drawn_frames_are_square():
    assert image_sizes.check_square_size(16, 16) == 16
    assert image_sizes.check_square_size((16, 16), 16) == 16
    for given in (15, (16, 32), (15, 15)):
        with pytest.raises(ValueError, match="of at least 16: .* drawn square. Rec"):
            image_sizes.check_square_size(given, 16)


@pytest.mark.parametrize(
    ("text", "size"), [("64", 64), ("64x96", (64, 96)), ("96x64", (96, 64))]
)
def test_text_is_height_times_width(text, size):
    assert image_sizes.from_text(text) == size
    assert image_sizes.to_text(size) == text


@pytest.mark.parametrize("text", ["", "x", "64x", "64x96x3", "64*96", "-64", "6.4"])
def test_other_text(text):
    said = f"HEIGHTxWIDTH, such as 64 or 64x96. Received: image_size={text!r}."
    with pytest.raises(ValueError, match=re.escape(said)):
        image_sizes.from_text(text)
    with pytest.raises(ValueError, match="at least 1, .* Received: image_size=0"):
        image_sizes.from_text("0")
