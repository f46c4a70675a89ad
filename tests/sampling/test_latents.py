"""Codes on the host: what a seed fixes, and walks between codes."""

import numpy as np
import pytest

from keras_mocogan.sampling import latents

pytestmark = pytest.mark.once

# === Draws ===

DRAWS = {
    "content": lambda n, seed: latents.sample_content(n, 5, seed),
    "noise": lambda n, seed: latents.sample_noise(n, 4, 5, seed),
    "state": lambda n, seed: latents.sample_state(n, 5, seed),
    "labels": lambda n, seed: latents.sample_labels(n, 1000, seed),
}
every_draw = pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)


@every_draw
def test_seed_fixes_each_clip_whatever_their_number(draw):
    few, many = draw(3, 7), draw(8, 7)
    np.testing.assert_array_equal(few, many[:3])
    assert (many[0] != many[1]).any()
    assert (few != draw(3, 8)).any()


@every_draw
def test_without_seed_every_call_draws_anew(draw):
    assert (draw(4, None) != draw(4, None)).any()


def test_shapes_and_dtypes():
    drawn = {name: draw(3, 0) for name, draw in DRAWS.items()}
    shapes = {name: array.shape for name, array in drawn.items()}
    assert shapes == {
        "content": (3, 5),
        "noise": (3, 4, 5),
        "state": (3, 5),
        "labels": (3,),
    }
    assert {a.dtype.name for n, a in drawn.items() if n != "labels"} == {"float32"}
    assert drawn["labels"].dtype == "int32"


def test_content_noise_and_state_of_a_seed_differ():
    content = latents.sample_content(1, 5, seed=1)[0]
    noise = latents.sample_noise(1, 1, 5, seed=1)[0, 0]
    state = latents.sample_state(1, 5, seed=1)[0]
    assert (content != noise).all()
    assert (content != state).all()
    assert (noise != state).all()


def test_longer_noise_continues_the_shorter():
    short, long = (latents.sample_noise(2, frames, 3, seed=4) for frames in (5, 9))
    np.testing.assert_array_equal(short, long[:, :5])


# Of 20,000 draws the standard errors are 0.007 of the mean and 0.005 of the deviation.
def test_draws_are_standard_normal():
    content = latents.sample_content(400, 50, seed=0)
    assert abs(content.mean()) < 0.03
    assert abs(content.std() - 1) < 0.03


# Of 400 draws a class gets 100, with a standard deviation of 8.7.
def test_labels_are_uniform():
    counts = np.bincount(latents.sample_labels(400, 4, seed=0))
    assert len(counts) == 4
    assert counts.min() > 60 and counts.max() < 140


def test_one_hot():
    codes = latents.one_hot(np.array([2, 0]), 3)
    assert codes.dtype == "float32"
    np.testing.assert_array_equal(codes, [[0, 0, 1], [1, 0, 0]])


# === Speed ===

PATH = np.array([0.0, 10.0, 20.0, 40.0])[None, :, None]  # one path of four frames


@pytest.mark.parametrize(
    ("speed", "wanted"),
    [
        (1, [0, 10, 20, 40]),
        (2, [0, 20]),  # frames 0 and 2; 4 is past the end
        (3, [0, 40]),
        (0.5, [0, 5, 10, 15, 20, 30, 40]),
        (1.5, [0, 15, 40]),  # frame 1.5 is between 10 and 20
        (10, [0]),
    ],
)
def test_change_speed(speed, wanted):
    walked = latents.change_speed(PATH, speed)
    assert walked.dtype == "float32"
    np.testing.assert_allclose(walked[0, :, 0], wanted, rtol=1e-6)


@pytest.mark.parametrize("speed", [0.1, 0.3, 0.7, 1.1])
def test_change_speed_keeps_the_last_frame_it_reaches(speed):
    motion = np.random.default_rng(0).standard_normal((3, 22, 2))
    walked = latents.change_speed(motion, speed)
    # In fractions: 21 / (speed / 10) frames lie behind the first.
    steps = 210 // round(speed * 10)
    assert walked.shape == (3, 1 + steps, 2)
    np.testing.assert_allclose(walked[:, 0], motion[:, 0], rtol=1e-6)


@pytest.mark.parametrize(
    ("motion", "speed", "message"),
    [
        (PATH, 0, "positive, .* Received: speed=0"),
        (PATH, -1.0, "Received: speed=-1.0"),
        (PATH, np.nan, "Received: speed=nan"),
        (PATH, np.inf, "Received: speed=inf"),
        (PATH, "2", "Received: speed='2'"),
        ([[[0.0], [0.0, 1.0]]], 1, "`motion` must be an array .* Received: a list"),
        (PATH[0], 1, r"Received: shape \(4, 1\)"),
        (PATH[:, :0], 1, r"at least one frame. Received: shape \(1, 0, 1\)"),
    ],
)
def test_change_speed_errors(motion, speed, message):
    with pytest.raises(ValueError, match=message):
        latents.change_speed(motion, speed)


# === Interpolation ===


def test_contents_turn_evenly_from_end_to_end():
    # A quarter turn from (2, 0) to (0, 4) in three steps of 30 degrees; the length
    # goes from 2 to 4 by thirds.
    walked = latents.interpolate_content([2, 0], [0, 4], steps=4)
    lengths = np.linspace(2, 4, 4)
    angles = np.deg2rad([0, 30, 60, 90])
    wanted = lengths[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    assert walked.dtype == "float32"
    np.testing.assert_allclose(walked, wanted, atol=1e-6)


def test_contents_keep_their_length_on_the_way():
    random = np.random.default_rng(0)
    start, end = (v / np.linalg.norm(v) for v in random.standard_normal((2, 50)))
    walked = latents.interpolate_content(start, end, steps=9)
    np.testing.assert_allclose(np.linalg.norm(walked, axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(walked[[0, -1]], [start, end], atol=1e-6)


@pytest.mark.parametrize("end", [[3, 6], [-1, -2], [0, 0]])
def test_contents_on_one_line_are_joined_by_it(end):
    walked = latents.interpolate_content([1, 2], end, steps=3)
    wanted = [[1, 2], (np.array([1, 2]) + end) / 2, end]
    np.testing.assert_allclose(walked, wanted, atol=1e-6)


def test_motions_are_joined_linearly():
    start, end = np.zeros((3, 2)), np.full((3, 2), 4.0)
    walked = latents.interpolate_motion(start, end, steps=5)
    assert walked.shape == (5, 3, 2) and walked.dtype == "float32"
    np.testing.assert_allclose(walked[:, 1, 1], [0, 1, 2, 3, 4])


@pytest.mark.parametrize(
    "interpolate", [latents.interpolate_content, latents.interpolate_motion]
)
def test_interpolation_errors(interpolate):
    with pytest.raises(ValueError, match=r"Received: shapes \(2,\) and \(3,\)"):
        interpolate(np.zeros((2,)), np.zeros((3,)), 4)
    with pytest.raises(ValueError, match="2 or more: .* Received: steps=1"):
        interpolate(np.zeros((2,)), np.zeros((2,)), 1)
    for steps in (4.0, "4", None):
        with pytest.raises(ValueError, match=f"an integer, .* steps={steps!r}"):
            interpolate(np.zeros((2,)), np.zeros((2,)), steps)


def test_several_contents_are_not_taken_for_one():
    one, two = np.array([[3.0, 0.0]]), np.array([[0.0, 4.0]])
    walked = latents.interpolate_content(one, two, 3)  # a row is one
    wanted = [[3, 0], [3.5 / 2**0.5, 3.5 / 2**0.5], [0, 4]]
    np.testing.assert_allclose(walked, wanted, atol=1e-6)
    said = r"one content each, .* Received: shape \(2, 3\). .* content\[0\]"
    with pytest.raises(ValueError, match=said):
        latents.interpolate_content(np.ones((2, 3)), np.zeros((2, 3)), 4)
    said = r"one path each, .* Received: shape \(1, 2, 3\). .* motion\[0\]"
    with pytest.raises(ValueError, match=said):
        latents.interpolate_motion(np.ones((1, 2, 3)), np.zeros((1, 2, 3)), 4)
