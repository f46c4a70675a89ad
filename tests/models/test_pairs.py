"""An image discriminator that judges a few frames of a clip together."""

import keras
import numpy as np
import pytest
from keras import ops
from testing import BATCH, EAGER, labels_for, random_clips, tiny_model, to_float

import keras_mocogan as km


def pair_model(**options):
    return tiny_model(image_discriminator={"filters": 2, "frames": 2}, **options)


def test_frames_judged_together_are_different_ones_of_a_clip():
    numbers = 10.0 * np.arange(3)[:, None] + np.arange(4)
    clips = np.broadcast_to(numbers[..., None, None, None], (3, 4, 2, 2, 1))
    model = tiny_model(seed=0)
    clips = ops.convert_to_tensor(clips.astype("float32"))
    pairs = ops.convert_to_numpy(model.rng.frames(clips, 50, together=2))
    assert pairs.shape == (150, 2, 2, 2, 1)
    pairs = pairs[..., 0, 0, 0]
    np.testing.assert_array_equal(
        pairs // 10, np.repeat([[0, 0], [1, 1], [2, 2]], 50, axis=0)
    )
    found = {tuple(pair % 10) for pair in pairs}
    assert found == {(i, j) for i in range(4) for j in range(4) if i != j}


def test_a_pair_is_judged_as_its_frames_stacked_in_channels():
    network = km.ImageDiscriminator(32, channels=2, filters=2, frames=2, seed=0)
    assert network.get_config()["frames"] == 2
    single = km.ImageDiscriminator(32, channels=4, filters=2, seed=1)
    single.set_weights(network.get_weights())
    pairs = np.random.default_rng(0).uniform(-1, 1, (3, 2, 32, 32, 2))
    stacked = np.concatenate([pairs[:, 0], pairs[:, 1]], axis=-1)
    wanted = single.predict_on_batch(stacked)
    np.testing.assert_allclose(network.predict_on_batch(pairs), wanted, atol=1e-6)


def test_model_with_a_judge_of_pairs_trains_scores_and_is_saved(tmp_path):
    model = pair_model(image_frames=3)
    model.compile(run_eagerly=EAGER)
    clips = random_clips()
    logs = model.fit(clips, labels_for(clips), batch_size=BATCH, verbose=0).history
    assert np.isfinite(logs["image_discriminator_loss"]).all()
    videos = random_clips(frames=6)
    scores = model.predict_on_batch(videos)
    judged = np.stack([videos, np.roll(videos, -3, axis=1)], axis=2)
    judged = to_float(judged).reshape(-1, 2, *videos.shape[2:])
    logits = model.image_discriminator.predict_on_batch(judged).reshape(len(videos), -1)
    np.testing.assert_allclose(scores["image"], logits.mean(axis=1), atol=1e-5)
    model.save(tmp_path / "pairs.keras")
    loaded = keras.models.load_model(tmp_path / "pairs.keras")
    again = loaded.predict_on_batch(videos)
    np.testing.assert_allclose(again["image"], scores["image"], atol=1e-6)


def test_network_of_the_users_may_judge_pairs():
    inputs = keras.Input((2, 32, 32, 3))
    logits = keras.layers.Dense(1)(keras.layers.Flatten()(inputs))
    model = tiny_model(image_discriminator=keras.Model(inputs, logits))
    model.compile(run_eagerly=EAGER)
    clips = random_clips()
    model.fit(clips, labels_for(clips), batch_size=BATCH, verbose=0)
    assert model.predict_on_batch(clips)["image"].shape == (len(clips),)


def test_more_frames_together_than_a_clip_has():
    with pytest.raises(ValueError, match="at most clip_frames=4 frames together"):
        tiny_model(image_discriminator={"filters": 2, "frames": 5})
