"""The interface of an adversarial model to Keras: how it is compiled."""

from collections.abc import Sequence
from typing import Any

import keras

from keras_mocogan import backend
from keras_mocogan.checks import check_choice
from keras_mocogan.training import augmentation as augmentations
from keras_mocogan.training import constraints, losses
from keras_mocogan.training.adam import Adam
from keras_mocogan.training.compile_checks import (
    check_arguments,
    check_keywords,
    weight_of_reconstruction,
)
from keras_mocogan.training.fitting import CheckedData
from keras_mocogan.training.freezing import FreezableModel
from keras_mocogan.training.logs import StepLogs
from keras_mocogan.training.model_files import ModelFiles
from keras_mocogan.training.objective import Objective
from keras_mocogan.training.optimizer_group import OptimizerGroup
from keras_mocogan.training.penalties import Penalties, Weight


class AdversarialTrainer(
    StepLogs, CheckedData, ModelFiles, FreezableModel, backend.TrainStep, keras.Model
):
    """What `keras.Model` offers, for a model that trains in phases.

    A subclass defines `phases`, `adversarial_step`, `evaluation_step` and `clip_spec`,
    and holds `image_discriminator`, `video_discriminator`, `image_encoder` (any of them
    may be None) and `seed_generator` and `rng`.
    """

    @property
    def global_step(self) -> int:
        """Steps for which the model was trained, an `int`; files store the number."""
        if not self.compiled:
            return 0
        # `int(variable)` fails if the variable lies on several devices.
        return int(keras.ops.convert_to_numpy(self.optimizer.iterations))

    def compile(
        self,
        *positional: Any,
        generator_optimizer: keras.optimizers.Optimizer | None = None,
        image_discriminator_optimizer: keras.optimizers.Optimizer | None = None,
        video_discriminator_optimizer: keras.optimizers.Optimizer | None = None,
        loss: str | losses.AdversarialLoss = "non_saturating",
        category_loss: str = "infogan",
        category_weight: float = 1.0,
        wrong_class_weight: float = 0.1,
        content_weight: float = 1.0,
        mismatch_weight: float = 1.0,
        disorder_weight: float = 0.0,
        reconstruction_weight: float | None = None,
        r1_weight: Weight = 0.0,
        r2_weight: Weight = 0.0,
        gradient_penalty: float = 0.0,
        penalty_interval: int = 1,
        weight_constraint: str | constraints.WeightConstraint | None = None,
        augmentation: Sequence[str] | None = None,
        discriminator_steps: int = 1,
        accumulate: int = 1,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: bool | str = "auto",
        **unknown: Any,
    ) -> None:
        """Configures training. All arguments are given by name.

        Args:
            generator_optimizer: Keras optimizer of the generators; None means the
                paper's `Adam(2e-4, beta_1=0.5, beta_2=0.999)`.
            image_discriminator_optimizer: D_I's, another instance, or None.
            video_discriminator_optimizer: D_V's, another instance, or None.
            loss: `"non_saturating"`, `"minimax"`, `"least_squares"`, `"hinge"`,
                `"wasserstein"` or `"relativistic_pairing"`, or a
                `losses.AdversarialLoss`; see `keras_mocogan.losses`.
            category_loss: How the classes of labeled clips are learned. `"infogan"`,
                the paper's: D_V learns to name the class of a real clip, and the
                generator to make clips whose class it names. `"projection"`: D_V judges
                each clip as a clip of its class (Miyato and Koyama, "cGANs with
                Projection Discriminator", ICLR 2018). Without labels it is always
                `"infogan"`, which finds classes of its own.
            category_weight: lambda of the InfoGAN term, 1 in the paper. It has no
                effect on labeled clips with `"projection"`.
            wrong_class_weight: With `"projection"`, weight of real clips under wrong
                classes, which D_V learns to tell from those under their own (Reed and
                others, "Generative Adversarial Text to Image Synthesis", ICML 2016). It
                helps D_V to name classes too. A weight of 1 makes classes right more
                often, and pictures coarser. Set it to 0 with `"wasserstein"`, whose
                loss it would leave unbounded.
            content_weight: lambda for the content vector, if D_I recovers it
                (`image_discriminator={"content_dim": "content"}`): D_I learns to tell a
                clip's content from its frames, and the generator to make that easy. One
                content then looks the same under all motions, and different contents
                look different. Not in the paper.
            mismatch_weight: Weight of frames of two real clips, which D_I learns to
                tell from frames of one, if it compares frames
                (`image_discriminator={"frames": 2, "fusion": "late"}`). A clip whose
                looks change then does not pass for a real one. It has no effect on a
                batch, or a part of one, of a single clip. Not in the paper.
            disorder_weight: Weight of real clips whose frames are in random order, or
                all the same, which D_V learns to tell from clips as they are. Without
                it D_V may judge frames alone, and what is generated hardly moves. 0,
                the paper's, leaves it out; recipe `modern` has 1.
            reconstruction_weight: Weight of the mean absolute difference, in [-1, 1],
                between an image and the first frame that is generated from it; see
                `image_encoder` of `MoCoGAN`. None, for 100, unless the model has one.
            r1_weight: gamma of the R1 penalty on D_V; D_I's is divided by T, the number
                of frames in a clip. See `keras_mocogan.training.penalties`. Not in the
                paper; 0 leaves it out. A schedule of `keras.optimizers.schedules` makes
                it a function of the discriminators' step.
            r2_weight: gamma of R2, which is R1 at generated samples; or a schedule.
            gradient_penalty: lambda of the gradient penalty on each discriminator, 10
                in its paper; see `keras_mocogan.training.penalties`. 0 leaves it out.
            penalty_interval: Steps of the discriminators from one penalty to the next;
                each is that many times larger; 16 in StyleGAN2.
            weight_constraint: `"weight_clipping"`, `"singular_value_clipping"`, or
                an instance from `keras_mocogan.constraints`, which bounds the
                discriminators' weights after their optimizers' steps; or None.
            augmentation: None, or a list of `"color"`, `"translation"` and `"cutout"`:
                for small data, random changes of everything that the discriminators
                see; see `keras_mocogan.training.augmentation`. Leave out changes that
                make one class look like another, such as `"color"` if color is the
                class.
            discriminator_steps: Steps of the discriminators for each step of the
                generator, on the same real videos (on other windows of longer ones)
                and new generated ones.
            accumulate: Parts that the batch of a step is divided into, for batches that
                do not fit into memory: each network's gradients are averaged over the
                parts before it learns. The step is that of the whole batch, but for the
                statistics of batch normalization and the centering of an image encoder,
                which are a part's, and for `mismatch_weight`.
            run_eagerly, steps_per_execution, jit_compile: As in
                `keras.Model.compile`.

        `trainable = False` freezes a network, a layer or the model, before or after
        this call: `fit` checks when it begins. The optimizers hold all weights, frozen
        or not.

        Raises:
            ValueError: For an unknown loss, category loss, constraint or augmentation,
                a weight that is negative or not a number, fewer than one step of the
                discriminators or part, one optimizer instance given twice, an optimizer
                that was built on other weights or is for a network that the model does
                not have, a `reconstruction_weight` without an encoder, a
                `disorder_weight` without a video discriminator, a penalty on
                discriminators with batch normalization, a dtype policy of float16, or
                an argument that is not one of these.
        """
        check_keywords(self, positional, unknown)
        adversarial_loss = losses.get(loss)
        slopes = {
            "r1_weight": r1_weight,
            "r2_weight": r2_weight,
            "gradient_penalty": gradient_penalty,
        }
        terms = {
            "category_weight": category_weight,
            "wrong_class_weight": wrong_class_weight,
            "content_weight": content_weight,
            "mismatch_weight": mismatch_weight,
            "disorder_weight": disorder_weight,
            "reconstruction_weight": weight_of_reconstruction(
                self, reconstruction_weight
            ),
        }
        weights = {**terms, **slopes}
        counts = {
            "discriminator_steps": discriminator_steps,
            "accumulate": accumulate,
            "penalty_interval": penalty_interval,
            "steps_per_execution": steps_per_execution,
        }
        check_choice("category_loss", category_loss, ("infogan", "projection"))
        check_arguments(self, counts, weights)
        # Whatever can be wrong is found before the model changes.
        changes = augmentations.make(augmentation, self.rng)
        constraint = constraints.get(weight_constraint)
        given = {
            "image_discriminator": image_discriminator_optimizer,
            "video_discriminator": video_discriminator_optimizer,
            "generator": generator_optimizer,
        }
        members = self._members(given)
        group = OptimizerGroup(members)
        group.build_phases({p.name: p.learnable_variables for p in self.phases})
        penalties = Penalties(**slopes, interval=penalty_interval, rng=self.rng)
        self.objective = Objective(
            adversarial_loss, category_loss, **terms, penalties=penalties
        )
        self.augmentation = changes
        self._compiled_with = {
            "loss": loss,
            "category_loss": category_loss,
            **weights,
            "penalty_interval": penalty_interval,
            "augmentation": augmentation and list(augmentation),
        }
        self.weight_constraint = constraint
        self.discriminator_steps, self.accumulate = discriminator_steps, accumulate
        self._requested_jit_compile = jit_compile
        self._means = self._make_means()
        super().compile(
            optimizer=group,
            run_eagerly=run_eagerly,
            steps_per_execution=steps_per_execution,
            jit_compile=jit_compile,
            auto_scale_loss=False,
        )

    def _members(self, given):
        """An optimizer for each phase; those given, or the paper's."""
        phases = [phase.name for phase in self.phases]
        for name, optimizer in given.items():
            if optimizer is not None and name not in phases:
                raise ValueError(
                    f"`{name}_optimizer` must be None: this model has no "
                    f"{name.replace('_', ' ')}. Received: a "
                    f"{type(optimizer).__name__}. Leave it out."
                )
        return {name: given[name] or self.default_optimizer() for name in phases}

    @staticmethod
    def default_optimizer() -> keras.optimizers.Optimizer:
        """Adam as the paper sets it: learning rate 2e-4, momenta 0.5 and 0.999."""
        return Adam(2e-4, beta_1=0.5, beta_2=0.999, epsilon=1e-8)

    def get_compile_config(self):
        """What `compile` was given, for a saved model; None if it was not called."""
        if not self.compiled:
            return None
        return {
            "optimizer": keras.saving.serialize_keras_object(self.optimizer),
            **{
                name: keras.saving.serialize_keras_object(value)
                for name, value in self._compiled_with.items()
            },
            "weight_constraint": self.weight_constraint
            and keras.saving.serialize_keras_object(self.weight_constraint),
            "discriminator_steps": self.discriminator_steps,
            "accumulate": self.accumulate,
            "run_eagerly": self.run_eagerly,
            "steps_per_execution": self.steps_per_execution,
            # As requested, not as resolved: another backend resolves "auto" again.
            "jit_compile": self._requested_jit_compile,
        }

    def compile_from_config(self, config):
        config = dict(config)
        group = keras.saving.deserialize_keras_object(config.pop("optimizer"))
        for name in ("loss", "r1_weight", "r2_weight"):
            if isinstance(config.get(name), dict):
                config[name] = keras.saving.deserialize_keras_object(config[name])
        optimizers = {f"{phase}_optimizer": group[phase] for phase in group.phases}
        self.compile(**optimizers, **config)
