"""Real clips with frames out of order, or still, which D_V learns to tell."""

import numpy as np
import pytest
from keras import ops
from testing import (
    both_discriminators,
    random_clips,
    tiny_image_gan,
    tiny_model,
    tiny_vgan,
    to_float,
)

from keras_mocogan.training.step_clips import RealFakeBatch

REAL, FAKE, WRONG = (to_float(random_clips(3, 4, seed=seed)) for seed in range(3))


def loss_of_judge(**settings):
    """The model, and its D_V's loss on given clips."""
    model = tiny_model(num_classes=0, **both_discriminators(normalization="none"))
    model.compile(**settings)
    real, fake, wrong = map(ops.convert_to_tensor, (REAL, FAKE, WRONG))
    batch = RealFakeBatch(real, None, None, fake, disordered_clips=wrong)
    judge = model.video_discriminator
    loss, _ = model.objective.video_discriminator_loss(judge, batch, training=False)
    return judge, float(loss)


def softplus(x):
    return np.logaddexp(0, x).mean()


@pytest.mark.parametrize("weight", [1.0, 3.0])
def test_clips_out_of_order_count_as_generated(weight):
    judge, loss = loss_of_judge(disorder_weight=weight)
    _, without = loss_of_judge()
    right, wrong = (
        ops.convert_to_numpy(judge(clips, training=False)["logits"]).astype("float64")
        for clips in (REAL, WRONG)
    )
    extra = softplus(-right) + softplus(wrong)
    np.testing.assert_allclose(loss - without, weight / 2 * extra, rtol=1e-4)


def test_frames_are_shuffled_or_stand_still():
    # The pixel of a frame tells its clip and its place.
    clips = np.arange(64 * 4, dtype="float32").reshape(64, 4, 1, 1, 1)
    model = tiny_model()
    found = ops.convert_to_numpy(model.rng.disordered(ops.convert_to_tensor(clips)))
    assert found.shape == clips.shape
    clip, place = np.divmod(found.reshape(64, 4).astype(int), 4)
    assert (clip == np.arange(64)[:, None]).all()
    still = (place == place[:, :1]).all(axis=1)
    shuffled = (np.sort(place, axis=1) == np.arange(4)).all(axis=1)
    assert (still ^ shuffled).all() and 16 < still.sum() < 48
    # 24 orders, and 4 frames to stand still in.
    assert len(np.unique(place[shuffled], axis=0)) > 8
    assert len(np.unique(place[still], axis=0)) == 4


@pytest.mark.parametrize("make", [tiny_model, tiny_vgan])
def test_it_changes_the_step_of_the_video_discriminator(make):
    losses = []
    for weight in (0.0, 1.0):
        model = make()
        model.compile(disorder_weight=weight)
        clips, labels = random_clips(2, 4), np.array([0, 1], "int32")
        logs = model.train_on_batch(clips, labels, return_dict=True)
        losses.append(logs["video_discriminator_loss"])
    # Half of log 2 for each of two logits near 0.
    assert 0.3 < losses[1] - losses[0] < 1.2


def test_the_weight_is_stored_with_the_model():
    model = tiny_model()
    model.compile(disorder_weight=0.25)
    assert model.get_compile_config()["disorder_weight"] == 0.25
    copy = tiny_model()
    copy.compile_from_config(model.get_compile_config())
    assert copy.objective.disorder_weight == 0.25


@pytest.mark.once
def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="`disorder_weight` must be 0 or more"):
        tiny_model().compile(disorder_weight=-1.0)
    with pytest.raises(ValueError, match="must be 0 without a video discriminator"):
        tiny_image_gan().compile(disorder_weight=1.0)
