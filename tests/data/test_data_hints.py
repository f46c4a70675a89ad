"""Hints about arrays and labels: obeyed to the letter, each leads to right clips."""

import re

import ml_dtypes
import numpy as np
import pytest

import keras_mocogan
from keras_mocogan import data

pytestmark = pytest.mark.once

# Frames of every brightness, black and white among them.
FRAMES = np.arange(256, dtype=np.uint8).reshape(1, 2, 8, 16, 1)[..., [0, 0, 0]]
FRAMES = np.concatenate([FRAMES, FRAMES[:, ::-1]])
UNIT = FRAMES / 255
SYMMETRIC = FRAMES / 127.5 - 1


def read(videos, **arguments):
    defaults = {"image_size": 8, "clip_frames": 2, "batch_size": len(videos)}
    defaults |= {"shuffle": False, "resize": "squash"}
    dataset = data.video_dataset(videos, **(defaults | arguments))
    return next(dataset.as_numpy_iterator())


def refused(videos, **arguments):
    with pytest.raises(ValueError) as error:
        read(videos, **arguments)
    return str(error.value)


def hints(message):
    """The code in a message, which is more than a name."""
    quoted = message.split("`")[1::2]
    return [code for code in quoted if re.search(r"[()\[\]]", code)]


def obey(hint, **names):
    return eval(hint, {"numpy": np, "keras_mocogan": keras_mocogan, **names})


@pytest.mark.parametrize(
    "videos",
    [
        SYMMETRIC,
        SYMMETRIC.astype("float32"),
        SYMMETRIC.astype("float16"),
        np.float32(1.004) * SYMMETRIC.astype("float32"),  # rounded, resized
        UNIT,
        UNIT.astype("float32"),
        UNIT.astype("float16"),
        FRAMES.astype("float32"),
        FRAMES.astype("int64"),
        FRAMES.astype("uint16"),
    ],
)
def test_numbers_of_every_range_become_frames(videos):
    hint = hints(refused(videos))[0]
    made = obey(hint, videos=videos)
    assert made.dtype == np.uint8
    assert np.abs(made.astype(int) - FRAMES).max() <= 1
    expected = read(FRAMES)
    assert np.abs(read(made).astype(int) - expected).max() <= 1
    assert expected.max() > 240 and expected.min() < 15


def test_bfloat16_becomes_frames():
    videos = SYMMETRIC.astype(ml_dtypes.bfloat16)
    made = obey(hints(refused(videos))[0], videos=videos)
    assert np.abs(made.astype(int) - FRAMES).max() <= 1  # 8 bits of mantissa


def test_where_two_ranges_fit_both_are_told():
    bright = np.maximum(UNIT, 0.5)
    first, second = hints(refused(bright))
    assert obey(first, videos=bright).min() == 128
    # If they lie in [-1, 1], half is three quarters of the way to white.
    assert obey(second, videos=bright).min() == 191


def test_masks_become_frames():
    masks = FRAMES > 100
    made = obey(hints(refused(masks))[0], videos=masks)
    np.testing.assert_array_equal(made, np.where(masks, 255, 0))
    ones = masks.astype("int32")
    made = obey(hints(refused(ones))[0], videos=ones)
    np.testing.assert_array_equal(made, np.where(masks, 255, 0))


@pytest.mark.parametrize(
    ("scale", "shift", "dtype"),
    [(257, 0, "uint16"), (16, 0, "uint16"), (0.02, -2.0, "float32"), (2, 0, "int32")],
)
def test_other_numbers_are_scaled_by_their_own_black_and_white(scale, shift, dtype):
    videos = (FRAMES * float(scale) + shift).astype(dtype)
    (hint,) = hints(refused(videos))
    made = obey(hint, videos=videos, black=shift, white=255 * scale + shift)
    assert np.abs(made.astype(int) - FRAMES).max() <= 1


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_numbers_that_are_not_finite(bad):
    videos = SYMMETRIC.copy()
    videos[0, 0, 0, 0, 0] = bad
    assert "not finite" in refused(videos)


@pytest.mark.parametrize("axis", [1, 2])
def test_channels_first(axis):
    videos = np.moveaxis(FRAMES, -1, axis)
    (hint,) = hints(refused(videos))
    np.testing.assert_array_equal(obey(hint, videos=videos), FRAMES)


def test_axes_that_are_missing():
    (hint,) = hints(refused(FRAMES[0]))
    np.testing.assert_array_equal(obey(hint, videos=FRAMES[0]), FRAMES[:1])
    gray = FRAMES[..., 0]
    message = refused(gray)
    (hint,) = hints(message)
    assert "channels=1" in message
    made = read(obey(hint, videos=gray), channels=1)
    np.testing.assert_array_equal(made[..., 0], read(FRAMES)[..., 0])


def test_videos_of_several_shapes():
    with pytest.raises(ValueError, match=r"one shape. Received: 3 videos of the sh"):
        read([FRAMES[0], FRAMES[1], FRAMES[0, :1]])


@pytest.mark.parametrize(
    ("labels", "wanted"),
    [
        ([[1], [0]], [1, 0]),
        ([[0.0, 1.0], [1.0, 0.0]], [1, 0]),  # one-hot
        ([2.0, 1.0], [2, 1]),
        ([True, False], [1, 0]),
        (["walk", "run"], [1, 0]),
        ([0.5, 0.25], [1, 0]),
    ],
)
def test_labels_of_every_kind(labels, wanted):
    (hint,) = hints(refused((FRAMES, labels)))
    labels = np.array(labels)
    if hint.startswith("names, labels = "):
        _, made = obey(hint.removeprefix("names, labels = "), labels=labels)
    else:
        made = obey(hint, labels=labels)
    assert read((FRAMES, np.array(made)))[1].tolist() == wanted


def test_labels_of_several_numbers_are_no_one_hot_ones():
    assert not hints(refused((FRAMES, [[0.2, 0.8], [0.6, 0.4]])))


def test_numbers_below_zero():
    message = refused((FRAMES, [1, -1]))
    (hint,) = hints(message)
    _, made = obey(hint.removeprefix("names, labels = "), labels=np.array([1, -1]))
    assert read((FRAMES, made))[1].tolist() == [1, 0]
