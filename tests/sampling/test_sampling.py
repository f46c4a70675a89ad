"""`sample_content`, `sample_motion`, `decode` and `generate` of an untrained model."""

import keras
import numpy as np
import pytest
from testing import enliven, snapshot, tiny_model

from keras_mocogan.sampling import latents


@pytest.fixture(scope="module")
def model():
    model = tiny_model()
    enliven(model)
    return model


@pytest.fixture(scope="module")
def frame_model():
    """A model whose class goes into the frames."""
    model = tiny_model(category_input="frame")
    enliven(model)
    return model


def assert_close(one, other):
    """Equal to a rounding step: batches of another size may add up otherwise."""
    assert one.shape == other.shape and one.dtype == other.dtype == "uint8"
    assert abs(one.astype(int) - other).max() <= 1


def differ(one, other):
    """Far beyond rounding."""
    return abs(one.astype(int) - other).max() > 10


def test_videos_have_shape_range_and_content(model):
    videos = model.generate(3, num_frames=5, seed=0)
    assert videos.shape == (3, 5, 32, 32, 3) and videos.dtype == "uint8"
    assert videos.std() > 10
    assert differ(videos[0], videos[1])  # other clips
    assert differ(videos[0, 0], videos[0, 1])  # other frames
    assert model.generate(1).shape == (1, 4, 32, 32, 3)


def test_seed_fixes_the_videos(model):
    videos = model.generate(2, seed=1)
    np.testing.assert_array_equal(videos, model.generate(2, seed=1))
    assert differ(videos, model.generate(2, seed=2))
    assert differ(model.generate(2), model.generate(2))


def test_clip_of_a_seed_is_the_same_whatever_their_number(model):
    assert_close(model.generate(2, seed=3), model.generate(5, seed=3)[:2])


def test_longer_videos_continue_the_shorter(model):
    short, long = (model.generate(2, num_frames=n, seed=4) for n in (4, 9))
    assert_close(short, long[:, :4])
    motions = [model.sample_motion(2, num_frames=n, seed=4) for n in (4, 9)]
    np.testing.assert_allclose(motions[0], motions[1][:, :4], atol=1e-6)


def test_generate_leaves_the_noise_of_training_alone(model):
    model.compile()
    before = snapshot(model)
    model.generate(2)
    for old, new in zip(before, snapshot(model), strict=True):
        np.testing.assert_array_equal(old, new)


# === Content and motion apart ===


def test_generate_decodes_what_the_samplers_draw(model):
    content = model.sample_content(3, seed=5)
    motion = model.sample_motion(3, seed=5)
    assert content.shape == (3, 3) and content.dtype == "float32"
    assert motion.shape == (3, 4, 2) and motion.dtype == "float32"
    decoded = model.decode(content, motion)
    assert decoded.dtype == "float32" and abs(decoded).max() <= 1
    wanted = np.rint((decoded.astype("float64") + 1) * 127.5).astype("uint8")
    assert_close(model.generate(3, seed=5), wanted)
    assert_close(model.generate(3, content=content, motion=motion), wanted)


def test_one_content_serves_many_motions(model):
    content = model.sample_content(1, seed=6)
    videos = model.generate(3, content=content, seed=7)
    assert differ(videos[0], videos[1])
    # Clip by clip: the same motion with the content given for each.
    motion = model.sample_motion(3, seed=7)
    repeated = np.repeat(content, 3, axis=0)
    assert_close(videos, model.generate(3, content=repeated, motion=motion))


def test_one_motion_serves_many_contents(model):
    motion = model.sample_motion(1, seed=6)
    videos = model.generate(3, motion=motion, seed=7)
    assert differ(videos[0], videos[1])
    content = model.sample_content(3, seed=7)
    assert_close(videos[1:2], model.generate(1, content=content[1:2], motion=motion))


def test_content_is_held_while_motion_moves(model):
    still = np.repeat(model.sample_motion(1, num_frames=1, seed=0), 5, axis=1)
    video = model.generate(1, motion=still, seed=0)[0]
    for frame in video[1:]:
        np.testing.assert_array_equal(frame, video[0])


def test_generated_at_another_speed(model):
    motion = model.sample_motion(2, num_frames=9, seed=8)
    whole = model.generate(2, motion=motion, seed=8)
    fast = model.generate(2, motion=latents.change_speed(motion, 2), seed=8)
    assert fast.shape[1] == 5
    assert_close(fast, whole[:, ::2])


def test_walks_between_contents_and_between_paths(model):
    contents = latents.interpolate_content(*model.sample_content(2, seed=1), steps=5)
    paths = latents.interpolate_motion(*model.sample_motion(2, seed=1), steps=5)
    videos = model.generate(5, content=contents, motion=paths)
    assert_close(videos[[0, -1]], model.generate(2, seed=1))
    assert differ(videos[0], videos[2])


# === Length ===


def test_thousands_of_frames(model):
    video = model.generate(1, num_frames=2000, seed=9)
    assert video.shape == (1, 2000, 32, 32, 3)
    assert_close(video[:, :4], model.generate(1, seed=9))
    # Across the border of two slices: frame by frame the same as decoded alone.
    motion = model.sample_motion(1, num_frames=2000, seed=9)[:, 1000:1030]
    assert_close(video[:, 1000:1030], model.generate(1, motion=motion, seed=9))


@pytest.mark.parametrize("n", [1, 3])
def test_frames_are_decoded_in_bounded_slices(model, monkeypatch, n):
    clip_generator = model.clip_generator()
    sizes, decode = [], clip_generator.predict_on_batch
    monkeypatch.setattr(
        clip_generator,
        "predict_on_batch",
        lambda codes: sizes.append(len(codes["motion"])) or decode(codes),
    )
    assert model.generate(n, num_frames=700).shape[:2] == (n, 700)
    assert sum(sizes) >= n * 700
    assert max(sizes) <= 256


@pytest.mark.skipif(keras.config.backend() == "torch", reason="it compiles nothing")
def test_lengths_of_one_bucket_are_compiled_once(monkeypatch):
    model = tiny_model()
    traced = []
    for network in (model.motion_generator, model.image_generator):
        call = network.call
        monkeypatch.setattr(
            network,
            "call",
            lambda *a, call=call, **k: traced.append(a) or call(*a, **k),
        )
    model.generate(1, num_frames=9)
    first = len(traced)
    assert first == 2
    for num_frames in (10, 13, 16):
        model.generate(1, num_frames=num_frames)
    assert len(traced) == first


# === Classes ===


def test_class_steers_the_motion(model):
    chosen = [model.sample_motion(2, labels=label, seed=1) for label in (0, 1)]
    assert abs(chosen[0] - chosen[1]).max() > 1e-3
    mixed = model.sample_motion(2, labels=[0, 1], seed=1)
    np.testing.assert_allclose(mixed[0], chosen[0][0], atol=1e-6)
    np.testing.assert_allclose(mixed[1], chosen[1][1], atol=1e-6)


def test_labels_are_drawn_where_none_are_given(model):
    drawn = model.sample_motion(8, seed=2)
    labels = latents.sample_labels(8, 2, seed=2)
    assert set(labels) == {0, 1}
    np.testing.assert_allclose(
        drawn, model.sample_motion(8, labels=labels, seed=2), atol=1e-6
    )


def test_labels_reach_the_generated_videos(model):
    motion = model.sample_motion(2, labels=1, seed=3)
    assert_close(
        model.generate(2, labels=1, seed=3),
        model.generate(2, motion=motion, seed=3),
    )


def test_class_in_the_frames(frame_model):
    videos = [frame_model.generate(2, labels=label, seed=1) for label in (0, 1)]
    assert differ(*videos)
    content = frame_model.sample_content(2, seed=1)
    motion = frame_model.sample_motion(2, seed=1)
    decoded = frame_model.decode(content, motion, labels=[0, 1])
    wanted = np.rint((decoded.astype("float64") + 1) * 127.5).astype("uint8")
    assert_close(np.stack([videos[0][0], videos[1][1]]), wanted)


# === Bad input ===


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: m.generate(0), "at least 1. Received: n=0"),
        (lambda m: m.generate(2, num_frames=0), "Received: num_frames=0"),
        (lambda m: m.generate(2, num_frames=1.5), "Received: num_frames=1.5"),
        (lambda m: m.generate(2, labels=2), "0 to 1, .* Received: labels in 2..2"),
        (lambda m: m.generate(2, labels=[0, -1]), "Received: labels in -1..0"),
        (
            lambda m: m.generate(2, labels=[0, 1, 0]),
            r"of shape \(2,\). Received: shape \(3,\), dtype int64",
        ),
        (lambda m: m.generate(2, labels=[0.0, 1.0]), "Received: .* dtype float64"),
        (
            lambda m: m.generate(2, content=np.zeros((3, 3))),
            r"`content` must have the shape \(2, 3\), .* Received: shape \(3, 3\)",
        ),
        (
            lambda m: m.generate(2, content=np.zeros((2, 4))),
            r"`content` must have the shape \(2, 3\), .* Received: shape \(2, 4\)",
        ),
        (
            lambda m: m.generate(2, motion=np.zeros((2, 4, 3))),
            r"`motion` must .* \(2, frames, 2\), .* Received: shape \(2, 4, 3\)",
        ),
        (
            lambda m: m.generate(2, motion=np.zeros((4, 2))),
            r"`motion` must .* \(2, frames, 2\), .* Received: shape \(4, 2\)",
        ),
        (
            lambda m: m.generate(1, num_frames=3, motion=np.zeros((1, 4, 2))),
            r"Received: num_frames=3, motion of shape \(1, 4, 2\). Leave num_frames",
        ),
        (
            lambda m: m.generate(1, labels=0, motion=np.zeros((1, 4, 2))),
            "`labels` must be None if `motion` is given: .* Received: labels=0",
        ),
        (
            lambda m: m.decode(np.zeros((1, 3)), np.zeros((1, 4, 2)), 0),
            "Received: labels=0. Pass a class of motion to `sample_motion`",
        ),
        (lambda m: m.sample_content(0), "Received: n=0"),
        (lambda m: m.sample_motion(1, num_frames=-1), "Received: num_frames=-1"),
        (lambda m: m.generate(1, num_frames=3, motion=np.zeros(4)), r"shape \(4,\)"),
        (
            lambda m: m.decode(1.0, np.zeros((1, 4, 2))),
            r"`content` must .* Received: shape \(\)",
        ),
        (
            lambda m: m.decode(np.zeros((0, 3)), np.zeros((0, 4, 2))),
            r"not be empty. Received: shape \(0, 3\)",
        ),
        (lambda m: m.generate(1, seed=0.5), "an integer .* Received: seed=0.5"),
        (lambda m: m.generate(1, seed=-1), "Received: seed=-1"),
        # Frames of NaN would be gray, without a word.
        (
            lambda m: m.generate(2, content=[[0.0, 0.0, 0.0], [0.0, np.nan, 0.0]]),
            "`content` must be finite. .* in 1 of 2 rows, first in row 1",
        ),
        (
            lambda m: m.decode(np.zeros((1, 3)), np.full((1, 4, 2), np.inf)),
            "`motion` must be finite. Received: .* in 1 of 1 rows",
        ),
        (
            lambda m: m.generate(2, content=[[0.0], [0.0, 1.0]]),
            "`content` must be an array of numbers. Received: a list",
        ),
        (
            lambda m: m.generate(2, labels=[[0], [0, 1]]),
            "`labels` must be an array of numbers. Received: a list",
        ),
        (lambda m: m.preview_videos(columns=0), "`columns` must .*: columns=0"),
        (lambda m: m.preview_videos(rows=1.5), "`rows` must .*: rows=1.5"),
    ],
)
def test_bad_arguments(model, call, message):
    with pytest.raises(ValueError, match=message):
        call(model)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda m: m.sample_motion(1, labels=0),
            "must be None: no class goes .*input='frame'.. Received: labels=0",
        ),
        (
            lambda m: m.decode(np.zeros((1, 3)), np.zeros((1, 4, 2))),
            "`labels` must be integers from 0 to 1: .* Received: labels=None",
        ),
    ],
)
def test_bad_arguments_with_the_class_in_the_frames(frame_model, call, message):
    with pytest.raises(ValueError, match=message):
        call(frame_model)
