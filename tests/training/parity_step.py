"""Three steps of plain SGD with known weights, data and noise, on one backend.

    KERAS_BACKEND=jax python tests/parity_step.py RESULT.npz MODELS [--reference]

MODELS are names with commas between them. Writes the losses of every step, the
gradients of the first, and all weights before and after. With `--reference` everything
is computed eagerly in float64, and the length of each phase's gradient by finite
differences too.
"""

import sys

import keras
import numpy as np
from keras import ops
from testing import both_discriminators, merged

import keras_mocogan as km
from keras_mocogan import backend
from keras_mocogan.training.rng import StepRandom

BATCH, STEPS, RATE = 4, 3, 0.02
MOCOGAN = {
    "clip_frames": 4,
    "num_frames": 6,
    "content_dim": 3,
    "motion_dim": 2,
    "num_classes": 2,
    "image_generator": {"filters": 2},
    "image_discriminator": {"filters": 2},
    "video_discriminator": {"filters": 2, "levels": 3},
}
JUDGE = {"filters": 2}
WIDE = MOCOGAN | {"image_size": (32, 48)}
VGAN = {
    "image_size": (48, 32),
    "clip_frames": 4,
    "latent_dim": 5,
    "num_classes": 2,
    "foreground_generator": {"filters": 2},
    "background_generator": {"filters": 2},
    "video_discriminator": JUDGE,
}
TGAN = {
    "clip_frames": 4,
    "latent_dim": 5,
    "motion_dim": 3,
    "temporal_generator": {"filters": 2},
    "image_generator": {"filters": 2},
    "video_discriminator": JUDGE,
}
# Class, its arguments, and those of `compile`.
MODELS = {
    "paper": (km.MoCoGAN, WIDE, {}),
    "r1_and_modulation": (
        km.MoCoGAN,
        merged(
            MOCOGAN,
            both_discriminators(normalization="none")
            | {
                "image_generator": {
                    "modulation_dim": 3,
                    "modulated": "pixels",
                    "normalization": "group",
                    "filters": 4,
                }
            },
        ),
        {"r1_weight": 0.5},
    ),
    "wasserstein_and_spectral": (
        km.MoCoGAN,
        merged(MOCOGAN, both_discriminators(normalization="spectral")),
        {"loss": "wasserstein", "gradient_penalty": 0.5, "discriminator_steps": 2},
    ),
    "relativistic": (
        km.MoCoGAN,
        merged(
            MOCOGAN,
            both_discriminators(normalization="none")
            | {
                "image_generator": {"modulation_dim": 3, "frame_level": True},
                "image_discriminator": {
                    "normalization": "none",
                    "frames": 2,
                    "fusion": "late",
                    "content_dim": 3,
                },
            },
        ),
        {
            "loss": "relativistic_pairing",
            "r1_weight": 0.5,
            "r2_weight": 0.25,
            "category_loss": "projection",
        },
    ),
    "features": (
        km.MoCoGAN,
        merged(
            MOCOGAN,
            both_discriminators(normalization="none")
            | {
                "image_discriminator": {
                    "normalization": "none",
                    "frames": 2,
                    "fusion": "late",
                    "features": "efficientnet_lite0",
                },
                "motion_generator": {"cyclic": True},
            },
        ),
        {"r1_weight": 0.5, "disorder_weight": 0.75, "category_loss": "projection"},
    ),
    # Penalized in the first and in the third of the three steps.
    "lazy_augmented_and_encoding": (
        km.MoCoGAN,
        merged(
            MOCOGAN,
            both_discriminators(normalization="none")
            | {"image_encoder": {"filters": 2}},
        ),
        {
            "r1_weight": 0.5,
            "gradient_penalty": 0.5,
            "penalty_interval": 2,
            "augmentation": ["color", "translation", "cutout"],
            "reconstruction_weight": 2.0,
        },
    ),
    "vgan": (km.VGAN, VGAN, {}),  # of tall frames
    # Its defaults, but that values are clipped in the second of the three steps.
    "tgan": (
        km.TGAN,
        TGAN,
        {"weight_constraint": km.constraints.SingularValueClipping(every=2)},
    ),
}
MEMBERS = {
    name: ("generator", "video_discriminator")
    + ("image_discriminator",) * (model is km.MoCoGAN)
    for name, (model, _, _) in MODELS.items()
}


class RecordingSGD(keras.optimizers.SGD):
    """SGD that keeps the last gradients as variables, which jit hands out."""

    def build(self, variables):
        super().build(variables)
        self.gradients = [
            self.add_variable_from_reference(v, name="gradient") for v in variables
        ]

    def apply(self, grads, trainable_variables=None):
        for kept, gradient in zip(self.gradients, grads, strict=True):
            kept.assign(gradient)
        return super().apply(grads, trainable_variables)


class Replaying:
    """A model whose noise is a function of the step and of the draw's place in it."""

    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.rng = ReplayedRandom(self.seed_generator)

    def adversarial_step(self, data):
        # Read here: JAX differentiates in a scope that does not hold it.
        self.rng.begin(ops.cast(self.optimizer.iterations, "int32"))
        return super().adversarial_step(data)


class ReplayedRandom(StepRandom):
    def begin(self, step):
        self._draw, self._step = 0, step

    def normal(self, shape):
        values = self._random().standard_normal((STEPS, BATCH, *shape[1:]))
        return self._of_this_step(values.astype("float32"))

    def uniform(self, shape, low=0.0, high=1.0):
        values = self._random().uniform(low, high, (STEPS, BATCH, *shape[1:]))
        return self._of_this_step(values.astype("float32"))

    def integers(self, shape, end):
        shape = (BATCH, *shape[1:]) if shape else ()
        values = self._random().integers(0, end, (STEPS, *shape), "int32")
        return self._of_this_step(values)

    def _random(self):
        self._draw += 1
        return np.random.default_rng([1, self._draw])

    def _of_this_step(self, values):
        return ops.take(ops.convert_to_tensor(values), self._step, axis=0)


def make_model(name, reference):
    model_class, arguments, compile_arguments = MODELS[name]
    replaying = type(model_class.__name__, (Replaying, model_class), {})
    model = replaying(**{"image_size": 32, "seed": 5, **arguments})
    optimizers = {f"{member}_optimizer": RecordingSGD(RATE) for member in MEMBERS[name]}
    model.compile(**optimizers, run_eagerly=reference, **compile_arguments)
    set_weights(model.trainable_variables)
    return model


def set_weights(variables):
    for index, variable in enumerate(variables):
        values = np.random.default_rng([2, index]).standard_normal(variable.shape)
        if variable.name == "gamma":
            variable.assign(1 + 0.1 * values)
        elif variable.name == "bias":
            variable.assign(0.1 * values)
        else:
            fan_in = np.prod(variable.shape[:-1])
            variable.assign(values / np.sqrt(fan_in))


def make_batch(frame):
    random = np.random.default_rng(3)
    videos = random.integers(0, 256, (BATCH, 7, *frame), "uint8")
    return videos, np.array([0, 1, 1, 0], "int32")


def train(model):
    videos, labels = make_batch(model.frame_shape())
    labels = labels if model.num_classes else None
    return model.train_on_batch(videos, labels, return_dict=True)


def arrays(variables):
    return [np.array(ops.convert_to_numpy(v.value), "float64") for v in variables]


def flat(variables):
    return np.concatenate([np.empty(0), *(a.ravel() for a in arrays(variables))])


def run(model):
    result = {}
    phases = {phase.name: phase.variables for phase in model.phases}
    for phase, variables in phases.items():
        result[f"before/{phase}"] = flat(variables)
    for step in range(STEPS):
        logs = train(model)
        for phase in phases:
            result[f"loss/{step}/{phase}"] = float(logs[f"{phase}_loss"])
            if step == 0:
                gradients = model.optimizer[phase].gradients
                result[f"gradient/{phase}"] = flat(gradients)
    for phase, variables in phases.items():
        result[f"after/{phase}"] = flat(variables)
    result["statistics"] = flat(
        v
        for v in model.non_trainable_variables
        if "moving" in v.name or v.name == "direction"
    )
    return result


def slope_along_gradient(model, loss_fn, variables, gradients):
    """The loss' slope along the unit gradient, by central differences.

    A short step, since a penalty jumps where an activation changes its sign; but long
    enough for the loss, which is float32, to change by a hundred times its rounding.
    """
    start = arrays(variables)
    gradients = [np.array(ops.convert_to_numpy(g), "float64") for g in gradients]
    length = np.sqrt(sum((g**2).sum() for g in gradients))
    step = max(3e-5, 2e-5 / length)
    losses, draw = [], model.rng._draw
    for sign in (1, -1):
        model.rng._draw = draw
        for variable, value, gradient in zip(variables, start, gradients, strict=True):
            variable.assign(value + sign * step * gradient / length)
        losses.append(float(ops.convert_to_numpy(loss_fn()[0])))
    for variable, value in zip(variables, start, strict=True):
        variable.assign(value)
    return (losses[0] - losses[1]) / (2 * step)


def slopes(model):
    """Slope of each phase in one step; of those that are played twice, the last."""
    found, differentiate = {}, backend.value_and_gradients
    names = [phase.name for phase in model.phases]
    played = iter(names[:-1] * model.discriminator_steps + names[-1:])

    def differentiate_and_check(model, loss_fn, variables, after=None):
        draw = model.rng._draw
        result, gradients = differentiate(model, loss_fn, variables, after)
        after, model.rng._draw = model.rng._draw, draw
        with backend.no_gradient():
            slope = slope_along_gradient(model, loss_fn, variables, gradients)
        found[f"slope/{next(played)}"] = slope
        model.rng._draw = after
        return result, gradients

    backend.value_and_gradients = differentiate_and_check
    train(model)
    backend.value_and_gradients = differentiate
    return found


def main(path, names, reference):
    if reference:
        keras.config.set_floatx("float64")
    results = {}
    for name in names.split(","):
        result = run(make_model(name, reference))
        if reference:
            result |= slopes(make_model(name, reference))
        results |= {f"{name}/{key}": value for key, value in result.items()}
    np.savez(path, **results)


if __name__ == "__main__":
    main(*sys.argv[1:3], "--reference" in sys.argv)
