"""What `fit`, `evaluate`, `compile` and the constructor refuse, and in what words."""

import keras
import numpy as np
import pytest
from testing import (
    BATCH,
    assert_identical,
    both_discriminators,
    labels_for,
    random_clips,
    snapshot,
    tiny_model,
    to_float,
)

import keras_mocogan as km

CLIPS = random_clips()
LABELS = labels_for(CLIPS)


@pytest.fixture(scope="module")
def model():
    model = tiny_model()
    model.compile()
    return model


def with_value(value):
    """Float videos of which one number, the last, is off."""
    videos = to_float(CLIPS)
    videos[-1, -1, -1, -1, -1] = value
    return videos


class BadVideos(keras.utils.PyDataset):
    def __len__(self):
        return 1

    def __getitem__(self, index):
        return random_clips(frames=3), LABELS


BAD_VIDEOS = {
    "rank": (CLIPS[0], r"Received: shape \(4, 32, 32, 3\), .*`videos\[None\]`"),
    "dtype": (CLIPS.astype("int32"), "dtype int32.*hold 0..255, cast them to uint8"),
    "bool": (CLIPS > 0, "dtype bool.*multiply by 255"),
    "0..255": (
        CLIPS.astype("float32"),
        r"in \[0, 255\].*`videos \* \(2 / white\) - 1`",
    ),
    "one too bright": (with_value(1.5), r", 1.5\]\. Undo their normalization"),
    "NaN": (with_value(np.nan), "must be finite"),
    "inf": (with_value(-np.inf), "must be finite"),
    "short": (random_clips(frames=3), r"shape \(2, 3, .*Pass clips of 4 or more"),
    "size": (random_clips(size=48), r"shape \(2, 4, 48, 48, 3\).*image_size=48"),
    "one side": (random_clips(size=(32, 64)), r"by 32 pixels.*image_size=\(32, 64\)"),
    "channels": (random_clips(channels=1), r"\(2, 4, 32, 32, 1\).*channels=1"),
    "channels first": (
        CLIPS.transpose(0, 1, 4, 2, 3),
        r"\(2, 4, 3, 32, 32\).*`np.transpose\(videos, \(0, 1, 3, 4, 2\)\)`",
    ),
    "dataset": (BadVideos(), r"shape \(2, 3, .*Pass clips of 4 or more"),
    "list of clips": ([CLIPS[0]], r"Received: a list.*np\.stack"),
    "no clips": (CLIPS[:0], r"at least one video.*\(0, 4, 32, 32, 3\)"),
    "empty generator": (iter(()), "must be a batch"),
    "no data": (3, "Videos must come as one array.*Received: a int"),
    "nothing": (None, "Received: a NoneType"),
}
BAD_LABELS = {
    "too high": (LABELS + 1, "must be 0 to 1. Received: label 2"),
    "negative": (LABELS - 1, "Received: label -1"),
    "fewer": (LABELS[:1], "Received: 1 labels for 2 videos"),
    "one-hot": (np.eye(2, dtype=int), r"shape \(2, 2\).*argmax"),
    "column": (LABELS[:, None], r"shape \(2, 1\).*`labels\[:, 0\]`"),
    "float": (np.zeros(2), "dtype float64. .*cast them to int32"),
    "bool": (LABELS > 0, "dtype bool. Cast them to int32"),
    "names": (np.array(["run", "walk"]), r"np\.unique\(labels"),
    "list": ([0, 1], r"Received: a list.*np\.asarray"),
}
BAD_DATA = {name: ((x,), "x", message) for name, (x, message) in BAD_VIDEOS.items()} | {
    f"labels: {name}": ((CLIPS, y), "y", message)
    for name, (y, message) in BAD_LABELS.items()
}


@pytest.mark.parametrize(
    ("data", "argument", "message"), BAD_DATA.values(), ids=BAD_DATA
)
def test_fit_and_evaluate_refuse_before_any_weight_moves(
    model, data, argument, message
):
    before = snapshot(model)
    for method in (model.fit, model.evaluate):
        with pytest.raises(ValueError, match=rf"(?s)^`{argument}`: .*{message}"):
            method(*data, verbose=0)
    assert_identical(before, snapshot(model))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ((random_clips(frames=3), LABELS), "Pass clips of 4"),
        ((CLIPS, LABELS + 1), "Received: label 2"),
        (BadVideos(), "Pass clips of 4"),
    ],
    ids=["short", "label", "dataset"],
)
def test_validation_data_is_checked_before_training(model, data, message):
    before = snapshot(model)
    with pytest.raises(ValueError, match=f"(?s)^`validation_data`: .*{message}"):
        model.fit(CLIPS, LABELS, validation_data=data, verbose=0)
    assert_identical(before, snapshot(model))


@pytest.mark.parametrize(
    "weights", [{"sample_weight": np.ones(BATCH)}, {"class_weight": {0: 1.0, 1: 2.0}}]
)
def test_weights_of_samples_are_refused(model, weights):
    (name,) = weights
    with pytest.raises(ValueError, match=f"cannot be weighted. Received: {name}"):
        model.fit(CLIPS, LABELS, **weights)


def test_labels_need_classes():
    model = tiny_model(num_classes=0)
    model.compile()
    before = snapshot(model)
    with pytest.raises(
        ValueError, match="^`y`: A model with num_classes=0 takes no labels"
    ):
        model.fit(CLIPS, LABELS, verbose=0)
    assert_identical(before, snapshot(model))


@pytest.mark.filterwarnings("error:All values of the float videos")
def test_float_videos_that_look_like_0_to_1_give_a_warning(model):
    with pytest.raises(UserWarning, match=r"If 0 is black.*`videos \* 2 - 1`"):
        model.fit((to_float(CLIPS) + 1) / 2, LABELS, verbose=0)


@pytest.mark.parametrize(
    ("videos", "message"),
    [
        (random_clips(frames=3), "Pass clips of 4"),
        (CLIPS[0], r"shape \(4, 32, 32, 3\)"),
    ],
)
def test_scoring_refuses_too(model, videos, message):
    with pytest.raises(ValueError, match=message):
        model(videos)


# === compile ===


def test_compile_refuses_an_unknown_loss(model):
    said = "`loss` must be .*'hinge'.*Received: loss='mse'"
    with pytest.raises(ValueError, match=said):
        tiny_model().compile(loss="mse")


def test_compile_refuses_one_optimizer_for_two_phases():
    adam = keras.optimizers.Adam()
    message = "the same Adam .* phases 'image_discriminator' and 'generator'. Give each"
    with pytest.raises(ValueError, match=message):
        tiny_model().compile(
            generator_optimizer=adam, image_discriminator_optimizer=adam
        )


def test_compile_refuses_an_optimizer_without_its_network():
    model = tiny_model(image_discriminator=False)
    said = "has no image discriminator. Received: a .*Adam. Leave it out"
    with pytest.raises(ValueError, match=said):
        model.compile(image_discriminator_optimizer=keras.optimizers.Adam())


@pytest.mark.once
@pytest.mark.parametrize("policy", ["float16", "mixed_float16"])
def test_compile_refuses_float16(policy):
    model = tiny_model(dtype=policy)
    said = f"Received: .*'{policy}', which needs a loss scale.*'mixed_bfloat16'"
    with pytest.raises(ValueError, match=said):
        model.compile()


# === The constructor ===


@pytest.mark.once
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"num_frames": 3}, "at least clip_frames=4: .* Received: num_frames=3"),
        ({"num_frames": 4.0}, "Received: num_frames=4.0"),
        ({"clip_frames": 3}, "at least 4. Received: clip_frames=3"),
        ({"image_size": 50}, "multiple of 16 .* Received: image_size=50"),
        ({"image_size": (32, 50)}, r"multiple of 16 .* Received: .*=\(32, 50\)"),
        ({"image_size": (32, 48, 3)}, r"a pair of them, \(height, width\). Received"),
        ({"image_size": None}, "a pair of them, .* Received: image_size=None"),
        ({"channels": 5}, "Received: channels=5"),
        ({"content_dim": 0}, "Received: content_dim=0"),
        ({"motion_dim": 0}, "Received: motion_dim=0"),
        ({"noise_dim": 0}, "Received: noise_dim=0"),
        ({"num_classes": -1}, "Received: num_classes=-1"),
        (
            {"category_input": "content"},
            "must be 'motion' .* or 'frame' .* Received: category_input='content'",
        ),
        ({"image_generator": {"normalization": "none"}}, "`normalization` must be"),
        (
            {"image_generator": {"palette_size": 2}},
            "Received: palette_size=2, modulation_dim=0",
        ),
        ({"image_generator": {"style": 2}}, "`image_generator` must hold .* style"),
        (
            {"image_discriminator": {"instance_noise": -1.0}},
            "Received: instance_noise=-1.0",
        ),
        ({"image_discriminator": {"variant": "big"}}, "Received: variant='big'"),
        ({"video_discriminator": {"levels": 2}}, "Received: levels=2"),
        ({"image_generator": {"filters": 0}}, "Received: filters=0"),
        ({"motion_generator": 3}, "`motion_generator` must be None, .* Received: 3"),
    ],
)
def test_constructor_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        tiny_model(**arguments)


@pytest.mark.once
def test_defaults_are_the_papers():
    model = km.MoCoGAN(image_generator={"filters": 1}, **both_discriminators(filters=1))
    config = model.get_config()
    paper = {"image_size": 64, "clip_frames": 16, "content_dim": 50, "motion_dim": 10}
    assert paper.items() <= config.items()
    assert model.num_frames == 16 and model.noise_dim == 10
