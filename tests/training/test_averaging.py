"""Averages of weights by their half-life, beside sums by hand."""

import dataclasses

import keras
import numpy as np
import pytest
from keras import ops
from testing import EAGER, labels_for, random_clips, tiny_model, values

import keras_mocogan as km
from keras_mocogan.training import averaging
from keras_mocogan.training.recipe_optimizers import make_optimizers

# Steps made before each of four, and the half-life then, where it is 5.12 at most: a
# twentieth of the steps made.
STARTED = 100
HALF_LIVES = (5.0, 5.05, 5.1, 5.12)


def averaged(start, weights):
    """The average after each step, of the weights after each step."""
    found = []
    for weight, half_life in zip(weights, HALF_LIVES, strict=True):
        kept = 2 ** (-1 / half_life)
        start = kept * start + (1 - kept) * weight
        found.append(start)
    return found


def test_momentum_halves_in_a_half_life():
    for step, half_life, wanted in (
        (0, 10.0, 0.0),  # the average begins with the weights after the first step
        (20, 10.0, 0.5),
        (40, 10.0, 0.5**0.5),
        (200, 10.0, 0.5**0.1),
        (10**6, 10.0, 0.5**0.1),
        (10**6, 4e4, 0.5**2.5e-5),
    ):
        kept = averaging.momentum(ops.convert_to_tensor(step, "int32"), half_life)
        np.testing.assert_allclose(ops.convert_to_numpy(kept), wanted, rtol=1e-6)


# With betas of 0, Adam moves a weight by its learning rate against the gradient's sign.
def test_four_steps_by_hand():
    weight = keras.Variable([1.0])
    optimizer = km.Adam(0.1, beta_1=0.0, beta_2=0.0, epsilon=1e-8, ema_half_life=5.12)
    optimizer.build([weight])
    optimizer.iterations.assign(STARTED)
    (average,) = optimizer._model_variables_moving_average
    average.assign([1.0])
    got = []
    for _ in range(4):
        optimizer.apply([ops.convert_to_tensor([3.0])], [weight])
        got.append(float(ops.convert_to_numpy(average)[0]))
    np.testing.assert_allclose(got, averaged(1.0, [0.9, 0.8, 0.7, 0.6]), rtol=1e-5)


def test_a_model_averages_its_generator_as_it_trains():
    optimizer = km.Adam(0.01, ema_half_life=5.12)
    model = tiny_model()
    model.compile(generator_optimizer=optimizer, run_eagerly=EAGER)
    optimizer.iterations.assign(STARTED)
    weights = optimizer._trainable_variables
    start, after = values(weights), []
    for seed in range(4):
        videos = random_clips(seed=seed)
        model.train_on_batch(videos, labels_for(videos))
        after.append(values(weights))
    got = values(optimizer._model_variables_moving_average)
    for average, first, *later in zip(got, start, *after, strict=True):
        wanted = averaged(first, later)[-1]
        np.testing.assert_allclose(average, wanted, rtol=1e-4, atol=1e-6)
        assert np.abs(average - later[-1]).max() > 1e-4


@pytest.mark.once
def test_it_is_saved():
    optimizer = km.Adam(ema_half_life=30.0, ema_momentum=0.5)
    twin = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    assert twin.ema_half_life == 30.0 and twin.use_ema and twin.ema_momentum == 0.5
    assert km.Adam().ema_half_life is None and not km.Adam().use_ema


@pytest.mark.once
@pytest.mark.parametrize("half_life", [0, -1.0, float("nan")])
def test_half_lives_are_above_zero(half_life):
    with pytest.raises(ValueError, match="`ema_half_life` must be above 0.* Received"):
        km.Adam(ema_half_life=half_life)


@pytest.mark.once
def test_a_recipe_counts_in_clips():
    recipe = km.recipes.get("MoCoGAN", "short")
    assert recipe.averaging == 0.98
    constant = make_optimizers(recipe, ["generator"])["generator_optimizer"]
    assert constant.ema_momentum == 0.98 and constant.ema_half_life is None
    recipe = recipe.with_changes(averaging_images=2000.0, batch_size=16)
    made = make_optimizers(recipe, ["generator", "image_discriminator"])
    assert made["generator_optimizer"].ema_half_life == 125.0
    assert not made["image_discriminator_optimizer"].use_ema
    rmsprop = dataclasses.replace(recipe, optimizer="rmsprop")
    with pytest.raises(ValueError, match="`averaging_images` must be None.*'rmsprop'"):
        make_optimizers(rmsprop, ["generator"])


@pytest.mark.once
def test_a_momentum_replaces_a_half_life():
    recipe = km.recipes.get("MoCoGAN", "modern")
    assert recipe.averaging_images == 2000
    # What the refusal of RMSprop asks for.
    for optimizer in ("adam", "rmsprop"):
        changed = recipe.with_changes(averaging=0.9, optimizer=optimizer)
        made = make_optimizers(changed, ["generator"])["generator_optimizer"]
        assert made.use_ema and made.ema_momentum == 0.9
        assert getattr(made, "ema_half_life", None) is None
    with pytest.raises(ValueError, match="give `averaging` or `averaging_images`"):
        recipe.with_changes(averaging=0.9, averaging_images=500.0)
