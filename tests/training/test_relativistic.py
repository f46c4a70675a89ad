"""A paired loss in the step: who is compared with whom, and what learns from it."""

import keras
import numpy as np
import pytest
from keras import ops
from testing import EAGER, labels_for, phase_weights, random_clips, tiny_model, to_float

import keras_mocogan as km
from keras_mocogan import backend
from keras_mocogan.training.step_clips import RealFakeBatch

CLIPS = [to_float(random_clips(seed=seed)) for seed in (0, 1)]


def relativistic_model(**arguments):
    model = tiny_model(num_classes=0, image_frames=2, **arguments)
    model.compile(loss="relativistic_pairing", run_eagerly=EAGER)
    return model


def make_batch(real, fake):
    """Two frames of each clip for D_I: the first ones, clip by clip."""
    frames = [clips[:, :2].reshape(-1, *clips.shape[2:]) for clips in (real, fake)]
    parts = (real, frames[0], None, fake, frames[1], None)
    return RealFakeBatch(
        *(None if x is None else ops.convert_to_tensor(x) for x in parts)
    )


def judge(network, samples):
    scores = network(ops.convert_to_tensor(samples), training=False)
    logits = scores["logits"] if isinstance(scores, dict) else scores
    return ops.convert_to_numpy(logits).astype("float64")


def softplus(x):
    return np.logaddexp(0, x).mean()


def test_phases_compare_samples_at_the_same_place():
    model = relativistic_model()
    batch = make_batch(*CLIPS)
    scores = [
        [
            judge(model.image_discriminator, frames),
            judge(model.video_discriminator, clips),
        ]
        for frames, clips in (
            (batch.real_frames, batch.real_clips),
            (batch.fake_frames, batch.fake_clips),
        )
    ]
    (image_real, video_real), (image_fake, video_fake) = scores
    # The generator's own clips and frames: here again those of the batch.
    generated = km.training.step_clips.GeneratedClips(batch.fake_clips)
    model.generate_clips = lambda n, training, images: generated
    model._judged = lambda clips, training: (clips, batch.fake_frames)
    wanted = [
        softplus(image_fake - image_real),
        softplus(video_fake - video_real),
        softplus(image_real - image_fake) + softplus(video_real - video_fake),
    ]
    for phase, value in zip(model.phases, wanted, strict=True):
        loss, _ = phase.loss(batch, training=False)
        np.testing.assert_allclose(ops.convert_to_numpy(loss), value, rtol=1e-5)


def test_the_generators_gradient_knows_the_real_scores():
    # d softplus(r - f) / df = -1 / (1 + exp(f - r)): with real samples that score far
    # above (far below) the generated ones, the slope is -1 (0).
    model = relativistic_model(image_discriminator=False)
    weight = keras.Variable([0.0])
    holder = keras.Model()
    holder.weight = weight
    critic = lambda x, training: {"logits": x}  # noqa: E731
    for real, slope in ((1000.0, -1.0), (-1000.0, 0.0), (0.0, -0.5)):
        real = ops.convert_to_tensor([[real]])

        def loss(real=real):
            fake = ops.reshape(weight, (1, 1))
            batch = RealFakeBatch(real, None, None, fake, None, None)
            return model.objective.generator_loss(None, critic, batch, training=True)

        _, gradients = backend.value_and_gradients(holder, loss, [weight])
        np.testing.assert_allclose(
            ops.convert_to_numpy(gradients[0]), [slope], atol=1e-6
        )


def test_every_phase_learns_and_moves_nothing_else():
    model = relativistic_model()
    before = phase_weights(model)
    logs = model.train_on_batch(random_clips(), return_dict=True)
    assert all(np.isfinite(value) for value in logs.values())
    for phase, weights in phase_weights(model).items():
        moved = [
            np.abs(a - b).max() for a, b in zip(weights, before[phase], strict=True)
        ]
        assert max(moved) > 0


def test_real_samples_are_judged_for_a_paired_loss_alone():
    counts = {}
    for loss in ("non_saturating", "relativistic_pairing"):
        model = tiny_model(image_discriminator=False)
        model.compile(loss=loss)
        judged = []

        def critic(x, training, judge=model.video_discriminator, judged=judged):
            judged.append(x)
            return judge(x, training=training)

        batch = make_batch(*CLIPS)
        labels = ops.convert_to_tensor(labels_for(CLIPS[0]))
        batch = batch._replace(fake_labels=labels)
        model.objective.generator_loss(None, critic, batch, training=False)
        counts[loss] = len(judged)
    assert counts == {"non_saturating": 1, "relativistic_pairing": 2}


@keras.saving.register_keras_serializable(package="tests")
def _lag(real_logits, fake_logits):
    return ops.mean(ops.relu(real_logits - fake_logits))


@pytest.mark.once
def test_a_paired_loss_of_ones_own_is_restored(tmp_path):
    model = tiny_model()
    model.compile(loss=km.losses.AdversarialLoss(_lag, _lag, paired=True))
    model.save(tmp_path / "model.keras")
    loss = keras.models.load_model(tmp_path / "model.keras").objective.loss
    assert loss.paired and loss.generator is _lag


@pytest.mark.once
def test_losses_of_older_files_are_not_paired():
    config = km.losses.AdversarialLoss(_lag, _lag).get_config()
    del config["paired"]
    assert not km.losses.AdversarialLoss.from_config(config).paired
