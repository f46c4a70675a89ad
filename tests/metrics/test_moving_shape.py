"""Measures of a moving shape on videos drawn by hand."""

import numpy as np
import pytest

from keras_mocogan.data import shape_motion, video_dataset
from keras_mocogan.metrics import (
    average_content_distance,
    bright_area,
    color_coverage,
    object_share,
    path_directions,
    shape_colors,
    squareness,
)

pytestmark = pytest.mark.once

MEASURES = [bright_area, object_share, path_directions, shape_colors]


def black(frames=1, size=12):
    return np.zeros((1, frames, size, size, 3), "uint8")


# === One object ===


def test_share_of_the_brightest_object():
    video = black()
    video[0, 0, 1:3, 1:3] = 200  # 4 pixels: 800
    video[0, 0, 7, 7:9] = 100  # 2 pixels: 200
    np.testing.assert_allclose(object_share(video), [[0.8]])


def test_haze_counts_as_brightness_but_joins_nothing():
    video = black()
    video[...] = 20  # of 144 pixels, four of which the object covers: 140 * 20
    video[0, 0, 1:3, 1:3] = 200
    np.testing.assert_allclose(object_share(video), [[800 / (800 + 2800)]])


def test_brightness_is_the_largest_channel():
    video = black()
    video[0, 0, 1, 1] = (200, 10, 0)
    video[0, 0, 7, 7] = (0, 10, 50)
    np.testing.assert_allclose(object_share(video), [[200 / 250]])


def test_touching_by_a_corner_is_touching():
    video = black()
    for k in range(12):  # from corner to corner, along both diagonals
        video[0, 0, k, k] = video[0, 0, k, 11 - k] = 90
    np.testing.assert_allclose(object_share(video), [[1.0]])
    video[0, 0, 5:7, 5:7] = 0  # cut where they cross: four arms of five pixels
    np.testing.assert_allclose(object_share(video), [[0.25]])


def test_objects_that_wind_are_followed_to_their_end():
    video = black()
    video[0, 0, ::2] = 100  # six rows joined at alternating ends: 72 + 5 pixels
    for row, column in zip(range(1, 10, 2), (11, 0, 11, 0, 11), strict=True):
        video[0, 0, row, column] = 100
    np.testing.assert_allclose(object_share(video), [[1.0]])


def test_edges_of_the_frame_do_not_touch_each_other():
    video = black()
    video[0, 0, :, 0] = video[0, 0, :, -1] = 100
    np.testing.assert_allclose(object_share(video), [[0.5]])


def test_each_frame_is_measured_alone():
    video = black(frames=3)
    video[0, 0, 1, 1] = 100
    video[0, 1, 1, 1] = video[0, 1, 9, 9] = 100
    np.testing.assert_allclose(object_share(video), [[1.0, 0.5, 0.0]])


def test_bright_area_tells_a_gray_frame_from_an_object():
    video = black(frames=3)
    video[0, 0, 1:4, 1:4] = 200  # 9 pixels of 144
    video[0, 1] = 60  # one object, for object_share
    np.testing.assert_allclose(bright_area(video), [[9 / 144, 1, 0]])


# === Color ===


def test_color_is_that_of_the_object_wherever_it_goes():
    video = black(frames=3)
    for frame in range(3):
        video[0, frame, frame : frame + 2, 1:4] = (200, 30, 90)
    np.testing.assert_allclose(shape_colors(video), [[(200, 30, 90)] * 3])


def test_color_is_the_mean_over_the_core_alone():
    video = black()
    video[...] = 100  # a background, less bright than nine tenths of the object
    video[0, 0, 2, 2] = (200, 100, 0)
    video[0, 0, 2, 3] = (180, 50, 180)
    video[0, 0, 2, 4] = (179, 50, 0)  # an edge
    np.testing.assert_allclose(shape_colors(video), [[(190, 75, 90)]])


def test_color_of_no_object_is_the_frame():
    video = black(frames=2)
    video[0, 1] = 20
    np.testing.assert_allclose(shape_colors(video), [[(0, 0, 0), (20, 20, 20)]])


def test_published_clips_keep_their_colors(shared_data):
    clips = video_dataset(
        shared_data / "shapes", clip_frames=16, batch_size=64, shuffle=False
    )
    videos, _ = next(iter(clips))
    assert average_content_distance(shape_colors(videos.numpy())) < 0.1


# === Direction ===


def walk(dy, dx, frames=4):
    video = black(frames=frames, size=24)
    for frame in range(frames):
        y, x = 11 + dy * frame, 11 + dx * frame
        video[0, frame, y : y + 2, x : x + 2] = 255
    return video


def test_directions():
    steps = [(0, 3), (0, -3), (3, 0), (-3, 0), (1, 3), (-3, 2)]
    videos = np.concatenate([walk(*step) for step in steps])
    assert path_directions(videos) == ["right", "left", "down", "up", "right", "up"]


@pytest.mark.parametrize("frames", [2, 3])
def test_direction_of_the_shortest_videos(frames):
    steps = [(0, 3), (0, -3), (3, 0), (-3, 0)]
    videos = np.concatenate([walk(*step, frames) for step in steps])
    assert path_directions(videos) == ["right", "left", "down", "up"]


def test_a_single_frame_has_no_direction():
    with pytest.raises(ValueError, match="two frames.* Received: shape .1, 1, 24, 24"):
        path_directions(walk(0, 3, frames=1))


def test_direction_goes_by_brightness():
    video = black(frames=2)
    video[0, :, 6, 2] = 40  # a faint one that stays
    video[0, 0, 6, 3] = video[0, 1, 6, 9] = 255
    assert path_directions(np.repeat(video, 2, axis=1)) == ["right"]


# === The synthetic set ===


def test_drawn_shapes_score_as_they_should():
    names = {
        "left_to_right": "right",
        "right_to_left": "left",
        "top_to_bottom": "down",
        "bottom_to_top": "up",
    }
    videos, labels = shape_motion(32, image_size=32, directions=tuple(names), seed=0)
    # Edges that are smoothed below the threshold are the rest.
    assert object_share(videos).min() > 0.95
    assert average_content_distance(shape_colors(videos)) < 2
    wanted = [list(names.values())[label] for label in labels]
    assert path_directions(videos) == wanted


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize(
    "videos", [black()[0], black().astype("float32"), black().astype("int64")]
)
def test_anything_but_uint8_videos_is_refused(measure, videos):
    said = f"must be uint8 .* Received: .*dtype {videos.dtype}"
    with pytest.raises(ValueError, match=said):
        measure(videos)


@pytest.mark.parametrize("measure", [*MEASURES, squareness])
def test_videos_without_frames_or_pixels_are_refused(measure):
    for shape in ((2, 0, 8, 8, 3), (2, 4, 0, 8, 3)):
        with pytest.raises(ValueError, match=r"not be empty. Received: shape \(2, "):
            measure(np.zeros(shape, "uint8"))


def test_videos_of_several_shapes_are_refused_in_words():
    with pytest.raises(ValueError, match="Received: a list, .* Cut them to one shape"):
        bright_area([black(frames=2)[0], black(frames=3)[0]])


# === Coverage ===


def test_colors_are_covered_by_the_box():
    real = [[0, 0, 0], [255, 0, 0], [0, 255, 0], [1, 1, 1]]  # three boxes
    assert color_coverage([[63, 63, 63], [192, 63, 0]], real) == pytest.approx(2 / 3)
    assert color_coverage([[64, 0, 0]], real) == 0
    assert color_coverage(real, real) == 1


@pytest.mark.parametrize(
    ("generated", "bins", "message"),
    [
        ([[1, 1, 1]], 0, "`bins` must be .* at least 1. Received: bins=0"),
        ([[1, 1, 1]], 2.5, "`bins` must be an integer"),
        ([[1]], 4, "Received: widths 1 and 3"),
        ([[-0.5, 0, 1]], 4, "`generated` must be colors in 0..255. .* -0.5 to 1"),
        ([[0, 0, 256]], 4, "`generated` must be colors in 0..255. .* 0 to 256"),
    ],
)
def test_colors_and_boxes_that_do_not_fit_are_refused(generated, bins, message):
    with pytest.raises(ValueError, match=message):
        color_coverage(generated, [[0, 0, 0]], bins)


def test_squareness_tells_squares_from_circles():
    # A quarter of the pixels' own size is in the moments: 12 pixels are enough.
    square, disc = black(size=16), black(size=16)
    square[0, 0, 2:14, 2:14] = 200
    y, x = np.mgrid[:16, :16] - 7.5
    disc[0, 0][x**2 + y**2 < 36] = 200
    both = np.concatenate([square, disc, black(size=16)])
    np.testing.assert_allclose(squareness(both), [1, 2 / 3, 0], atol=0.02)


def test_squareness_looks_at_the_middle_frame_of_the_measures():
    video = black(frames=3, size=16)
    video[0, 0, 2:6, 2:6] = video[0, 2, 3:7, 3:7] = 200
    video[0, 1, 4, :] = video[0, 1, :, 4] = 200  # a cross
    np.testing.assert_allclose(squareness(video), 1)
