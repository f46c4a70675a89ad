"""What `compile` is given by a recipe: optimizers, and penalties that fall."""

from collections.abc import Iterable
from typing import Any

import keras

from keras_mocogan.checks import check_at_least, is_number
from keras_mocogan.training.adam import Adam


def make_optimizers(
    recipe: Any, phases: Iterable[str]
) -> dict[str, keras.optimizers.Optimizer]:
    """Arguments of `compile`: an optimizer for each of the phases, by name.

    Args:
        recipe: A `recipes.Recipe`.
        phases: Names of the phases.
    """
    return {f"{phase}_optimizer": _make_optimizer(recipe, phase) for phase in phases}


def make_penalties(recipe: Any) -> dict[str, Any]:
    """Arguments of `compile`: the weights of R1 and R2 that fall from step to step.

    Huang, Gokaslan, Kuleshov and Tompkin, "The GAN is dead; long live the GAN! A Modern
    Baseline GAN", NeurIPS 2024, let them fall to a tenth: at the end, discriminators
    may see smaller things.

    Args:
        recipe: A `recipes.Recipe`.
    """
    weights = {name: recipe.compile.get(name) for name in ("r1_weight", "r2_weight")}
    return {
        name: _decay(recipe, weight, recipe.final_penalty, "video_discriminator")
        for name, weight in weights.items()
        if is_number(weight) and weight
    }


def _make_optimizer(recipe, phase):
    rate = _decay(recipe, recipe.rates[phase], recipe.final_rate, phase)
    averaging = _averaging(recipe) if phase == "generator" else {}
    if recipe.optimizer == "rmsprop":
        return keras.optimizers.RMSprop(rate, **averaging)
    return Adam(
        rate,
        beta_1=recipe.beta_1,
        beta_2=recipe.beta_2,
        epsilon=1e-8,
        l2=recipe.l2,
        **averaging,
    )


def _decay(recipe, value, share, phase):
    """The value itself, or its cosine decay over the steps of a phase."""
    if share == 1:
        return value
    steps = recipe.steps * _turns(recipe, phase)
    return keras.optimizers.schedules.CosineDecay(value, steps, share)


def _turns(recipe, phase):
    """How often the optimizer of a phase is applied in a step of the model."""
    if phase == "generator":
        return 1
    turns = recipe.compile.get("discriminator_steps", 1)
    check_at_least(1, discriminator_steps=turns)
    return turns


def _averaging(recipe):
    """Arguments of the generator's optimizer for the average of its weights."""
    if recipe.averaging_images is None:
        if recipe.averaging is None:
            return {}
        return {"use_ema": True, "ema_momentum": recipe.averaging}
    if recipe.optimizer != "adam":
        raise ValueError(
            "`averaging_images` must be None without Adam. Received: averaging_images="
            f"{recipe.averaging_images} with the optimizer {recipe.optimizer!r}. Set "
            "`averaging`, a constant momentum, instead."
        )
    return {"ema_half_life": recipe.averaging_images / recipe.batch_size}
