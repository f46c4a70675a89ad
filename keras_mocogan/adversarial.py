"""The adversarial step, written once for every backend and every model."""

import functools
from collections.abc import Callable
from typing import NamedTuple

import keras
from keras import ops

from keras_mocogan import backend, inputs, losses, scoring
from keras_mocogan.layers import load_seed_state, save_seed_state
from keras_mocogan.optimizer_group import OptimizerGroup

# `evaluate` draws the same noise whenever it is called, on a stream of its own.
_EVALUATION_SEED = 20180618
_DRAWS_PER_BATCH = 1024


class Phase(NamedTuple):
    """One move of the game: who learns, and what from.

    Attributes:
        name: Name of the phase and of its optimizer.
        networks: The networks that learn; all others stay as they are.
        loss: `(batch, training) -> (scalar loss, {metric name: scalar})`.
    """

    name: str
    networks: tuple
    loss: Callable

    @property
    def variables(self):
        return [v for network in self.networks for v in network.trainable_variables]


class Batch(NamedTuple):
    """What the discriminators see in one step.

    Clips are float32 `(batch, clip_frames, height, width, channels)` in [-1, 1],
    frames `(batch, height, width, channels)`, labels integers `(batch,)` or None.
    """

    real_clips: object
    real_frames: object
    real_labels: object
    fake_clips: object
    fake_frames: object
    fake_labels: object


class AdversarialModel(backend.TrainStep, keras.Model):
    """A generator of videos against an image and a video discriminator.

    Subclasses make the networks, hand them to `_set_networks`, and define
    `generate_clips`; training, on every backend, is the same for all of them.

    Args:
        clip_spec: `inputs.ClipSpec`, what the model takes.
        seed: Integer for the noise of training, or None.
        **kwargs: `name` and `dtype` of `keras.Model`.
    """

    def __init__(self, clip_spec, seed=None, **kwargs):
        super().__init__(**kwargs)
        self._clip_spec = tuple(clip_spec)
        self.seed_generator = keras.random.SeedGenerator(seed)

    def _set_networks(self, generators, image_discriminator, video_discriminator):
        self._generators = list(generators)
        self.image_discriminator = image_discriminator
        self.video_discriminator = video_discriminator
        self.built = True  # the networks were built when they were made

    @property
    def clip_spec(self):
        """Sizes, clip length and classes that the model takes."""
        return inputs.ClipSpec(*self._clip_spec)

    # === What subclasses define ===

    def generate_clips(self, n, training):
        """Generates `n` clips to be judged, for the step.

        Returns:
            float32 clips `(n, clip_frames, height, width, channels)` in [-1, 1] and
            int32 labels `(n,)`, or None without classes.
        """
        raise NotImplementedError

    # === Random numbers of the step ===

    def draw_normal(self, shape):
        """Draws from N(0, I) from the model's own seed generator."""
        return keras.random.normal(shape, dtype="float32", seed=self.seed_generator)

    def draw_integers(self, shape, end):
        """Draws int32 in [0, end) from the model's own seed generator."""
        return keras.random.randint(
            shape, 0, end, dtype="int32", seed=self.seed_generator
        )

    def random_window(self, sequence, length):
        """`length` consecutive entries of axis 1, from one random start."""
        spare = sequence.shape[1] - length
        if not spare:
            return sequence
        start = self.draw_integers((), spare + 1)
        zeros = [0] * (len(sequence.shape) - 2)
        sizes = (ops.shape(sequence)[0], length, *sequence.shape[2:])
        return ops.slice(sequence, [0, start, *zeros], sizes)

    def random_frames(self, clips):
        """One random frame of each clip, the paper's S_1."""
        batch = ops.shape(clips)[0]
        index = self.draw_integers((batch,), clips.shape[1])
        index = ops.reshape(index, (-1, 1, 1, 1, 1))
        return ops.take_along_axis(clips, index, axis=1)[:, 0]

    # === The game ===

    @property
    def phases(self):
        """The phases of one step, in the order in which they are played."""
        phases = []
        if self.image_discriminator is not None:
            networks = (self.image_discriminator,)
            loss = self._image_discriminator_loss
            phases.append(Phase("image_discriminator", networks, loss))
        networks = (self.video_discriminator,)
        loss = self._video_discriminator_loss
        phases.append(Phase("video_discriminator", networks, loss))
        phases.append(Phase("generator", tuple(self._generators), self._generator_loss))
        return phases

    def adversarial_step(self, data):
        """Plays every phase once on one batch of real videos.

        Args:
            data: `videos` or `(videos, labels)`, as tensors.

        Returns:
            The logs: a dictionary from metric name to running mean.
        """
        with backend.no_gradient():
            batch = self._deal(data, training=True)
        total = 0.0
        for phase in self.phases:
            loss_fn = functools.partial(phase.loss, batch, training=True)
            (loss, metrics), gradients = backend.value_and_gradients(
                self, loss_fn, phase.variables
            )
            with backend.no_gradient():
                self.optimizer[phase.name].apply(gradients, phase.variables)
                self._update_means(phase.name, loss, metrics)
                total = total + loss
        with backend.no_gradient():
            self.optimizer.iterations.assign_add(1)
            self._means["loss"].update_state(total)
            return self.get_metrics_result()

    def evaluation_step(self, data):
        """Computes every phase's loss on one batch and changes nothing but means."""
        before = ops.copy(self.seed_generator.state.value)
        draws = self._means["loss"].count * _DRAWS_PER_BATCH
        self.seed_generator.state.assign(
            ops.stack(
                [
                    ops.cast(_EVALUATION_SEED, before.dtype),
                    ops.cast(draws, before.dtype),
                ]
            )
        )
        batch = self._deal(data, training=False)
        total = 0.0
        for phase in self.phases:
            loss, metrics = phase.loss(batch, training=False)
            self._update_means(phase.name, loss, metrics)
            total = total + loss
        self._means["loss"].update_state(total)
        self.seed_generator.state.assign(before)
        return self.get_metrics_result()

    def _deal(self, data, training):
        videos, labels, _ = keras.utils.unpack_x_y_sample_weight(data)
        spec = self.clip_spec
        spec.check_videos(videos.shape, inputs.dtype_name(videos))
        if labels is not None:
            spec.check_labels(labels.shape, inputs.dtype_name(labels))
            labels = ops.cast(labels, "int32")
        # The window first: what is not judged need not be converted.
        real = inputs.to_model_range(self.random_window(videos, spec.clip_frames))
        fake, fake_labels = self.generate_clips(ops.shape(real)[0], training)
        return Batch(
            real, self._frames(real), labels, fake, self._frames(fake), fake_labels
        )

    def _frames(self, clips):
        return None if self.image_discriminator is None else self.random_frames(clips)

    def _image_discriminator_loss(self, batch, training):
        real = self.image_discriminator(batch.real_frames, training=training)
        fake = self.image_discriminator(batch.fake_frames, training=training)
        loss = self.adversarial_loss.discriminator(real, fake)
        return loss, self._accuracies("image", real, fake)

    def _video_discriminator_loss(self, batch, training):
        real = self.video_discriminator(batch.real_clips, training=training)
        fake = self.video_discriminator(batch.fake_clips, training=training)
        loss = self.adversarial_loss.discriminator(real["logits"], fake["logits"])
        metrics = self._accuracies("video", real["logits"], fake["logits"])
        # Where real clips are labelled they alone teach Q what the classes mean. Taught
        # by the generated ones too, Q soon reads a sign of their making instead.
        if batch.real_labels is None:
            loss += self._category_loss(batch.fake_labels, fake)
        else:
            loss += self._category_loss(batch.real_labels, real)
        return loss, metrics

    def _generator_loss(self, batch, training):
        clips, labels = self.generate_clips(ops.shape(batch.real_clips)[0], training)
        video = self.video_discriminator(clips, training=training)
        loss = self.adversarial_loss.generator(video["logits"])
        if self.image_discriminator is not None:
            image = self.image_discriminator(
                self.random_frames(clips), training=training
            )
            loss += self.adversarial_loss.generator(image)
        loss += self._category_loss(labels, video)
        if labels is None:
            return loss, {}
        hits = losses.share_correct(labels, video["category_logits"])
        return loss, {"category_accuracy": hits}

    def _category_loss(self, labels, scores):
        if labels is None or not self.category_weight:
            return 0.0
        return self.category_weight * losses.category_cross_entropy(
            labels, scores["category_logits"]
        )

    def _accuracies(self, kind, real, fake):
        threshold = self.adversarial_loss.threshold
        return {
            f"{kind}_real_accuracy": losses.share_above(real, threshold),
            f"{kind}_fake_accuracy": 1.0 - losses.share_above(fake, threshold),
        }

    # === Scores ===

    def call(self, videos, training=False):
        """Scores videos.

        Args:
            videos: `(batch, frames, height, width, channels)`, uint8 or float in
                [-1, 1], of `clip_frames` frames or more.
            training: Whether batch statistics and instance noise are used.

        Returns:
            Dictionary of float32 tensors: `"video"` `(batch,)`, the video
            discriminator's mean logit over all windows of `clip_frames`; `"image"`
            `(batch,)`, the image discriminator's mean logit over all frames, where
            there is one; `"category"` `(batch, num_classes)`, class probabilities
            averaged over the windows, where there are classes.

        Raises:
            ValueError: If the videos do not fit or are shorter than `clip_frames`.
        """
        return scoring.score_videos(self, videos, training)

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
            run_eagerly, steps_per_execution, jit_compile: As in
                `keras.Model.compile`.

        Raises:
            ValueError: For an unknown loss, one optimizer instance given twice, an
                optimizer for a network that the model does not have, or a dtype
                policy of float16.
        """
        losses.get(loss)
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
        self._requested_jit_compile = jit_compile
        self._means = self._make_means()
        super().compile(
            optimizer=group,
            run_eagerly=run_eagerly,
            steps_per_execution=steps_per_execution,
            jit_compile=jit_compile,
            auto_scale_loss=False,
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
                of `videos` or `(videos, labels)`.
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
        if not kwargs.get("_use_cached_eval_dataset"):
            x = inputs.check_data(x, y, self.clip_spec)
        return super().evaluate(x, y, *args, **kwargs)


def paper_adam():
    """Adam as the paper sets it: learning rate 2e-4, momenta 0.5 and 0.999."""
    return keras.optimizers.Adam(2e-4, beta_1=0.5, beta_2=0.999)
