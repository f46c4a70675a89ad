"""Networks that a model is given: options, or built models of the user's."""

import keras
import numpy as np
import pytest
from keras import layers, ops
from testing import BATCH, EAGER, labels_for, random_clips, tiny_model, tiny_vgan

import keras_mocogan as km

VIDEOS = random_clips()
LABELS = labels_for(VIDEOS)


def plain_video_discriminator(classes=2, normalize=False):
    """A user's D_V, of Keras' own layers."""
    clips = keras.Input((4, 32, 32, 3))
    x = layers.Conv3D(2, (4, 8, 8), strides=(1, 8, 8))(clips)
    if normalize:
        x = layers.BatchNormalization()(x)
    x = layers.Flatten()(layers.LeakyReLU()(x))
    outputs = {"logits": layers.Dense(1)(x)}
    if classes:
        outputs["category_logits"] = layers.Dense(classes)(x)
    return keras.Model(clips, outputs, name="judge_of_clips")


def plain_image_generator(width=5):
    latent = keras.Input((width,))
    x = layers.Dense(32 * 32 * 3, activation="tanh")(latent)
    return keras.Model(latent, layers.Reshape((32, 32, 3))(x), name="painter")


def test_a_users_networks_train_generate_and_are_saved(tmp_path):
    model = tiny_model(
        image_generator=plain_image_generator(),
        video_discriminator=plain_video_discriminator(),
    )
    assert model.image_generator.name == "painter"
    model.compile(run_eagerly=EAGER)
    before = [ops.convert_to_numpy(w) for w in model.image_generator.weights]
    history = model.fit(VIDEOS, LABELS, batch_size=BATCH, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    after = [ops.convert_to_numpy(w) for w in model.image_generator.weights]
    assert any((a != b).any() for a, b in zip(before, after, strict=True))
    model.save(tmp_path / "model.keras")
    twin = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(twin.generate(2, seed=0), model.generate(2, seed=0))
    assert twin(VIDEOS)["category"].shape == (BATCH, 2)


@pytest.mark.once
def test_a_users_batch_normalization_keeps_real_and_fake_apart():
    judge = plain_video_discriminator(normalize=True)
    model = tiny_model(video_discriminator=judge)
    model.compile()
    real = VIDEOS.astype("float32") / 127.5 - 1
    fake = -real  # far from it
    apart = [judge(x, training=True)["logits"] for x in (real, fake)]
    batch = km.training.step_clips.RealFakeBatch(
        *map(ops.convert_to_tensor, (real, real[:, 0])), None, fake, fake[:, 0], None
    )
    loss, _ = model.objective.video_discriminator_loss(judge, batch, training=True)
    wanted = model.objective.loss.discriminator(*apart)
    np.testing.assert_allclose(float(loss), float(wanted), rtol=1e-5)


@pytest.mark.once
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"image_generator": plain_image_generator(7)},
            r"`image_generator` must take \(batch, 5\) .* Received: 'painter', which",
        ),
        (
            {"video_discriminator": plain_video_discriminator(classes=3)},
            r"'category_logits': \(batch, 2\).*gives .*'category_logits': \(batch, 3\)",
        ),
        (
            {"video_discriminator": plain_video_discriminator(classes=0)},
            r"'category_logits': \(batch, 2\).* gives {'logits': \(batch, 1\)}",
        ),
        (
            {"motion_generator": plain_image_generator()},
            r"`motion_generator` must take {'noise': \(batch, None, 2\)",
        ),
        (
            {"image_generator": {"filter": 2}},
            "some of filters, modulation_dim.*: filter",
        ),
        ({"image_generator": {"image_size": 64}}, "Received: image_size"),
        ({"image_generator": "large"}, "must be None, a dictionary .*'large'"),
    ],
)
def test_what_does_not_fit_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        tiny_model(**arguments)


@pytest.mark.once
def test_options_reach_the_network_alone():
    model = tiny_vgan(foreground_generator={"filters": 3})
    assert model.foreground_generator.get_layer("deconv_3").filters == 3
    assert model.background_generator.arguments["filters"] == 2
    config = model.get_config()
    assert config["foreground_generator"] == {"filters": 3}
    assert config["background_generator"] == {"filters": 2}


@pytest.mark.once
def test_a_subclass_keeps_its_own_arguments_too():
    @keras.saving.register_keras_serializable(package="tests")
    class Named(km.MoCoGAN):
        def __init__(self, title, **kwargs):
            super().__init__(**kwargs)
            self.title = title

    model = Named("clips", image_size=32, clip_frames=4, num_classes=2)
    twin = Named.from_config(model.get_config())
    assert twin.title == "clips" and twin.num_classes == 2
    assert twin.get_config() == model.get_config()
