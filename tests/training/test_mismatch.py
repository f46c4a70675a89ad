"""Frames of two real clips, which a D_I that compares frames learns to tell."""

import numpy as np
import pytest
from keras import ops
from testing import random_clips, tiny_model, to_float

from keras_mocogan.training.step_clips import RealFakeBatch

COMPARING = {"frames": 2, "fusion": "late", "normalization": "none"}
REAL, FAKE = (to_float(random_clips(3, 4, seed=seed)) for seed in (0, 1))
EACH = 2  # pairs of frames of a clip


def loss_of_judge(clips, **settings):
    """The model, and its D_I's loss on the first pairs and the last of some clips."""
    model = tiny_model(num_classes=0, image_discriminator=COMPARING)
    model.compile(**settings)
    pairs = [
        np.stack([x[:clips, :2], x[:clips, 2:]], 1).reshape(-1, 2, *x.shape[2:])
        for x in (REAL, FAKE)
    ]
    parts = REAL[:clips], pairs[0], None, FAKE[:clips], pairs[1]
    batch = RealFakeBatch(
        *(None if x is None else ops.convert_to_tensor(x) for x in parts)
    )
    # Contents that this D_I does not recover.
    batch = batch._replace(fake_contents=ops.zeros((clips, 3)))
    judge = model.image_discriminator
    loss, _ = model.objective.image_discriminator_loss(judge, batch, training=False)
    return judge, float(loss)


def same_clip(judge, pairs):
    scores = judge(ops.convert_to_tensor(np.array(pairs)), training=False)
    return ops.convert_to_numpy(scores["same_clip_logits"]).astype("float64")


def softplus(x):
    return np.logaddexp(0, x).mean()


@pytest.mark.parametrize("weight", [1.0, 3.0])
def test_frames_of_two_real_clips_count_as_generated(weight):
    judge, loss = loss_of_judge(3, mismatch_weight=weight)
    _, without = loss_of_judge(3, mismatch_weight=0.0)
    right, wrong = [], []
    for clip in range(3):
        for start in (0, 2):
            right.append(REAL[clip, start : start + 2])
            # The first frame of a clip, the second of the clip before it.
            wrong.append([REAL[clip, start], REAL[clip - 1, start + 1]])
    extra = softplus(-same_clip(judge, right)) + softplus(same_clip(judge, wrong))
    np.testing.assert_allclose(loss - without, weight / 2 * extra, rtol=1e-4)


def test_a_single_clip_has_no_other():
    losses = [loss_of_judge(1, mismatch_weight=weight)[1] for weight in (0.0, 5.0)]
    np.testing.assert_allclose(*losses, rtol=1e-6)


def test_the_weight_is_stored_with_the_model():
    model = tiny_model(image_discriminator=COMPARING)
    model.compile(mismatch_weight=0.25)
    assert model.get_compile_config()["mismatch_weight"] == 0.25
    copy = tiny_model(image_discriminator=COMPARING)
    copy.compile_from_config(model.get_compile_config())
    assert copy.objective.mismatch_weight == 0.25


def test_a_negative_weight_is_refused():
    with pytest.raises(ValueError, match="`mismatch_weight` must be 0 or more"):
        tiny_model(image_discriminator=COMPARING).compile(mismatch_weight=-1.0)
