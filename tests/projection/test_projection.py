"""`km.project` and `km.swap`: clips of a model are found again, on every backend."""

import keras
import numpy as np
import pytest
from keras import ops
from testing import enliven, random_clips, tiny_model, tiny_vgan, to_float

import keras_mocogan as km
from keras_mocogan.projection import distance
from keras_mocogan.projection.reading import Reading, read
from keras_mocogan.projection.stages import Stages
from keras_mocogan.projection.starts import draw_starts

SEED, STEPS, STARTS = 3, 80, 4
QUIET = {"seed": SEED, "starts": STARTS, "verbose": 0}
PIXELS = {"prior_weight": 0.0, "feature_networks": [], "feature_weight": 0.0}
# A search whose steps are so small that it stays where it began.
TAKEN = {"starts": 1, "learning_rate": 1e-30, "verbose": 0}


@pytest.fixture(scope="module")
def model():
    model = tiny_model()
    enliven(model)
    return model


@pytest.fixture(scope="module")
def clips(model):
    """Two clips of the model itself, of which it has each pixel."""
    return model.generate(2, labels=1, seed=0)


@pytest.fixture(scope="module")
def found(model, clips):
    before = weights_of(model)
    result = km.project(model, clips, steps=STEPS, **QUIET)
    for old, new in zip(before, weights_of(model), strict=True):
        np.testing.assert_array_equal(old, new)
    return result


def weights_of(model):
    return [ops.convert_to_numpy(v.value) for v in model.variables]


def at_random(model, clips):
    """Mean distance to each clip of other clips of the model, as a start has it."""
    others = model.generate(8, seed=17).astype(float)
    return abs(others[None] - clips[:, None]).mean(axis=(1, 2, 3, 4, 5))


def test_clips_of_the_model_are_found_again(model, clips, found):
    assert (found.distances.mean(axis=1) < 0.4 * at_random(model, clips)).all()
    again = model.generate(2, content=found.content, motion=found.motion)
    np.testing.assert_array_equal(found.videos, again)
    wanted = abs(found.videos.astype(int) - clips).mean(axis=(2, 3, 4))
    np.testing.assert_allclose(found.distances, wanted, rtol=1e-4)


def test_what_is_returned_has_shapes_and_types(found):
    shapes = {name: x.shape for name, x in found._asdict().items()}
    assert shapes == {
        "content": (2, 3),
        "motion": (2, 4, 2),
        "labels": (2,),
        "videos": (2, 4, 32, 32, 3),
        "distances": (2, 4),
    }
    types = [x.dtype.name for x in found]
    assert types == ["float32", "float32", "int32", "uint8", "float32"]


def test_contents_and_motions_are_swapped(model, found):
    swapped = km.swap(model, found)
    assert swapped.shape == (2, 2, 4, 32, 32, 3)
    np.testing.assert_array_equal(swapped[[0, 1], [0, 1]], found.videos)
    # A row has one motion, a column one content.
    other = model.generate(1, content=found.content[:1], motion=found.motion[1:])
    assert abs(swapped[1, 0].astype(int) - other[0]).max() <= 1


# === Choices: with an R_M that is compiled in no time ===


def quick_model(**arguments):
    """A model whose R_M adds noise, state and four times the class's code."""
    inputs = {
        "noise": keras.Input((None, 2), name="noise"),
        "state": keras.Input((2,), name="state"),
    }
    held = inputs["state"]
    if arguments.get("category_input") != "frame":
        inputs["category"] = keras.Input((2,), name="category")
        held = keras.layers.Lambda(lambda x: x[0] + 4 * x[1], output_shape=(2,))(
            [held, inputs["category"]]
        )
    path = keras.layers.Lambda(
        lambda x: 0.1 * x[0] + x[1][:, None], output_shape=(None, 2)
    )([inputs["noise"], held])
    model = tiny_model(motion_generator=keras.Model(inputs, path), **arguments)
    enliven(model)
    return model


@pytest.fixture(scope="module")
def quick():
    return quick_model()


@pytest.mark.slow
def test_features_of_the_discriminators_are_compared(quick, clips):
    options = QUIET | {"steps": 4, "starts": 1, "motion": "reachable"}
    found = km.project(quick, clips, feature_weight=1.0, **options)
    without = km.project(quick, clips, **options)
    assert abs(found.content - without.content).max() > 1e-3
    networks = distance.feature_networks(quick)
    assert len(networks) == 2
    x = to_float(clips)
    same = distance.feature_distance(networks, x, x)
    np.testing.assert_allclose(ops.convert_to_numpy(same), 0, atol=1e-6)


@pytest.mark.once
def test_the_class_of_motion_is_chosen(quick):
    clips = quick.generate(2, labels=[0, 1], seed=0)
    found = km.project(quick, clips, steps=40, motion="reachable", **QUIET)
    np.testing.assert_array_equal(found.labels, [0, 1])
    # Noise and state would have to be far from what is drawn to undo the class.
    np.testing.assert_array_equal(found.motion.mean(axis=1).argmax(axis=1), [0, 1])


@pytest.mark.once
def test_a_class_of_frames_goes_with_the_motion():
    model = quick_model(category_input="frame")
    clips = model.generate(2, labels=[1, 0], seed=0)
    found = km.project(model, clips, steps=8, starts=1, verbose=0)  # two: classes
    assert set(found.labels) <= {0, 1}
    given = {"content": found.content, "motion": found.motion}
    again = model.generate(2, labels=found.labels, **given)
    np.testing.assert_array_equal(found.videos, again)
    found = found._replace(labels=np.array([0, 1]))
    wanted = model.generate(
        1, labels=1, content=found.content[:1], motion=found.motion[1:]
    )
    assert abs(km.swap(model, found)[1, 0].astype(int) - wanted[0]).max() <= 1


@pytest.mark.once
def test_the_prior_draws_the_content_to_zero(quick, clips):
    options = QUIET | {"steps": 16, "starts": 1, "motion": "reachable"}
    weak, strong = (
        km.project(quick, clips, labels=[1, 0], prior_weight=weight, **options)
        for weight in (0.0, 100.0)
    )
    np.testing.assert_array_equal(weak.labels, [1, 0])  # as they were given
    assert np.square(strong.content).mean() < 0.5 * np.square(weak.content).mean()


@pytest.mark.once
def test_a_clip_does_not_depend_on_its_batch(quick):
    clips = quick.generate(3, seed=0)
    options = QUIET | {"steps": 8, "starts": 1, "labels": 0, "motion": "reachable"}
    together = km.project(quick, clips, **options)
    apart = km.project(quick, clips, batch_size=2, **options)  # the last is filled up
    np.testing.assert_allclose(together.content, apart.content, atol=0.02)
    assert apart.videos.shape == clips.shape


@pytest.mark.once
def test_searches_start_from_the_encoder():
    model = quick_model(image_encoder={"filters": 2})
    images = random_clips(2)[:, 0]
    starts = draw_starts(
        model, (2, 3, 4), None, SEED, read(model, random_clips(2), batch_size=2)
    )
    wanted = np.repeat(model.encode(images)[:, None], 3, axis=1)
    np.testing.assert_array_equal(starts.latents["content"], wanted)
    noise = starts.latents["noise"]
    assert noise.shape == (2, 3, 4, 2) and abs(noise[:, 0] - noise[:, 1]).max() > 0.1
    found = km.project(
        model, random_clips(2), steps=4, labels=0, motion="reachable", **TAKEN
    )
    np.testing.assert_array_equal(found.content, model.encode(images))


def reading_model():
    """A model whose D_I reads the mean color of two frames as the content, and whose Q
    reads the first channel's mean in class 1, with 20 to make it sure."""
    frames = keras.Input((2, 32, 32, 3), name="pair")
    color = keras.ops.mean(frames, axis=(1, 2, 3))
    judge = keras.Model(frames, {"logits": color[:, :1], "content": color})
    clips = keras.Input((4, 32, 32, 3), name="clips")
    red = 20 * keras.ops.mean(clips, axis=(1, 2, 3))[:, :1]
    scores = {
        "logits": red,
        "category_logits": keras.ops.concatenate([0 * red, red], axis=1),
    }
    return quick_model(
        image_discriminator=judge, video_discriminator=keras.Model(clips, scores)
    )


@pytest.mark.once
def test_contents_and_classes_are_read_by_the_discriminators():
    model = reading_model()
    red, gray, blue = [0.5, -0.5, 0.0], [0.01, 0.0, 0.0], [-0.5, 0.0, 0.5]
    clips = np.zeros((3, 6, 32, 32, 3), "float32") + np.array(
        [red, gray, blue], "float32"
    ).reshape(3, 1, 1, 1, 3)
    clips[0, :3] *= 0.5  # the mean over all frames, not that of one pair
    found = read(model, clips, batch_size=2)
    np.testing.assert_allclose(found.contents[0], np.multiply(0.75, red), atol=1e-6)
    np.testing.assert_allclose(found.contents[1:], [gray, blue], atol=1e-6)
    # Two windows, frames 0 to 3 and 2 to 5; in each, one class against a logit of 0.
    reds = 20 * 0.5 * np.array([(0.5 * 3 + 1) / 4, (0.5 + 3) / 4])
    wanted = np.mean(1 / (1 + np.exp(-reds)))
    np.testing.assert_allclose(found.classes[0], [1 - wanted, wanted], atol=1e-6)
    likely = [list(map(int, some)) for some in found.likely(3, 2)]
    assert likely == [[1], [1, 0], [0]]
    starts = draw_starts(model, (3, 3, 6), None, SEED, found)
    np.testing.assert_array_equal(starts.labels, [[1] * 3, [1, 0, 1], [0] * 3])
    np.testing.assert_array_equal(
        starts.latents["content"], np.repeat(found.contents[:, None], 3, axis=1)
    )


@pytest.mark.once
def test_nothing_is_read_by_networks_that_were_not_trained():
    model = reading_model()
    short = read(model, random_clips(2)[:, :3], batch_size=2)
    assert short.classes is None and short.contents is not None
    assert [list(some) for some in short.likely(1, 3)] == [[0, 1, 2]]
    model.untrained_slots = ("image_discriminator", "video_discriminator")
    assert read(model, random_clips(2), batch_size=2) == Reading(None, None)


@pytest.fixture(scope="module")
def read_clips():
    """A model that reads contents, clips of it, and five starts of each clip."""
    model = reading_model()
    clips = model.generate(2, labels=[0, 1], seed=0)
    reading = read(model, clips, 2)
    starts = draw_starts(model, (2, 5, 4), np.array([0, 1]), SEED, reading)
    return model, clips, starts


def paths_and_errors(model, clip, starts, i):
    """The paths of one clip's starts, and their distances, computed by NumPy."""
    noise, state = starts.latents["noise"][i], starts.latents["state"][i]
    paths = 0.1 * noise + state[:, None]
    paths[..., i] += 4  # the class
    drawn = model.decode(starts.latents["content"][i], paths)
    parts = [[pooled(x - clip, side) for side in distance.SCALES] for x in drawn]
    return paths, np.mean([[abs(x).mean() for x in levels] for levels in parts], 1)


def test_starts_are_compared_at_all_scales(read_clips):
    model, clips, starts = read_clips
    stages = Stages(model, (1, 5, 4), "reachable", 4, 0.1, follow=False, **PIXELS)
    given = {name: x[1] for name, x in starts.latents.items()}
    found = stages.compare(given, starts.labels[1], clips[1:].repeat(5, axis=0))
    _, wanted = paths_and_errors(model, to_float(clips)[1], starts, 1)
    np.testing.assert_allclose(found, wanted, rtol=1e-4)


@pytest.mark.once
def test_searches_begin_at_the_nearest_start(read_clips):
    model, clips, starts = read_clips
    options = TAKEN | {"starts": 5, "labels": [0, 1], "seed": SEED}
    found = km.project(model, clips, steps=4, motion="reachable", **options)
    for i, clip in enumerate(to_float(clips)):
        paths, errors = paths_and_errors(model, clip, starts, i)
        np.testing.assert_allclose(found.motion[i], paths[errors.argmin()], atol=1e-5)
        np.testing.assert_allclose(found.content[i], starts.latents["content"][i, 0])


def pooled(frames, side):
    n, height, width, channels = frames.shape
    split = (n, height // side, side, width // side, side, channels)
    return frames.reshape(split).mean(axis=(2, 4))


@pytest.mark.once
def test_pairs_of_frames_and_long_clips_have_features():
    model = tiny_model(image_discriminator={"frames": 2}, num_classes=0)
    long = to_float(random_clips(2, frames=6))
    networks = distance.feature_networks(model)
    gray = np.zeros_like(long)
    far = ops.convert_to_numpy(distance.feature_distance(networks, long, gray + 0.5))
    assert far.shape == (2,) and (far > 0).all()


def test_pixels_are_compared_at_all_scales():
    clips = np.zeros((2, 1, 32, 32, 1), "float32")
    targets = clips.copy()
    targets[0] = 1.0  # everywhere: 1 at each scale
    targets[1, :, ::2] = 1.0
    targets[1, :, 1::2] = -1.0  # stripes: 1 at full size, 0 once they are pooled
    found = ops.convert_to_numpy(distance.pixel_distance(clips, targets))
    np.testing.assert_allclose(found, [1.0, 1 / 5], atol=1e-6)


# === Errors ===


@pytest.mark.once
def test_misfits_are_refused(model, clips):
    def refused(message, clips=clips, of=model, **options):
        with pytest.raises(ValueError, match=message):
            km.project(of, clips, **options)

    refused("Received: shape .2, 4, 48, 48, 3.", random_clips(2, 4, 48))
    refused("Received: .*dtype int32", clips.astype("int32"))
    refused("There must be at least one video", clips[:0])
    refused("`labels` must be from 0 to 1", labels=2)
    refused("`labels` must be one integer", labels=[0, 1, 0])
    refused("`motion` must be one of 'free', 'reachable'", motion="loose")
    refused("`steps` must be an integer of at least 4", steps=3)
    refused("`starts` must be an integer of at least 1", starts=0)
    refused("`learning_rate` must be a finite number, above 0", learning_rate=0.0)
    for rate in ("fast", None):
        refused("`learning_rate` must be a finite .* Received: ", learning_rate=rate)
    refused("`prior_weight` must be a finite number, 0 or more", prior_weight=-1.0)
    refused("frames >= 4", clips[:, :2], feature_weight=1.0)
    refused("`model` must be a `MoCoGAN`", of=tiny_vgan())
    refused("`labels` must be None", of=tiny_model(num_classes=0), labels=1)


@pytest.mark.once
def test_features_of_unknown_discriminators_are_refused(clips):
    frames = keras.Input((32, 32, 3))
    judge = keras.Model(frames, keras.layers.Dense(1)(frames))
    model = tiny_model(image_discriminator=judge)
    with pytest.raises(ValueError, match="`feature_weight` must be 0 unless"):
        km.project(model, clips, feature_weight=1.0)
    model = tiny_model()
    model.untrained_slots = ("video_discriminator",)
    with pytest.raises(ValueError, match="a model whose video_discriminator came with"):
        km.project(model, clips, feature_weight=1.0)
