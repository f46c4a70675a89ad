"""Keras' side of an adversarial model: compile, fit, evaluate, logs and state."""

import keras

from keras_mocogan import backend, inputs, losses
from keras_mocogan.layers import load_seed_state, save_seed_state
from keras_mocogan.optimizer_group import OptimizerGroup


class AdversarialTrainer(backend.TrainStep, keras.Model):
    """What `keras.Model` offers, for a model that trains in phases.

    A subclass defines `phases`, `adversarial_step`, `evaluation_step` and `clip_spec`,
    and holds `image_discriminator` (or None) and `seed_generator`.
    """

    # === Logs ===

    def _make_means(self):
        names = ["loss"]
        if self.image_discriminator is not None:
            names += [
                "image_discriminator_loss",
                "image_real_accuracy",
                "image_fake_accuracy",
            ]
        names += [
            "video_discriminator_loss",
            "video_real_accuracy",
            "video_fake_accuracy",
            "generator_loss",
        ]
        if self.clip_spec.num_classes:
            names.append("category_accuracy")
        return {name: keras.metrics.Mean(name) for name in names}

    def _update_means(self, phase, loss, metrics):
        self._means[f"{phase}_loss"].update_state(loss)
        for name, value in metrics.items():
            self._means[name].update_state(value)

    @property
    def metrics(self):
        # Without the stock loss tracker, which would log a `loss` of zero.
        return list(self._means.values()) if self.compiled else []

    # === Keras' interface ===

    def compile(
        self,
        generator_optimizer=None,
        image_discriminator_optimizer=None,
        video_discriminator_optimizer=None,
        loss="non_saturating",
        category_weight=1.0,
        r1_weight=0.0,
        run_eagerly=False,
        steps_per_execution=1,
        jit_compile="auto",
    ):
        """Configures training.

        Args:
            generator_optimizer, image_discriminator_optimizer,
                video_discriminator_optimizer: Keras optimizers, an instance for each;
                None means the paper's `Adam(2e-4, beta_1=0.5, beta_2=0.999)`.
            loss: `"non_saturating"`, `"minimax"`, `"least_squares"` or `"hinge"`;
                see `keras_mocogan.losses`.
            category_weight: lambda of the InfoGAN term, 1 in the paper.
            r1_weight: gamma of the R1 penalty on D_V; D_I's is a T-th of it, as a
                frame is of a clip. See `keras_mocogan.penalties`. Not in the paper; 0
                leaves it out.
            run_eagerly, steps_per_execution, jit_compile: As in
                `keras.Model.compile`.

        Raises:
            ValueError: For an unknown loss, a negative weight, one optimizer instance
                given twice, an optimizer for a network that the model does not have,
                a penalty on discriminators with batch normalization, or a dtype
                policy of float16.
        """
        losses.get(loss)
        _check_weight("category_weight", category_weight)
        self._check_penalty(r1_weight)
        self._check_policy()
        members = {
            "image_discriminator": image_discriminator_optimizer,
            "video_discriminator": video_discriminator_optimizer,
            "generator": generator_optimizer,
        }
        if self.image_discriminator is None:
            if members.pop("image_discriminator") is not None:
                raise ValueError(
                    "image_discriminator_optimizer was given, but this model has no "
                    "image discriminator; leave it out."
                )
        group = OptimizerGroup(
            {name: optimizer or paper_adam() for name, optimizer in members.items()}
        )
        group.build_phases({phase.name: phase.variables for phase in self.phases})
        self.loss_name = loss
        self.category_weight = float(category_weight)
        self.r1_weight = float(r1_weight)
        self._requested_jit_compile = jit_compile
        self._means = self._make_means()
        super().compile(
            optimizer=group,
            run_eagerly=run_eagerly,
            steps_per_execution=steps_per_execution,
            jit_compile=jit_compile,
            auto_scale_loss=False,
        )

    def _check_penalty(self, r1_weight):
        _check_weight("r1_weight", r1_weight)
        if r1_weight and _has_batch_norm(self.video_discriminator):
            raise ValueError(
                f"r1_weight={r1_weight} came, but with batch normalization a "
                "discriminator has no gradient at a single sample. Make the model with "
                "discriminator_normalization='none'."
            )

    def _check_policy(self):
        if "float16" in self.dtype_policy.name.replace("bfloat16", ""):
            raise ValueError(
                f"The dtype policy {self.dtype_policy.name!r} needs a loss scale for "
                "each optimizer, which this model does not keep. Use "
                "'mixed_bfloat16', which needs none, or 'float32'."
            )

    @property
    def adversarial_loss(self):
        """The `losses.AdversarialLoss` that the model was compiled with."""
        return losses.get(self.loss_name)

    def get_compile_config(self):
        if not self.compiled:
            return None
        return {
            "optimizer": keras.saving.serialize_keras_object(self.optimizer),
            "loss": self.loss_name,
            "category_weight": self.category_weight,
            "r1_weight": self.r1_weight,
            "run_eagerly": self.run_eagerly,
            "steps_per_execution": self.steps_per_execution,
            # As requested, not as resolved: another backend resolves "auto" anew.
            "jit_compile": self._requested_jit_compile,
        }

    def compile_from_config(self, config):
        config = dict(config)
        group = keras.saving.deserialize_keras_object(config.pop("optimizer"))
        optimizers = {f"{phase}_optimizer": group[phase] for phase in group.phases}
        self.compile(**optimizers, **config)

    # The model has no variables of its own but the state of its noise.

    def save_own_variables(self, store):
        save_seed_state(self.seed_generator, store)

    def load_own_variables(self, store):
        load_seed_state(self.seed_generator, store)

    def fit(self, x=None, y=None, *args, validation_data=None, **kwargs):
        """Trains as `keras.Model.fit` does.

        Args:
            x: Videos of shape `(n, frames, height, width, channels)`, uint8 0..255
                or float in [-1, 1], as an array; or a `tf.data.Dataset`,
                `keras.utils.PyDataset`, torch `DataLoader` or generator of batches
                of `videos` or `(videos, labels)`; a generator yields tuples, so
                `(videos,)` where there are no labels.
            y: Labels, integers of shape `(n,)`, where `x` is an array; or None.
            *args, **kwargs: As in `keras.Model.fit`.
            validation_data: `(videos, labels)`, or a data set as for `x`.

        Returns:
            The `keras.callbacks.History`.

        Raises:
            ValueError: If shapes, dtypes, ranges or labels do not fit; arrays are
                checked whole, data sets on their first batch, before training.
        """
        for unsupported in ("sample_weight", "class_weight"):
            if kwargs.get(unsupported) is not None:
                raise ValueError(
                    f"{unsupported} was given, but adversarial losses are not "
                    "weighted; leave it out."
                )
        x = inputs.check_data(x, y, self.clip_spec)
        validation_data = self._check_validation_data(validation_data)
        return super().fit(x, y, *args, validation_data=validation_data, **kwargs)

    def _check_validation_data(self, data):
        if data is None:
            return None
        name = "validation_data"
        if isinstance(data, tuple | list):
            x, y, _ = keras.utils.unpack_x_y_sample_weight(data)
            inputs.check_data(x, y, self.clip_spec, name)
            return data
        return inputs.check_data(data, None, self.clip_spec, name)

    def evaluate(self, x=None, y=None, *args, **kwargs):
        """Returns the losses on other videos; nothing of the model changes.

        Takes what `fit` takes; the noise is the same at every call.
        """
        if not self.compiled:
            raise ValueError("The model has no losses yet: call `compile()` first.")
        if not kwargs.get("_use_cached_eval_dataset"):
            x = inputs.check_data(x, y, self.clip_spec)
        return super().evaluate(x, y, *args, **kwargs)


def _has_batch_norm(network):
    norm = keras.layers.BatchNormalization
    return any(isinstance(layer, norm) for layer in network.layers)


def _check_weight(name, weight):
    if not weight >= 0:
        raise ValueError(f"{name}={weight!r} does not fit: 0 or more is wanted.")


def paper_adam():
    """Adam as the paper sets it: learning rate 2e-4, momenta 0.5 and 0.999."""
    return keras.optimizers.Adam(2e-4, beta_1=0.5, beta_2=0.999)
