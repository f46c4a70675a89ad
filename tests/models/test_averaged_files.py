"""Commands and `fine_tune` take the averaged weights of a file that has them."""

import keras
import numpy as np
import pytest
from testing import (
    BATCH,
    EAGER,
    assert_identical,
    labels_for,
    random_clips,
    tiny_model,
    values,
)

import keras_mocogan as km
from keras_mocogan.models.loading import load_networks

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A checkpoint in the middle of a training, and the model as it was saved."""
    path = tmp_path_factory.mktemp("averages") / "step_00000002.keras"
    model = tiny_model(seed=1)
    model.compile(
        generator_optimizer=km.Adam(0.1, use_ema=True, ema_momentum=0.5),
        run_eagerly=EAGER,
    )
    videos = random_clips()

    class Save(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.save(path)

    with_labels = videos, labels_for(videos)
    model.fit(*with_labels, BATCH, epochs=2, verbose=0, callbacks=[Save()])
    return path


def test_the_generator_is_the_averaged_one(saved):
    last = keras.models.load_model(saved)
    model = load_networks(saved)
    assert not model.compiled
    with km.callbacks.ema_weights(last):
        averaged = values(last.image_generator.trainable_variables)
    found = values(model.image_generator.trainable_variables)
    assert_identical(found, averaged)
    of_the_step = values(last.image_generator.trainable_variables)
    assert any(np.any(a != b) for a, b in zip(found, of_the_step, strict=True))
    assert_identical(
        values(model.video_discriminator.weights),
        values(last.video_discriminator.weights),
    )


def test_without_averages_weights_are_as_saved(tmp_path):
    model = tiny_model(seed=2)
    model.compile()
    for path in (tmp_path / "compiled.keras", tmp_path / "networks.keras"):
        model.save(path)
        assert_identical(values(load_networks(path).weights), values(model.weights))
        model.compiled = False


def test_averages_that_cannot_be_read_are_told(saved, monkeypatch):
    def compile_from_config(*_):
        raise TypeError("an unknown loss")

    monkeypatch.setattr(km.MoCoGAN, "compile_from_config", compile_from_config)
    with pytest.warns(UserWarning, match="those of the last step.*an unknown loss"):
        model = load_networks(saved)
    monkeypatch.undo()
    assert_identical(
        values(model.weights), values(keras.models.load_model(saved).weights)
    )
