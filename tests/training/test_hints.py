"""What messages about videos and labels say to do, done: it leads to a right result."""

import keras
import numpy as np
import pytest
from testing import both_discriminators, labels_for, random_clips, tiny_model, to_float

from keras_mocogan.training import inputs
from keras_mocogan.training.inputs import ClipSpec

pytestmark = pytest.mark.once

SPEC = ClipSpec(image_size=32, channels=3, clip_frames=4, num_classes=2)
CLIPS = random_clips(6)
LABELS = labels_for(CLIPS)


def hint(check, *arguments):
    """The last part of the message with which a check refuses."""
    with pytest.raises(ValueError, match=r"must .*Received: .*\. ") as refusal:
        check(*arguments)
    return str(refusal.value).split("Received: ")[1].split(". ", 1)[1]


def obey(text, **names):
    """What the code in a hint makes, `part` counting its pieces."""
    return eval(text.split("`")[1], {"np": np, **names})


def video_hint(videos, spec=SPEC):
    return hint(inputs.check_videos, videos, spec)


def label_hint(labels, spec=SPEC):
    return hint(inputs.check_labels, labels, spec, len(CLIPS))


# === Shapes ===


@pytest.mark.parametrize("axis", [1, 2])
def test_channels_that_come_first_are_moved(axis):
    text = video_hint(np.moveaxis(random_clips(6, frames=5), -1, axis))
    assert f"if axis {axis} holds the channels" in text and "Resize" not in text
    moved = obey(text, videos=np.moveaxis(random_clips(6, frames=5), -1, axis))
    np.testing.assert_array_equal(moved, random_clips(6, frames=5))


def test_where_either_axis_may_hold_channels_both_are_told():
    text = video_hint(np.zeros((2, 4, 3, 32, 32), "uint8"))
    assert "(0, 2, 3, 4, 1))` if axis 1" in text
    assert "(0, 1, 3, 4, 2))` if axis 2" in text


def test_channels_first_are_moved_though_the_size_is_wrong_too():
    assert "(0, 1, 3, 4, 2)" in video_hint(np.zeros((2, 8, 3, 64, 64), "uint8"))


def test_one_clip_becomes_a_batch():
    text = video_hint(CLIPS[0])
    np.testing.assert_array_equal(obey(text, videos=CLIPS[0]), CLIPS[:1])


def test_gray_frames_get_their_axis():
    spec = SPEC._replace(channels=1)
    text = video_hint(CLIPS[..., 0], spec)
    np.testing.assert_array_equal(obey(text, videos=CLIPS[..., 0]), CLIPS[..., :1])


def test_pictures_become_clips_of_one_frame():
    spec = SPEC._replace(clip_frames=1)
    text = video_hint(CLIPS[:, 0], spec)
    np.testing.assert_array_equal(obey(text, images=CLIPS[:, 0]), CLIPS[:, :1])


@pytest.mark.parametrize("size", [48, 64, (32, 48), (64, 32)])
def test_a_model_of_another_size_takes_them(size):
    text = video_hint(random_clips(2, size=size))
    assert f"build the model with image_size={size}" in text
    videos = random_clips(2, size=size)
    inputs.check_videos(videos, tiny_model(image_size=size).clip_spec)


def test_frames_of_a_rectangular_model():
    spec = SPEC._replace(image_size=(32, 48))
    inputs.check_videos(random_clips(2, size=(32, 48)), spec)
    text = video_hint(random_clips(2, size=(48, 32)), spec)
    assert text.startswith("Crop or resize the frames to 32 by 48 pixels, or build")
    with pytest.raises(ValueError, match=r"shape \(batch, frames >= 4, 32, 48, 3\)"):
        inputs.check_videos(random_clips(2), spec)


def test_no_model_of_an_impossible_size_is_advised():
    for height, width in ((50, 50), (32, 40), (512, 512)):
        text = video_hint(np.zeros((1, 4, height, width, 3), "uint8"))
        assert text == "Crop or resize the frames to 32 by 32 pixels."


def test_a_model_of_other_channels_takes_them():
    gray = CLIPS[..., :1]
    assert "Build the model with channels=1" in video_hint(gray)
    inputs.check_videos(gray, tiny_model(channels=1).clip_spec)


def test_no_shorter_model_is_advised_than_there_is():
    assert video_hint(CLIPS[:, :3]) == "Pass clips of 4 or more frames."
    text = video_hint(CLIPS, SPEC._replace(clip_frames=16))
    assert "a clip_frames of at most 4" in text
    inputs.check_videos(CLIPS, tiny_model(clip_frames=4).clip_spec)


# === Types and ranges ===


def test_whole_numbers_become_uint8():
    assert "If they hold 0..255, cast them to uint8" in video_hint(
        CLIPS.astype("int32")
    )
    np.testing.assert_array_equal(CLIPS.astype("int32").astype("uint8"), CLIPS)


def test_true_becomes_white():
    text = video_hint(CLIPS > 127)
    assert text == "To make True white, cast them to uint8 and multiply by 255."
    assert set(np.unique((CLIPS > 127).astype("uint8") * 255)) == {0, 255}


def test_clips_of_different_lengths_are_no_array():
    clips = np.empty(2, object)
    clips[:] = [CLIPS[0], random_clips(1, frames=6)[0]]
    assert "The axes are" in video_hint(clips)
    text = hint(SPEC.check_videos, (2, 4, 32, 32, 3), "object")
    assert "cut all to one length" in text


@pytest.mark.parametrize("white", [255, 65535])
def test_scaled_videos_are_black_at_minus_one_and_white_at_one(white):
    videos = CLIPS.astype("float32") * (white / 255)
    scaled = obey(video_hint(videos), videos=videos, white=white)
    np.testing.assert_allclose(scaled, to_float(CLIPS), atol=1e-5)
    inputs.check_videos(scaled, SPEC)


def test_what_overshoots_is_cut_off():
    videos = to_float(CLIPS) * 1.05
    cut = obey(video_hint(videos), videos=videos)
    np.testing.assert_allclose(cut, to_float(CLIPS), atol=0.051)
    inputs.check_videos(cut, SPEC)


def test_normalized_videos_are_not_divided_by_127():
    text = video_hint((to_float(CLIPS) - 0.45) / 0.225)
    assert "Undo their normalization" in text and "`" not in text


def test_from_0_to_1_they_are_stretched():
    videos = (to_float(CLIPS) + 1) / 2
    with pytest.warns(UserWarning, match="If 0 is black") as warned:
        inputs.check_videos(videos, SPEC)
    stretched = obey(str(warned[0].message), videos=videos)
    np.testing.assert_allclose(stretched, to_float(CLIPS), atol=1e-6)


# === Labels ===


@pytest.mark.parametrize("dtype", ["int64", "uint8", "float32", "bool"])
def test_a_column_gives_its_labels(dtype):
    column = LABELS[:, None].astype(dtype)
    taken = obey(label_hint(column), labels=column)
    if dtype in ("float32", "bool"):
        assert "cast them to int32" in label_hint(column).lower()
        taken = taken.astype("int32")
    np.testing.assert_array_equal(taken, LABELS)
    inputs.check_labels(taken, SPEC, len(CLIPS))


@pytest.mark.parametrize("dtype", ["int32", "float32", "bool"])
def test_one_hot_labels_give_theirs(dtype):
    one_hot = np.eye(2)[LABELS].astype(dtype)
    np.testing.assert_array_equal(obey(label_hint(one_hot), labels=one_hot), LABELS)


@pytest.mark.parametrize("dtype", ["float64", "bool"])
def test_other_numbers_are_cast(dtype):
    text = label_hint(LABELS.astype(dtype))
    assert "ast them to int32" in text and "argmax" not in text
    np.testing.assert_array_equal(LABELS.astype(dtype).astype("int32"), LABELS)


@pytest.mark.parametrize("names", [np.array(["run", "walk"]), np.array(["0", "1"])])
@pytest.mark.parametrize("dtype", [str, object])
def test_names_are_numbered(names, dtype):
    labels = names[LABELS].astype(dtype)
    numbered = obey(label_hint(labels), labels=labels)
    np.testing.assert_array_equal(numbered, LABELS)
    inputs.check_labels(numbered, SPEC, len(CLIPS))


def test_lists_become_arrays():
    listed = LABELS.tolist()
    np.testing.assert_array_equal(obey(label_hint(listed), labels=listed), LABELS)


def test_numbers_from_1_or_of_more_classes():
    text = label_hint(LABELS + 1)
    assert text == (
        "If your classes are numbered from 1, subtract 1; otherwise build the model "
        "with num_classes=3 or more."
    )
    inputs.check_labels(LABELS, SPEC, len(CLIPS))
    inputs.check_labels(LABELS + 1, SPEC._replace(num_classes=3), len(CLIPS))


def test_no_class_of_minus_1_is_advised():
    assert label_hint(LABELS - 1).startswith("Leave out clips that belong to no class")


# === What `compile` says ===


@pytest.mark.parametrize("normalization", ["none", "spectral"])
def test_penalties_go_with_the_normalizations_that_are_named(normalization):
    with pytest.raises(ValueError, match=f"'normalization': .*{normalization}"):
        tiny_model().compile(r1_weight=1.0, gradient_penalty=1.0)
    model = tiny_model(**both_discriminators(normalization=normalization))
    model.compile(r1_weight=1.0, gradient_penalty=1.0)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "float32"])
def test_the_policies_that_are_named_compile(policy):
    with pytest.raises(ValueError, match=f"loss scale.*{policy}"):
        tiny_model(dtype="mixed_float16").compile()
    tiny_model(dtype=policy).compile()


@pytest.mark.parametrize("given", [{"optimizer": "adam"}, {"metrics": ["mae"]}, "adam"])
def test_optimizers_are_given_by_name_one_for_each_phase(given):
    model = tiny_model()
    with pytest.raises(ValueError, match="its arguments by name") as refusal:
        model.compile(**given) if isinstance(given, dict) else model.compile(given)
    names = [f"{phase.name}_optimizer" for phase in model.phases]
    assert f"{', '.join(names)}" in str(refusal.value) and len(names) == 3
    model.compile(**{name: "adam" for name in names})
    for phase in model.phases:
        member = model.optimizer[phase.name]
        assert type(member).__name__ == "Adam"
        np.testing.assert_allclose(
            keras.ops.convert_to_numpy(member.learning_rate), 1e-3
        )
    assert len({id(model.optimizer[phase.name]) for phase in model.phases}) == 3
