"""DiffAugment against NumPy, and what of it reaches discriminators and generator."""

import keras
import numpy as np
import pytest
from keras import ops
from testing import (
    EAGER,
    both_discriminators,
    labels_for,
    random_clips,
    tiny_image_gan,
    tiny_model,
    to_float,
)

from keras_mocogan import backend
from keras_mocogan.training import augmentation
from keras_mocogan.training.augmentation import color, cutout, translation
from keras_mocogan.training.rng import StepRandom

ALL = ["color", "translation", "cutout"]
RANDOM = np.random.default_rng(5)
SHAPES = [(3, 16, 16, 3), (3, 2, 16, 32, 3), (2, 2, 16, 16, 1), (2, 16, 16, 2)]
SHAPES += [(2, 3, 16, 16, 4)]
every_shape = pytest.mark.parametrize("shape", SHAPES)


def samples_of(shape):
    return RANDOM.uniform(-1, 1, shape).astype("float32")


def numbers(*values):
    return ops.convert_to_tensor(np.array(values, "float32"))


def pixels(*values):
    return ops.convert_to_tensor(np.array(values, "int32"))


def to_numpy(x):
    return ops.convert_to_numpy(x)


def changed(change, samples, *draws):
    return to_numpy(change(ops.convert_to_tensor(samples), *draws))


# === Given draws, beside NumPy ===


@every_shape
def test_draws_that_change_nothing(shape):
    samples = samples_of(shape)
    zeros, ones = np.zeros(shape[0]), np.ones(shape[0])
    same = changed(color, samples, numbers(*zeros), numbers(*ones), numbers(*ones))
    np.testing.assert_allclose(same, samples, atol=1e-6)
    same = changed(translation, samples, pixels(*zeros), pixels(*zeros))
    np.testing.assert_array_equal(same, samples)
    beside = pixels(*np.full(shape[0], -99))
    np.testing.assert_array_equal(changed(cutout, samples, beside, beside), samples)


@every_shape
def test_colors_by_their_formulas(shape):
    samples = samples_of(shape)
    draws = [RANDOM.uniform(low, 2, shape[0]) for low in (-1, 0, 0)]
    wanted = []
    for sample, brightness, saturation, contrast in zip(samples, *draws, strict=True):
        sample = sample + brightness
        if shape[-1] == 3:
            gray = sample.mean(-1, keepdims=True)
            sample = gray + saturation * (sample - gray)
        wanted.append(sample.mean() + contrast * (sample - sample.mean()))
    got = changed(color, samples, *(numbers(*draw) for draw in draws))
    np.testing.assert_allclose(got, wanted, atol=1e-5)


# Gray stays gray whatever the saturation, and one value one whatever the contrast.
def test_colors_by_hand():
    red = np.broadcast_to(np.array([0.9, 0.0, 0.0], "f4"), (1, 16, 16, 3))
    half = changed(color, red, numbers(0), numbers(0.5), numbers(1))
    np.testing.assert_allclose(half[0, 3, 3], [0.6, 0.15, 0.15], atol=1e-6)
    gray = np.full((1, 16, 16, 3), 0.25, "f4")
    same = changed(color, gray, numbers(0.5), numbers(2), numbers(1.5))
    np.testing.assert_allclose(same, 0.75, atol=1e-6)


@every_shape
def test_frames_move_and_repeat_their_edge(shape):
    samples = samples_of(shape)
    down, right = (RANDOM.integers(-4, 5, shape[0]) for _ in range(2))
    height, width = shape[-3:-1]
    wanted = []
    for sample, y, x in zip(samples, down, right, strict=True):
        padding = [(0, 0)] * (sample.ndim - 3) + [(4, 4), (4, 4), (0, 0)]
        larger = np.pad(sample, padding, mode="edge")
        rows, columns = (slice(4 - n, 4 - n + s) for n, s in ((y, height), (x, width)))
        wanted.append(larger[..., rows, columns, :])
    got = changed(translation, samples, pixels(*down), pixels(*right))
    np.testing.assert_array_equal(got, wanted)


@every_shape
def test_half_of_each_side_is_cut_out(shape):
    samples = samples_of(shape)
    top, left = (RANDOM.integers(-4, 13, shape[0]) for _ in range(2))
    height, width = shape[-3:-1]
    wanted = samples.copy()
    for sample, y, x in zip(wanted, top, left, strict=True):
        rows = slice(max(y, 0), max(y + height // 2, 0))
        columns = slice(max(x, 0), max(x + width // 2, 0))
        sample[..., rows, columns, :] = 0
    got = changed(cutout, samples, pixels(*top), pixels(*left))
    np.testing.assert_array_equal(got, wanted)
    assert (got != samples).any()


# All changes are linear in the samples, up to a constant: the gradient of <w, T(x)>
# times a step d is <w, T(x + d) - T(x)>.
@pytest.mark.parametrize(
    ("change", "draws"),
    [
        (color, (numbers(0.3, -0.2), numbers(0.5, 1.8), numbers(0.6, 1.4))),
        (translation, (pixels(2, -1), pixels(-2, 0))),
        (cutout, (pixels(-3, 5), pixels(4, 10))),
    ],
)
def test_gradients_pass_through(change, draws):
    x, d, w = (samples_of((2, 3, 16, 16, 3)) for _ in range(3))
    weights = ops.convert_to_tensor(w)
    gradient = backend.input_gradients(
        lambda samples: ops.sum(weights * change(samples, *draws)),
        ops.convert_to_tensor(x),
    )
    before, after = changed(change, x, *draws), changed(change, x + d, *draws)
    slope = (to_numpy(gradient).astype("f8") * d).sum()
    np.testing.assert_allclose(
        slope, (w.astype("f8") * (after - before)).sum(), rtol=1e-4
    )


# === Draws ===


def drawing(*names, seed=0):
    return augmentation.make(names, StepRandom(keras.random.SeedGenerator(seed)))


def test_all_frames_of_a_clip_share_a_draw_and_clips_do_not():
    frame = samples_of((1, 1, 32, 32, 3))
    clips = ops.convert_to_tensor(np.tile(frame, (8, 4, 1, 1, 1)))
    for name in ALL:
        got = to_numpy(drawing(name)(clips))
        np.testing.assert_allclose(got, np.broadcast_to(got[:, :1], got.shape), 1e-6)
        others = [np.abs(a - b).max() for a, b in zip(got[:-1], got[1:], strict=True)]
        assert max(others) > 0.1


@pytest.mark.once
def test_draws_go_as_far_as_the_paper_says():
    n, size = 4000, 16
    rows = np.arange(size, dtype="f4")[:, None, None]
    ramp = np.broadcast_to(rows, (n, size, size, 1))
    moved = to_numpy(drawing("translation")(ops.convert_to_tensor(ramp)))
    shifts, counts = np.unique(8 - moved[:, 8, 0, 0], return_counts=True)
    np.testing.assert_array_equal(shifts, [-2, -1, 0, 1, 2])
    assert counts.min() > n / 5 * 0.8
    ones = ops.convert_to_tensor(np.ones((n, size, size, 1), "f4"))
    lost = (to_numpy(drawing("cutout")(ones)) == 0).any(axis=2)[..., 0].sum(axis=1)
    # Half a side, less where the middle is near the edge: at 0 and at 16 a quarter.
    assert lost.min() == 4 and lost.max() == 8
    np.testing.assert_allclose((lost == 8).mean(), 9 / 17, atol=0.03)
    values = to_numpy(drawing("color")(ones))
    np.testing.assert_allclose([values.min(), values.max()], [0.5, 1.5], atol=0.01)


def test_draws_come_from_the_state_of_the_seed():
    clips = ops.convert_to_tensor(samples_of((2, 2, 32, 32, 3)))
    augment, twin = (drawing(*ALL, seed=4) for _ in range(2))
    first, second = to_numpy(augment(clips)), to_numpy(augment(clips))
    np.testing.assert_array_equal(first, to_numpy(twin(clips)))
    assert np.abs(first - second).max() > 0.1


# === In the step ===


@pytest.fixture(scope="module")
def model():
    """Its generated clips are the real ones, so that they differ by draws alone."""
    model = tiny_model(image_frames=2, **both_discriminators(normalization="none"))
    model.compile(loss="relativistic_pairing", augmentation=ALL, run_eagerly=EAGER)
    return model


@pytest.fixture
def clips():
    frame = to_float(random_clips(1, 1))
    return np.tile(frame, (2, 4, 1, 1, 1))


def fake_as(model, clips, monkeypatch):
    generated = model.generate_clips(2, True)._replace(
        clips=ops.convert_to_tensor(clips)
    )
    monkeypatch.setattr(model, "generate_clips", lambda n, training, images: generated)


def distances(clips):
    """Of each row to the first."""
    return [np.abs(to_numpy(clips[0] - other)).max() for other in clips]


def test_every_judged_sample_has_a_draw_of_its_own(model, clips, monkeypatch):
    fake_as(model, clips, monkeypatch)
    batch = model._make_batch((clips, labels_for(clips), None), training=True)
    for real, fake in (
        (batch.real_clips, batch.fake_clips),
        (batch.real_frames, batch.fake_frames),
    ):
        together = ops.concatenate([real, fake])
        assert min(distances(together)[1:]) > 0.1
    assert batch.real_frames.shape[0] == 4


def test_the_generator_is_judged_by_changed_clips_beside_the_same_real_ones(
    model, clips, monkeypatch
):
    fake_as(model, clips, monkeypatch)
    batch = model._make_batch((clips, labels_for(clips), None), training=True)
    seen = []

    def generator_loss(image_discriminator, video_discriminator, batch, training):
        seen.append(batch)
        return 0.0, {}

    monkeypatch.setattr(model.objective, "generator_loss", generator_loss)
    model.phases[-1].loss(batch, training=True)
    assert seen[0].real_clips is batch.real_clips
    assert seen[0].real_frames is batch.real_frames
    for before, after in (
        (batch.fake_clips, seen[0].fake_clips),
        (batch.fake_frames, seen[0].fake_frames),
    ):
        assert min(distances(ops.concatenate([before[:1], after]))[1:]) > 0.1


def test_evaluation_changes_nothing(model, clips, monkeypatch):
    fake_as(model, clips, monkeypatch)
    batch = model._make_batch((clips, labels_for(clips), None), training=False)
    for samples in (batch.real_clips, batch.fake_clips):
        np.testing.assert_array_equal(to_numpy(samples), clips)


def test_a_model_trains_with_it(model):
    videos = random_clips()
    logs = model.train_on_batch(videos, labels_for(videos), return_dict=True)
    assert all(np.isfinite(value) for value in logs.values())


@pytest.mark.once
def test_it_is_restored(model, tmp_path):
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.get_compile_config()["augmentation"] == ALL
    clips = ops.convert_to_tensor(to_float(random_clips()))
    np.testing.assert_array_equal(
        to_numpy(loaded.augmentation(clips)), to_numpy(model.augmentation(clips))
    )


@pytest.mark.once
def test_without_a_video_discriminator_frames_alone_are_changed():
    model = tiny_image_gan(image_discriminator={"normalization": "none"})
    model.compile(augmentation=["color"])
    pictures = to_float(random_clips(2, 1))
    batch = model._make_batch((pictures, None, None), training=True)
    np.testing.assert_array_equal(to_numpy(batch.real_clips), pictures)
    assert np.abs(to_numpy(batch.real_frames) - pictures[:, 0]).max() > 0.01


@pytest.mark.once
@pytest.mark.parametrize("names", ["color", ["colour"], [["color"]], 3])
def test_unknown_names(names):
    with pytest.raises(ValueError, match="'color', 'translation', 'cutout'.* Received"):
        tiny_model().compile(augmentation=names)


@pytest.mark.once
@pytest.mark.parametrize("names", [None, [], ()])
def test_none_at_all(names):
    model = tiny_model()
    model.compile(augmentation=names)
    assert model.augmentation is None
