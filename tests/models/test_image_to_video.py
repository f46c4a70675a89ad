"""An encoder of first frames: contents from images, and what training makes of it."""

import keras
import numpy as np
import pytest
from keras import ops
from testing import (
    EAGER,
    assert_identical,
    labels_for,
    random_clips,
    tiny_model,
    tiny_vgan,
    to_float,
    values,
)

import keras_mocogan as km
from keras_mocogan import backend
from keras_mocogan.sampling.first_frames import contents_like
from keras_mocogan.training import losses
from keras_mocogan.training.step_clips import RealFakeBatch

WIDE, N = (32, 48), 4
STEPS = 6


def encoding_model(**arguments):
    return tiny_model(image_encoder={"filters": 2}, image_size=WIDE, **arguments)


def colored_clips():
    """Clips that are red or blue."""
    colors = np.array([[250, 20, 20], [20, 20, 250]] * 2)
    frames = np.broadcast_to(colors[:, None, None, None], (N, 4, *WIDE, 3))
    return frames.astype("uint8")


def number(x):
    return float(ops.convert_to_numpy(x))


def tensors(**arrays):
    return {name: ops.convert_to_tensor(x) for name, x in arrays.items()}


@pytest.fixture(scope="module")
def trained():
    """A model that has seen red and blue clips, and its errors step by step."""
    model = encoding_model()
    adam = keras.optimizers.Adam(0.02, beta_1=0.5)
    model.compile(generator_optimizer=adam, run_eagerly=EAGER)
    clips = colored_clips()
    logs = model.fit(
        clips, labels_for(clips), batch_size=N, epochs=STEPS, shuffle=False, verbose=0
    )
    return model, logs.history["reconstruction_error"]


# === Training ===


def test_reconstruction_falls(trained):
    _, errors = trained
    assert len(errors) == STEPS and np.mean(errors[-2:]) < 0.9 * errors[0]


@pytest.mark.once
def test_generator_loses_by_the_distance_of_first_frames():
    model = tiny_model(seed=0, image_encoder={"filters": 2})
    model.compile(reconstruction_weight=3.0)
    clips = to_float(random_clips())
    batch = RealFakeBatch(
        None, None, None, **tensors(fake_clips=clips, fake_frames=clips[:, 0])
    )
    # Of 2 x 32 x 32 x 3 values a quarter is wrong by 2, and as many by 0.5.
    images = np.full((2, 32, 32, 3), -1.0, "float32")
    reconstructed = images.copy()
    reconstructed[0, :16] = 1.0
    reconstructed[1, 16:] = -0.5
    told = batch._replace(**tensors(images=images, reconstructed=reconstructed))
    networks = model.image_discriminator, model.video_discriminator
    (with_it, metrics), (without, _) = (
        model.objective.generator_loss(*networks, x, training=False)
        for x in (told, batch)
    )
    np.testing.assert_allclose(number(metrics["reconstruction_error"]), 0.625)
    np.testing.assert_allclose(number(with_it - without), 3 * 0.625, rtol=1e-5)
    error = losses.reconstruction_error(images, reconstructed)
    np.testing.assert_allclose(number(error), 0.625)


@pytest.mark.once
@pytest.mark.parametrize("num_frames", [4, 6])
def test_generated_clips_have_the_contents_of_images(num_frames, monkeypatch):
    model = encoding_model(num_frames=num_frames)
    random = np.random.default_rng(0)
    path = {
        "noise": random.normal(size=(2, num_frames, 2)).astype("float32"),
        "state": random.normal(size=(2, 2)).astype("float32"),
        "category": np.eye(2, dtype="float32"),
    }
    monkeypatch.setattr(model, "draw_latents", lambda n: ({}, tensors(**path), None))
    late = slice(num_frames - 4, None)  # the last window, which is judged
    monkeypatch.setattr(model.rng, "window", lambda x, length: x[:, late])
    images = to_float(random_clips(size=WIDE)[:, 0])
    made = model.generate_clips(2, False, ops.convert_to_tensor(images))
    content = model.encode(images)
    wanted = model.decode(content, model.motion_generator.predict_on_batch(path))
    found = {
        k: ops.convert_to_numpy(v) for k, v in made._asdict().items() if v is not None
    }
    np.testing.assert_allclose(found["contents"], content, atol=1e-5)
    np.testing.assert_allclose(found["clips"], wanted[:, late], atol=1e-5)
    np.testing.assert_allclose(found["reconstructed"], wanted[:, 0], atol=1e-5)


def test_no_content_is_drawn_and_labels_are():
    codes, path, labels = encoding_model().draw_latents(2)
    assert codes == {} and set(path) == {"noise", "state", "category"}
    assert tuple(labels.shape) == (2,)


def test_each_phase_moves_its_own_networks(trained):
    """The encoder learns with the generators, and no discriminator with it."""
    model, _ = trained
    clips = colored_clips()
    rates = {p.name: model.optimizer[p.name].learning_rate for p in model.phases}
    before = dict(zip(rates, values(rates.values()), strict=True))

    def moved(*phases):
        for name, rate in rates.items():
            rate.assign(0.01 if name in phases else 0.0)
        old = {n.name: values(n.trainable_variables) for n in model.networks()}
        model.train_on_batch(clips, labels_for(clips))
        return {
            network.name
            for network in model.networks()
            for a, b in zip(
                old[network.name], values(network.trainable_variables), strict=True
            )
            if (a != b).any()
        }

    generators = {"motion_generator", "image_generator", "image_encoder"}
    assert moved("generator") == generators
    judges = {"image_discriminator", "video_discriminator"}
    assert moved(*judges) == judges
    for name, rate in rates.items():
        rate.assign(before[name])


@pytest.mark.skipif(not EAGER, reason="JAX compiles this for a minute")
def test_reconstruction_alone_moves_all_that_generate():
    model = encoding_model()
    model.compile()
    images = ops.convert_to_tensor(to_float(random_clips(size=WIDE)[:, 0]))

    def loss():
        made = model.generate_clips(2, True, images)
        recovered = ops.sum(made.contents)  # the term of D_I: contents stay constants
        return recovered + losses.reconstruction_error(images, made.reconstructed), {}

    def contents_only():
        made = model.generate_clips(2, True, images)
        return ops.sum(made.contents) + 0.0 * ops.sum(made.reconstructed), {}

    for network in model.generating_networks():
        variables = network.trainable_variables
        _, gradients = backend.value_and_gradients(model, loss, variables)
        sizes = [number(ops.max(ops.abs(g))) for g in gradients]
        assert max(sizes) > 0, network.name
    _, gradients = backend.value_and_gradients(model, contents_only, variables)
    assert max(number(ops.max(ops.abs(g))) for g in gradients) == 0


# === Files ===


def state(model):
    """What files keep."""
    return values(
        [*model.weights, model.seed_generator.state, *model.optimizer.variables]
    )


def test_a_saved_run_goes_on_as_if_it_had_not_stopped(trained, tmp_path):
    model, _ = trained
    path = tmp_path / "model.keras"
    model.save(path)
    loaded = keras.models.load_model(path)
    assert loaded.objective.reconstruction_weight == 100.0
    assert_identical(state(loaded), state(model))
    clips = colored_clips()
    np.testing.assert_array_equal(
        loaded.animate(clips[:, 0], seed=1), model.animate(clips[:, 0], seed=1)
    )
    for each in (model, loaded):
        each.train_on_batch(clips, labels_for(clips))
    assert_identical(state(loaded), state(model))


@pytest.mark.once
def test_presets_keep_the_encoder(trained, tmp_path):
    model, _ = trained
    model.save_to_preset(tmp_path / "mine")
    loaded = km.MoCoGAN.from_preset(tmp_path / "mine")
    images = colored_clips()[:, 0]
    # Stored in float16.
    np.testing.assert_allclose(loaded.encode(images), model.encode(images), atol=0.05)


# === Sampling ===


def test_videos_begin_with_what_the_model_makes_of_the_image(trained):
    model, _ = trained
    images = colored_clips()[:, 0]
    videos = model.animate(images, num_frames=6, labels=1, seed=3)
    assert videos.shape == (N, 6, *WIDE, 3) and videos.dtype == np.uint8
    motion = model.sample_motion(N, 6, labels=1, seed=3)
    reconstructed = model.decode(model.encode(images), motion[:, :1])
    wanted = km.video.to_uint8(reconstructed)[:, 0]
    assert abs(videos[:, 0].astype(int) - wanted).max() <= 1
    assert abs(wanted[0].astype(int) - wanted[1]).max() > 5  # red is not blue
    again = model.animate(to_float(images), num_frames=6, labels=1, seed=3)
    assert abs(again.astype(int) - videos).max() <= 1
    assert model.animate(images[:1]).shape == (1, 4, *WIDE, 3)


def test_contents_are_as_long_as_drawn_ones_and_each_images_own():
    network = km.ImageEncoder(WIDE, 1, content_dim=20, filters=2, seed=0)
    images = np.random.default_rng(0).uniform(-1, 1, (3, *WIDE, 1)).astype("float32")
    content = network.predict_on_batch(images)
    assert content.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(content, axis=1), 20**0.5, rtol=1e-5)
    alone = network.predict_on_batch(images[1:2])
    np.testing.assert_allclose(alone, content[1:2], atol=1e-5)
    assert abs(content[0] - content[1]).max() > 1e-3


@pytest.mark.once
def test_scores_are_of_contents_that_were_learned(trained):
    model, _ = trained
    clips = colored_clips()[:4]
    seen = []

    def extractor(videos):
        seen.append(videos)
        return videos.reshape(len(videos), -1)[:, :2].astype("float64")

    callback = km.callbacks.MetricsCallback(clips, extractor=extractor, count=5)
    callback.set_model(model)
    callback.on_epoch_end(0, {})
    wanted = model.animate(clips[[0, 1, 2, 3, 0], 0], 4, np.arange(5) % 2, seed=0)
    assert any(np.array_equal(videos, wanted) for videos in seen)
    assert contents_like(tiny_vgan(), clips, 4) == {}
    with pytest.warns(UserWarning, match="Previews show drawn contents"):
        previews = km.callbacks.PreviewGrid("none")
        previews.set_model(model)
        previews.on_train_begin()


def test_previews_begin_with_images(trained, tmp_path):
    model, _ = trained
    images = colored_clips()[:, 0]
    previews = km.callbacks.PreviewGrid(tmp_path, N, 2, images=images)
    previews.set_model(model)
    previews.write(tmp_path / "grid.gif")
    assert (tmp_path / "grid.gif").exists()
    content = model.encode(images)
    videos = model.preview_videos(N, 2, content=content)
    motion = model.sample_motion(2, labels=[0, 1], seed=0)
    wanted = model.generate(N, content=content, motion=motion[1:])
    assert abs(videos[N:].astype(int) - wanted).max() <= 1
    with pytest.raises(ValueError, match="`content` must have the shape"):
        model.preview_videos(3, 2, content=content)


# === Networks of one's own, and errors ===


@pytest.mark.once
def test_a_network_of_ones_own():
    images = keras.Input((32, 32, 3))
    x = keras.layers.GlobalAveragePooling2D()(images)
    model = tiny_model(image_encoder=keras.Model(images, keras.layers.Dense(3)(x)))
    assert model.encode(random_clips()[:, 0]).shape == (2, 3)
    with pytest.raises(ValueError, match=r"`image_encoder` must take \(batch, 32"):
        tiny_model(image_encoder=keras.Model(images, x[:, :2]))


@pytest.mark.once
def test_arguments_that_do_not_fit():
    def refused(message, function, *given, **named):
        with pytest.raises(ValueError, match=message):
            function(*given, **named)

    refused("must be None, a dictionary", tiny_model, image_encoder=True)
    refused("options of `ImageEncoder`", tiny_model, image_encoder={"levels": 3})
    refused("at least 2", tiny_model, image_encoder={}, content_dim=1)
    refused("multiple of 16|from 32 to 256", km.ImageEncoder, image_size=40)
    plain, encoding = tiny_model(), encoding_model()
    refused("without an image encoder", plain.compile, reconstruction_weight=1.0)
    refused("without an image encoder", tiny_vgan().compile, reconstruction_weight=1.0)
    plain.compile(reconstruction_weight=0.0)
    for weight in (-1.0, float("nan")):
        refused("must be 0 or more", encoding.compile, reconstruction_weight=weight)


@pytest.mark.once
def test_images_that_do_not_fit():
    model = encoding_model()
    images = random_clips(2, 4, WIDE)[:, 0]

    def refused(message, images, of=model, **options):
        with pytest.raises(ValueError, match=message):
            of.animate(images, **options)

    refused("must have an image encoder", images, of=tiny_model())
    refused(r"\(n, 32, 48, 3\).*`images\[None\]`", images[0])
    refused(r"`videos\[:, 0\]`", images[:, None])
    refused("Resize and convert", images[:, :, :32])
    refused("The axes are: images", images[0, 0])
    refused("with at least one image", images[:0])
    refused("dtype int32. If they hold 0..255", images.astype("int32"))
    refused("Float images must lie in", images.astype("float32"))
    refused("Images must be finite", np.full(images.shape, np.nan))
    refused("from 0 to 1", images, labels=2)
    refused("num_frames", images, num_frames=0)
    with pytest.warns(UserWarning, match=r"images \* 2 - 1"):
        model.encode(np.full((1, *WIDE, 3), 0.5))
    gray = tiny_model(image_encoder={"filters": 2}, channels=1)
    refused(r"`images\[..., None\]`", np.zeros((2, 32, 32), "uint8"), of=gray)
