"""Gradient penalties against values derived by hand."""

import keras
import numpy as np
import pytest
from keras import ops
from testing import (
    both_discriminators,
    labels_for,
    random_clips,
    tiny_model,
    to_float,
)

from keras_mocogan import backend
from keras_mocogan.training import penalties
from keras_mocogan.training.step_clips import RealFakeBatch

WEIGHTS = np.array([1.0, -2.0, 0.5], "float32")


def linear_critic():
    """D(x) = w . x, whose gradient is w everywhere."""
    critic = keras.layers.Dense(1, use_bias=False)
    critic.build((None, 3))
    critic.kernel.assign(WEIGHTS[:, None])
    return critic


def test_r1_of_a_linear_critic_is_the_squared_length_of_its_weights():
    samples = ops.convert_to_tensor(np.ones((4, 3), "float32"))
    penalty = penalties.r1(linear_critic(), samples)
    np.testing.assert_allclose(ops.convert_to_numpy(penalty), 5.25, rtol=1e-6)


def test_r1_is_differentiated_by_the_weights():
    # d |w|^2 / dw = 2 w
    critic = linear_critic()
    samples = ops.convert_to_tensor(np.ones((4, 3), "float32"))
    model = keras.Sequential([critic])
    _, gradients = backend.value_and_gradients(
        model, lambda: (penalties.r1(critic, samples), {}), critic.trainable_variables
    )
    gradient = ops.convert_to_numpy(gradients[0])[:, 0]
    np.testing.assert_allclose(gradient, 2 * WEIGHTS, rtol=1e-6)


def test_r1_of_a_quadratic_critic():
    # D(x) = mean over two logits of (x^2, 3 x^2): dD/dx = 4 x
    def critic(x, training):
        return {"logits": ops.concatenate([x**2, 3 * x**2], axis=-1)}

    samples = ops.convert_to_tensor(np.array([[1.0], [0.5]], "float32"))
    penalty = penalties.r1(critic, samples)
    np.testing.assert_allclose(ops.convert_to_numpy(penalty), (16 + 4) / 2, rtol=1e-6)


def test_gradient_penalty_of_a_linear_critic():
    # (|w| - 1)^2 wherever it is taken
    real, fake = (ops.convert_to_tensor(np.full((4, 3), v, "f4")) for v in (1.0, -2.0))
    alpha = ops.convert_to_tensor(np.array([0.0, 0.3, 0.7, 1.0], "float32"))
    penalty = penalties.gradient_penalty(linear_critic(), real, fake, alpha)
    wanted = (np.sqrt(5.25) - 1) ** 2
    np.testing.assert_allclose(ops.convert_to_numpy(penalty), wanted, rtol=1e-5)


def test_gradient_penalty_is_taken_between_real_and_generated():
    # D(x) = x^2: |dD/dx| = 2 |x|, at x = share * 2 + (1 - share) * 1
    real, fake = (ops.convert_to_tensor(np.full((2, 1), v, "f4")) for v in (2.0, 1.0))
    alpha = ops.convert_to_tensor(np.array([0.0, 0.75], "float32"))
    penalty = penalties.gradient_penalty(lambda x, training: x**2, real, fake, alpha)
    wanted = ((2 * 1.0 - 1) ** 2 + (2 * 1.75 - 1) ** 2) / 2
    np.testing.assert_allclose(ops.convert_to_numpy(penalty), wanted, rtol=1e-5)


def test_gradient_penalty_is_differentiated_by_the_weights():
    # d (|w| - 1)^2 / dw = 2 (|w| - 1) w / |w|
    critic = linear_critic()
    real, fake = (ops.convert_to_tensor(np.full((2, 3), v, "f4")) for v in (1.0, 0.0))
    alpha = ops.convert_to_tensor(np.array([0.2, 0.8], "float32"))
    _, gradients = backend.value_and_gradients(
        keras.Sequential([critic]),
        lambda: (penalties.gradient_penalty(critic, real, fake, alpha), {}),
        critic.trainable_variables,
    )
    length = np.sqrt(5.25)
    wanted = 2 * (length - 1) * WEIGHTS / length
    gradient = ops.convert_to_numpy(gradients[0])[:, 0]
    np.testing.assert_allclose(gradient, wanted, rtol=1e-5)


def test_penalties_are_weighted_and_added_up():
    # The quadratic critic above: squared slopes of 16 x^2, which are 16 and 4 at the
    # real samples, 64 and 0 at the generated ones.
    def critic(x, training):
        return ops.concatenate([x**2, 3 * x**2], axis=-1)

    real = ops.convert_to_tensor(np.array([[1.0], [0.5]], "float32"))
    fake = ops.convert_to_tensor(np.array([[-2.0], [0.0]], "float32"))
    r1, r2 = 0.5 / 2 * 10, 0.25 / 2 * 32
    for weights, wanted in (
        ((0.5, 0.0), r1),
        ((0.0, 0.25), r2),
        ((0.5, 0.25), r1 + r2),
    ):
        added = penalties.Penalties(*weights, 0.0, interval=1, rng=None)
        for parts in (1, 4):
            total = added((critic, critic), real, fake, 0, parts)
            np.testing.assert_allclose(
                ops.convert_to_numpy(total), wanted / parts, rtol=1e-6
            )


# R1 of a linear critic is |w|^2, so half of it, 0.5 times, is differentiated to 0.5 w.
def test_an_interval_makes_penalties_rarer_and_as_many_times_larger():
    critic = linear_critic()
    both = critic, critic
    samples = ops.convert_to_tensor(np.ones((4, 3), "float32"))
    lazy = penalties.Penalties(0.5, 0.0, 0.0, interval=3, rng=None)
    for step, times in enumerate((3, 0, 0, 3, 0)):
        step = ops.convert_to_tensor(step, "int32")

        def loss(step=step):
            # Beside another term, as in a discriminator's loss.
            score = ops.mean(critic(samples))
            return score + lazy(both, samples, samples, step), {}

        (value, _), gradients = backend.value_and_gradients(
            keras.Sequential([critic]), loss, critic.trainable_variables
        )
        wanted = WEIGHTS.sum() + times * 0.5 / 2 * 5.25
        np.testing.assert_allclose(ops.convert_to_numpy(value), wanted, rtol=1e-5)
        gradient = ops.convert_to_numpy(gradients[0])[:, 0]
        np.testing.assert_allclose(gradient, 1 + times * 0.5 * WEIGHTS, rtol=1e-5)


@pytest.mark.once
def test_the_interval_counts_the_discriminators_steps():
    model = tiny_model()
    model.compile(discriminator_steps=2, run_eagerly=True)
    seen = []

    def penalize(judges, real, fake, step, parts=1):
        seen.append((judges[0].name, int(step)))
        return 0.0

    model.objective.penalties = penalize
    for _ in range(2):
        model.train_on_batch(random_clips())
    wanted = [
        (name, step)
        for step in range(4)
        for name in ("image_discriminator", "video_discriminator")
    ]
    assert seen == wanted


@pytest.mark.once
def test_intervals_are_saved_and_at_least_one(tmp_path):
    model = tiny_model(**both_discriminators(normalization="none"))
    model.compile(r1_weight=1.0, r2_weight=0.5, penalty_interval=4)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras").objective.penalties
    assert (loaded.r1_weight, loaded.r2_weight, loaded.interval) == (1.0, 0.5, 4)
    said = "`penalty_interval` must be an integer of at least 1. Received.*=0"
    with pytest.raises(ValueError, match=said):
        tiny_model().compile(penalty_interval=0)


@pytest.mark.once
@pytest.mark.parametrize("name", ["r1_weight", "r2_weight"])
def test_a_frame_is_penalized_for_its_part_of_a_clip(name):
    model = tiny_model(**both_discriminators(normalization="none"))
    real, fake = (
        ops.convert_to_tensor(to_float(random_clips(seed=seed))) for seed in (0, 1)
    )
    batch = RealFakeBatch(real, real[:, 0], None, fake, fake[:, 0], None)
    losses = {}
    for weight in (0.0, 3.0):
        model.compile(**{name: weight})
        losses[weight] = [
            float(phase.loss(batch, training=True)[0]) for phase in model.phases[:2]
        ]
    gained = np.subtract(losses[3.0], losses[0.0])
    clips = real if name == "r1_weight" else fake
    r1 = [
        float(penalties.r1(model.image_discriminator, clips[:, 0])),
        float(penalties.r1(model.video_discriminator, clips)),
    ]
    np.testing.assert_allclose(gained, [3 / 2 / 4 * r1[0], 3 / 2 * r1[1]], rtol=1e-4)


@pytest.mark.parametrize("name", ["r1_weight", "r2_weight"])
def test_batch_normalization_and_a_penalty_exclude_each_other(name):
    said = f"Received: {name}=1.0. .*'normalization': 'none'"
    with pytest.raises(ValueError, match=said):
        tiny_model().compile(**{name: 1.0})


@pytest.mark.parametrize("weight", [-1.0, float("nan")])
@pytest.mark.parametrize(
    "name", ["r1_weight", "r2_weight", "category_weight", "gradient_penalty"]
)
def test_weights_are_not_negative(name, weight):
    said = f"`{name}` must be 0 or more. Received: {name}={weight}"
    with pytest.raises(ValueError, match=said):
        tiny_model().compile(**{name: weight})


def test_normalization_is_none_of_the_unknown():
    said = "'none', 'spectral'. Received: normalization='layer'"
    with pytest.raises(ValueError, match=said):
        tiny_model(image_discriminator={"normalization": "layer"})


def test_without_normalization_discriminators_keep_the_signal():
    # He's rule: features of unit scale stay so; the published rule would shrink them.
    model = tiny_model(**both_discriminators(normalization="none"))
    kernel = model.video_discriminator.get_layer("conv_1").kernel
    fan_in = np.prod(kernel.shape[:-1])
    spread = ops.convert_to_numpy(ops.std(kernel.value)) * np.sqrt(fan_in)
    np.testing.assert_allclose(spread, np.sqrt(2 / 1.04), rtol=0.1)


def test_r1_falls_by_a_schedule_of_the_discriminators_steps():
    # A cosine from 4 to 1 in 10 steps is 2.5 after 5; half of 2.5 times 5.25 in clips
    # of 2 parts.
    schedule = keras.optimizers.schedules.CosineDecay(4.0, 10, 0.25)
    given = penalties.Penalties(schedule, 0.0, 0.0, interval=5, rng=None)
    samples = ops.convert_to_tensor(np.ones((4, 3), "float32"))
    both = linear_critic(), linear_critic()
    for step, gamma in ((0, 4.0), (5, 2.5), (6, 0.0), (10, 1.0), (15, 1.0)):
        step = ops.convert_to_tensor(step, "int32")
        penalty = given(both, samples, samples, step, parts=2)
        wanted = 5 * gamma / 2 / 2 * 5.25
        np.testing.assert_allclose(ops.convert_to_numpy(penalty), wanted, rtol=1e-6)


def test_a_schedule_is_followed_in_training():
    # 3 in the first step and none in the second, which is also what 1.5 in every
    # second step amounts to.
    step = keras.optimizers.schedules.PiecewiseConstantDecay
    trained = []
    for settings in (
        {"r1_weight": step([0], [3.0, 0.0])},
        {"r1_weight": 1.5, "penalty_interval": 2},
    ):
        model = tiny_model(**both_discriminators(normalization="none"), seed=0)
        model.compile(**settings)
        videos = random_clips()
        for _ in range(2):
            model.train_on_batch(videos, labels_for(videos))
        kernel = model.video_discriminator.get_layer("conv_1").kernel
        trained.append(ops.convert_to_numpy(kernel))
    np.testing.assert_allclose(*trained, atol=1e-6)
