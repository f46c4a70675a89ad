"""The synthetic shapes: where they move, how large, how bright, and how repeatable."""

import numpy as np
import pytest

from keras_mocogan import data

pytestmark = pytest.mark.once

ALL = data.SHAPE_MOTION_DIRECTIONS


def centroids(videos):
    """Centre of brightness of each frame, `(n, frames, 2)` as (row, column)."""
    light = videos.max(axis=-1).astype(np.float64)
    grid = np.arange(videos.shape[2]) + 0.5
    total = light.sum(axis=(2, 3))
    return np.stack(
        [light.sum(axis=3) @ grid / total, light.sum(axis=2) @ grid / total], axis=-1
    )


def areas(videos):
    """Covered pixels of each frame, soft edges counted in part, `(n, frames)`."""
    light = videos.max(axis=-1).astype(np.float64)
    return light.sum(axis=(2, 3)) / light.max(axis=(1, 2, 3))[:, None]


def test_shapes_and_dtypes():
    videos, labels = data.shape_motion(5, num_frames=7, image_size=48)
    assert videos.shape == (5, 7, 48, 48, 3)
    assert videos.dtype == np.uint8
    assert labels.dtype == np.int32
    assert labels.tolist() == [0, 1, 0, 1, 0]


def test_names_of_the_classes():
    assert data.PAPER_DIRECTIONS == ("left_to_right", "top_to_bottom")
    assert data.PUBLISHED_DIRECTIONS == ("bottom_to_top", "right_to_left")


def test_each_class_moves_its_way():
    videos, labels = data.shape_motion(200, directions=ALL)
    paths = centroids(videos)
    travelled = {
        "left_to_right": paths[:, :, 1],
        "right_to_left": 64 - paths[:, :, 1],
        "top_to_bottom": paths[:, :, 0],
        "bottom_to_top": 64 - paths[:, :, 0],
    }
    for label, direction in enumerate(ALL):
        along = travelled[direction][labels == label]
        assert (np.diff(along) > -0.2).all()  # Never back, to a pixel's rounding.
        # From one side to the other: half a shape is 4 to 7 pixels.
        assert ((along[:, 0] > 3.5) & (along[:, 0] < 7.5)).all()
        assert ((along[:, -1] > 56.5) & (along[:, -1] < 60.5)).all()


def test_paths_bend_and_come_back():
    videos, labels = data.shape_motion(150, num_frames=32, directions=["left_to_right"])
    lateral = centroids(videos)[:, :, 0]
    np.testing.assert_allclose(lateral[:, 0], lateral[:, -1], atol=0.2)
    # 14 pixels in the published clips.
    assert 10 < np.median(np.ptp(lateral, axis=1)) < 16


def test_a_shape_is_never_cut_off():
    videos, _ = data.shape_motion(200, directions=ALL)
    area = areas(videos)
    np.testing.assert_allclose(area, area[:, :1] * np.ones(16), rtol=0.05)


@pytest.mark.parametrize("image_size", [32, 64, 96])
def test_circles_and_squares_of_a_size_that_scales(image_size):
    videos, _ = data.shape_motion(200, num_frames=1, image_size=image_size)
    light = videos.max(axis=-1).astype(float)
    light /= light.max(axis=(2, 3), keepdims=True)
    # The widest row of either is its diameter; of a circle, pi / 4 is filled.
    diameter = light.sum(axis=3).max(axis=(1, 2))
    filled = areas(videos)[:, 0] / diameter**2
    circles = filled < (1 + np.pi / 4) / 2
    np.testing.assert_allclose(filled[circles], np.pi / 4, atol=0.1)
    np.testing.assert_allclose(filled[~circles], 1, atol=0.1)
    assert 70 < circles.sum() < 130
    diameter *= 64 / image_size
    assert 7.5 < diameter.min() < 8.7
    assert 13.3 < diameter.max() < 14.5


def test_a_video_has_one_bright_color_on_black():
    videos, _ = data.shape_motion(100, num_frames=4)
    assert np.median(videos) == 0
    colors = videos.reshape(100, -1, 3).max(axis=1).astype(float)
    assert (colors.max(axis=1) >= 0.65 * 255 - 1).all()
    saturation = 1 - colors.min(axis=1) / colors.max(axis=1)
    assert (saturation >= 0.49).all()
    # Every pixel is that color, dimmed by how much of it is covered; three numbers
    # were rounded.
    brightness = videos.max(axis=-1) / colors.max(axis=1)[:, None, None, None]
    expected = brightness[..., None] * colors[:, None, None, None]
    assert np.abs(videos - expected).max() <= 1.5
    # All hues occur: each channel leads in its share.
    assert (np.bincount(colors.argmax(axis=1), minlength=3) > 15).all()


def test_a_video_does_not_depend_on_how_many_there_are():
    few, _ = data.shape_motion(3, image_size=32)
    many, _ = data.shape_motion(300, image_size=32)
    np.testing.assert_array_equal(few, many[:3])


def test_the_seed_decides():
    once, _ = data.shape_motion(4, image_size=32, seed=1)
    again, _ = data.shape_motion(4, image_size=32, seed=1)
    other, _ = data.shape_motion(4, image_size=32, seed=2)
    np.testing.assert_array_equal(once, again)
    assert not (once == other).all(axis=(1, 2, 3, 4)).any()


@pytest.mark.parametrize("image_size", [8, 13])
def test_tiny_frames(image_size):
    videos, _ = data.shape_motion(20, image_size=image_size, directions=ALL)
    assert (videos.max(axis=(2, 3, 4)) > 0).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"num_videos": 0}, "`num_videos` must .* at least 1. Received: num_videos=0"),
        ({"num_videos": 2.5}, "`num_videos` must be an integer .*=2.5 .float."),
        ({"num_frames": True}, "`num_frames` must be an integer .*=True .bool."),
        ({"image_size": 7}, "`image_size` must .* at least 8: .* image_size=7"),
        ({"image_size": (32, 48)}, r"are drawn square. Received: .*=\(32, 48\)"),
        ({"seed": -1}, "`seed` must be .* at least 0. Received: seed=-1"),
        ({"directions": ["up"]}, "one of 'left_to_right', .* Received: .*s='up'"),
        ({"directions": "left_to_right"}, "a sequence .* Received: .*s='left_to_r"),
        ({"directions": ()}, "at least one direction"),
        ({"directions": None}, "a sequence of .* Received: directions=None"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        data.shape_motion(**arguments)
