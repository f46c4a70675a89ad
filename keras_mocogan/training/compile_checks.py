"""Checks of the arguments of `compile`."""

from typing import Any

import keras

from keras_mocogan.checks import check_at_least, is_number
from keras_mocogan.training.penalties import is_schedule

# Isola and others, "Image-to-Image Translation with Conditional Adversarial Networks",
# CVPR 2017; the paper does not tell its own.
_RECONSTRUCTION_WEIGHT = 100.0
_SCHEDULED = "r1_weight", "r2_weight"


def check_keywords(
    model: keras.Model, positional: tuple[Any, ...], unknown: dict[str, Any]
) -> None:
    """Raises `ValueError` for arguments that only Keras' own `compile` takes.

    Args:
        model: An `AdversarialModel`.
        positional: Tuple of the arguments without a name.
        unknown: Dictionary of the arguments with names that `compile` does not know.
    """
    if not positional and not unknown:
        return
    received = [repr(value) for value in positional]
    received += [f"{name}={value!r}" for name, value in unknown.items()]
    optimizers = ", ".join(f"{phase.name}_optimizer" for phase in model.phases)
    raise ValueError(
        "`compile` must be given its arguments by name, and an optimizer for each "
        f"phase: {optimizers}. Received: compile({', '.join(received)}). Give each "
        "phase its own, or none for the paper's; leave out `metrics`, which the model "
        "already has. `help(model.compile)` lists the other arguments."
    )


def check_arguments(
    model: keras.Model, counts: dict[str, int], weights: dict[str, float]
) -> None:
    """Raises `ValueError` if arguments do not fit each other or the model.

    Args:
        model: An `AdversarialModel`.
        counts: `discriminator_steps`, `accumulate`, `penalty_interval` and
            `steps_per_execution`.
        weights: `category_weight`, `wrong_class_weight`, `content_weight`,
            `mismatch_weight`, `disorder_weight`, `reconstruction_weight`, and the
            penalties `r1_weight`, `r2_weight` and `gradient_penalty`.
    """
    check_at_least(1, **counts)
    for name, weight in weights.items():
        if name in _SCHEDULED and is_schedule(weight):
            weight = float(weight(0))
        if not is_number(weight) or weight < 0:
            raise ValueError(
                f"`{name}` must be 0 or more. Received: {name}={weight!r}."
            )
    if weights["disorder_weight"] and model.video_discriminator is None:
        raise ValueError(
            "`disorder_weight` must be 0 without a video discriminator. Received: "
            f"disorder_weight={weights['disorder_weight']}. Leave it out."
        )
    for name in ("r1_weight", "r2_weight", "gradient_penalty"):
        if weights[name] and any(map(_has_batch_norm, model.discriminating_networks())):
            raise ValueError(
                f"`{name}` must be 0 with batch normalization, where a discriminator "
                "has no gradient at a single sample. Received: "
                f"{name}={weights[name]}. Make the model with discriminators of "
                "`{'normalization': 'none'}` or 'spectral'."
            )
    if "float16" in model.dtype_policy.name.replace("bfloat16", ""):
        raise ValueError(
            "`dtype` must be a policy without a loss scale. Received: the dtype policy "
            f"{model.dtype_policy.name!r}, which needs a loss scale for each "
            "optimizer. This model has none. Use 'mixed_bfloat16', which needs none, "
            "or 'float32'."
        )
    _check_weights(model)


def weight_of_reconstruction(model: keras.Model, given: float | None) -> float:
    """The `reconstruction_weight` of `compile`: the one given, or the usual one.

    Raises:
        ValueError: If one is given for a model without an image encoder.
    """
    if model.image_encoder is None:
        if given:
            raise ValueError(
                "`reconstruction_weight` must be None or 0 without an image encoder. "
                f"Received: reconstruction_weight={given!r}. Leave it out, or make a "
                "`MoCoGAN` with `image_encoder={}`."
            )
        return 0.0
    return _RECONSTRUCTION_WEIGHT if given is None else given


def _check_weights(model):
    wanted = model.dtype_policy.variable_dtype
    if wanted == "bfloat16":
        raise ValueError(
            "Weights must be float32 or float64 to learn. Received: the dtype policy "
            "'bfloat16', whose 8 bits round away the steps of usual learning rates. "
            "Use 'mixed_bfloat16', which computes in bfloat16, with float32 weights."
        )
    weight = model.phases[-1].learnable_variables[0]
    kept = keras.backend.standardize_dtype(weight.value.dtype)
    if kept != wanted:
        raise ValueError(
            "Weights must be kept in the policy's dtype. Received: the dtype policy "
            f"{wanted!r}, of which JAX keeps {kept}. Set the environment variable "
            "JAX_ENABLE_X64=1 before JAX is imported, or use 'float32'."
        )


def _has_batch_norm(network):
    norm = keras.layers.BatchNormalization
    return any(isinstance(layer, norm) for layer in network._flatten_layers())
