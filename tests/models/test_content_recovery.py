"""An image discriminator that recovers contents from generated frames."""

import keras
import numpy as np
import pytest
from keras import ops
from testing import (
    BATCH,
    EAGER,
    labels_for,
    random_clips,
    tiny_image_gan,
    tiny_model,
    to_float,
)

from keras_mocogan.training import losses
from keras_mocogan.training.step_clips import RealFakeBatch

D_I = {"filters": 2, "content_dim": "content"}


def recovering_model(**arguments):
    return tiny_model(image_discriminator=D_I, image_frames=3, **arguments)


def number(x):
    return float(ops.convert_to_numpy(x))


def test_error_is_the_mean_over_frames_and_entries():
    contents = np.array([[0.0, 1.0], [2.0, 0.0]], "float32")
    # Two frames of each clip: errors 0, 0, 1, 1 and 4, 0, 0, 9.
    recovered = np.array([[0, 1], [1, 2], [0, 0], [2, 3]], "float32")
    error = losses.content_error(ops.convert_to_tensor(contents), recovered)
    np.testing.assert_allclose(number(error), 15 / 8, rtol=1e-6)


def test_discriminator_and_generator_lose_by_the_error():
    model = recovering_model(seed=0)
    model.compile(content_weight=0.5)
    rng = np.random.default_rng(0)
    contents = rng.normal(size=(BATCH, model.content_dim)).astype("float32")
    fake = to_float(random_clips(seed=1))
    frames = fake[:, :3].reshape(-1, *fake.shape[2:])
    batch = RealFakeBatch(
        to_float(random_clips()), frames[::-1].copy(), None, fake, frames, None
    )
    batch = keras.tree.map_structure(
        lambda x: x if x is None or isinstance(x, int) else ops.convert_to_tensor(x),
        batch,
    )
    told = batch._replace(fake_contents=ops.convert_to_tensor(contents))
    scores = model.image_discriminator.predict_on_batch(frames)
    wanted = np.mean((scores["content"] - np.repeat(contents, 3, axis=0)) ** 2)

    objective, judge = model.objective, model.image_discriminator
    without, with_it = (
        number(objective.image_discriminator_loss(judge, x, training=False)[0])
        for x in (batch, told)
    )
    np.testing.assert_allclose(with_it - without, 0.5 * wanted, rtol=1e-4)
    loss, metrics = objective.generator_loss(judge, None, told, training=False)
    without, _ = objective.generator_loss(judge, None, batch, training=False)
    np.testing.assert_allclose(number(loss - without), 0.5 * wanted, rtol=1e-4)
    np.testing.assert_allclose(number(metrics["content_error"]), wanted, rtol=1e-4)


def test_model_trains_is_saved_and_tells_the_error(tmp_path):
    model = recovering_model()
    model.compile(content_weight=0.25, run_eagerly=EAGER)
    clips = random_clips()
    logs = model.fit(clips, labels_for(clips), batch_size=BATCH, verbose=0).history
    assert np.isfinite(logs["content_error"]).all()
    assert model.predict_on_batch(clips)["image"].shape == (len(clips),)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.objective.content_weight == 0.25
    wanted, found = (
        each.image_discriminator.predict_on_batch(to_float(clips[:, 0]))["content"]
        for each in (model, loaded)
    )
    assert wanted.shape == (len(clips), model.content_dim)
    np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_generator_learns_to_show_its_content():
    # Nothing but the content's term: the error falls.
    model = recovering_model(seed=0)
    fast = keras.optimizers.Adam
    model.compile(
        generator_optimizer=fast(3e-3),
        image_discriminator_optimizer=fast(3e-3),
        content_weight=30.0,
    )
    clips = random_clips(8)
    labels = labels_for(clips)
    history = model.fit(clips, labels, batch_size=8, epochs=30, verbose=0).history
    errors = history["content_error"]
    assert np.mean(errors[-5:]) < 0.9 * np.mean(errors[:5])


def test_content_of_another_size_is_refused():
    with pytest.raises(ValueError, match="'content' stands for that size"):
        tiny_model(image_discriminator={"filters": 2, "content_dim": 77})
    with pytest.raises(ValueError, match="must be 0, or the size"):
        tiny_image_gan(image_discriminator={"filters": 2, "content_dim": 3})
