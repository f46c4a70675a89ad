"""The adversarial step, written once for every backend and every model."""

import functools
from collections.abc import Callable
from typing import NamedTuple

import keras
from keras import ops

from keras_mocogan import backend
from keras_mocogan.backend import kernels
from keras_mocogan.checks import check_at_least
from keras_mocogan.layers import spectral_normalization as spectral
from keras_mocogan.layers.batch_normalization import deal, interleave, judged_apart
from keras_mocogan.layers.seeds import SeedGenerator
from keras_mocogan.presets import loading as presets
from keras_mocogan.training import freezing, inputs, losses, penalties, scoring
from keras_mocogan.training.rng import RandomDraws
from keras_mocogan.training.trainer import AdversarialTrainer

# `evaluate` draws the same noise whenever it is called, on a stream of its own.
_EVALUATION_SEED = 20180618
_DRAWS_PER_BATCH = 1024


class Phase(NamedTuple):
    """One move of the game: who learns, and what from.

    Attributes:
        name: Name of the phase and of its optimizer.
        networks: The networks that learn, unless frozen; all others stay.
        loss: `(batch, training) -> (scalar loss, {metric name: scalar})`.
    """

    name: str
    networks: tuple
    loss: Callable

    @property
    def variables(self):
        return [v for network in self.networks for v in network.trainable_variables]

    @property
    def learnable_variables(self):
        return freezing.learnable_variables(self.networks)


class Generated(NamedTuple):
    """What a generator makes in one step.

    Attributes:
        clips: float32 `(n, clip_frames, height, width, channels)` in [-1, 1].
        labels: int32 `(n,)`, or None without classes.
        penalty: Scalar that the generator's loss gains.
    """

    clips: object
    labels: object = None
    penalty: object = 0.0


class Batch(NamedTuple):
    """What the discriminators see in one step.

    Clips are float32 `(batch, clip_frames, height, width, channels)` in [-1, 1],
    frames `(batch * image_frames, height, width, channels)`, labels integers
    `(batch,)` or None.
    """

    real_clips: object
    real_frames: object
    real_labels: object
    fake_clips: object
    fake_frames: object
    fake_labels: object


class AdversarialModel(RandomDraws, AdversarialTrainer):
    """A generator of videos against an image and a video discriminator, or one of them.

    Subclasses make the networks, hand them to `_set_networks`, and define
    `generate_clips`; training, on every backend, is the same for all of them.

    Args:
        clip_spec: `inputs.ClipSpec`, what the model takes.
        image_frames: Frames of each clip that the image discriminator judges.
        seed: Integer for the noise of training, or None.
        **kwargs: `name` and `dtype` of `keras.Model`.
    """

    def __init__(self, clip_spec, image_frames=1, seed=None, **kwargs):
        super().__init__(**kwargs)
        check_at_least(1, image_frames=image_frames)
        self.image_frames = image_frames
        self._clip_spec = tuple(clip_spec)
        self.seed_generator = SeedGenerator(seed)

    def _set_networks(
        self, generators, image_discriminator=None, video_discriminator=None
    ):
        self._generators = list(generators)
        self.image_discriminator = image_discriminator
        self.video_discriminator = video_discriminator
        self.built = True  # the networks were built when they were made

    def _remember(self, **arguments):
        """Keeps the constructor's arguments as attributes and for `get_config`."""
        for name, value in arguments.items():
            setattr(self, name, value)
        self._arguments = arguments

    def get_config(self):
        base = {"name": self.name, "dtype": self.dtype_policy.name}
        return {**base, **self._arguments, **self.frozen_config()}

    @property
    def clip_spec(self):
        """Sizes, clip length and classes that the model takes."""
        return inputs.ClipSpec(*self._clip_spec)

    def generating_networks(self):
        """The networks that generate, a tuple: all that `generate` needs."""
        # No property: Keras would save the networks under its name.
        return tuple(self._generators)

    def discriminating_networks(self):
        """The discriminators that there are, a tuple."""
        both = (self.image_discriminator, self.video_discriminator)
        return tuple(network for network in both if network is not None)

    @classmethod
    def from_preset(cls, name):
        """A model with a trained generator that comes with the package.

        Its discriminators are not trained: it generates, and to go on training it is
        compiled and given some steps until they have caught up.

        Args:
            name: `"shapes"` for `MoCoGAN`: moving shapes, class 0 to the right and
                class 1 downwards.

        Raises:
            ValueError: If there is no such preset of this class.
        """
        return presets.load(cls, name)

    # === What subclasses define ===

    def generate_clips(self, n, training):
        """Makes `n` clips to be judged, for the step; returns `Generated`."""
        raise NotImplementedError

    # === The game ===

    @property
    def phases(self):
        """The phases of one step, in the order in which they are played."""
        phases = []
        if self.image_discriminator is not None:
            networks = (self.image_discriminator,)
            loss = self._image_discriminator_loss
            phases.append(Phase("image_discriminator", networks, loss))
        if self.video_discriminator is not None:
            networks = (self.video_discriminator,)
            loss = self._video_discriminator_loss
            phases.append(Phase("video_discriminator", networks, loss))
        phases.append(
            Phase("generator", self.generating_networks(), self._generator_loss)
        )
        return phases

    def adversarial_step(self, data):
        """Plays the game once on one batch of real videos.

        The discriminators play `discriminator_steps` times, against new videos each
        time, then the generator plays.

        Args:
            data: `videos` or `(videos, labels)`, as tensors.

        Returns:
            The logs: a dictionary from metric name to running mean.
        """
        *discriminators, generator = self.phases
        for _ in range(self.discriminator_steps):
            with backend.no_gradient():
                batch = self._deal(data, training=True)
            judged = [self._play(phase, batch) for phase in discriminators]
            with backend.no_gradient():
                self._bring_back(discriminators)
        total = sum(judged) + self._play(generator, batch)
        with backend.no_gradient():
            self.optimizer.iterations.assign_add(1)
            self._means["loss"].update_state(total)
            return self.get_metrics_result()

    def _play(self, phase, batch):
        loss_fn = functools.partial(phase.loss, batch, training=True)
        if phase.variables:
            (loss, metrics), gradients = backend.value_and_gradients(
                self, loss_fn, phase.variables
            )
        else:  # all frozen
            (loss, metrics), gradients = loss_fn(), []
        with backend.no_gradient():
            self.optimizer[phase.name].apply(gradients, phase.variables)
            self._update_means(phase.name, loss, metrics)
        return loss

    def _bring_back(self, phases):
        """What follows a discriminator's step: its bounds, and its spectral norms."""
        for phase in phases:
            if self.weight_constraint is not None and phase.variables:
                step = self.optimizer[phase.name].iterations
                self.weight_constraint.apply(phase.networks, step)
            spectral.advance(phase.networks)

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
        fake, fake_labels, _ = self.generate_clips(ops.shape(real)[0], training)
        return Batch(
            real, self._frames(real), labels, fake, self._frames(fake), fake_labels
        )

    def _frames(self, clips):
        return None if self.image_discriminator is None else self.random_frames(clips)

    def _image_discriminator_loss(self, batch, training):
        real, fake = self._judge(
            self.image_discriminator, batch.real_frames, batch.fake_frames, training
        )
        loss = self.adversarial_loss.discriminator(real, fake)
        if training:
            # R1 sums over pixels, of which a frame has a T-th of a clip's.
            r1_weight = self.r1_weight / self.clip_spec.clip_frames
            loss += self._penalty(
                self.image_discriminator,
                batch.real_frames,
                batch.fake_frames,
                r1_weight,
            )
        return loss, self._accuracies("image", real, fake)

    def _video_discriminator_loss(self, batch, training):
        real, fake = self._judge(
            self.video_discriminator, batch.real_clips, batch.fake_clips, training
        )
        loss = self.adversarial_loss.discriminator(real["logits"], fake["logits"])
        if training:
            loss += self._penalty(
                self.video_discriminator,
                batch.real_clips,
                batch.fake_clips,
                self.r1_weight,
            )
        metrics = self._accuracies("video", real["logits"], fake["logits"])
        # Where real clips are labelled they alone teach Q what the classes mean. Taught
        # by the generated ones too, Q soon reads a sign of their making instead.
        if batch.real_labels is None:
            loss += self._category_loss(batch.fake_labels, fake)
        else:
            loss += self._category_loss(batch.real_labels, real)
        return loss, metrics

    def _generator_loss(self, batch, training):
        n = ops.shape(batch.real_clips)[0]
        clips, labels, loss = self.generate_clips(n, training)
        metrics = {}
        if self.video_discriminator is not None:
            video = self.video_discriminator(clips, training=training)
            loss += self.adversarial_loss.generator(video["logits"])
            loss += self._category_loss(labels, video)
            if labels is not None:
                hits = losses.share_correct(labels, video["category_logits"])
                metrics["category_accuracy"] = hits
        if self.image_discriminator is not None:
            frames = self.random_frames(clips)
            image = self.image_discriminator(frames, training=training)
            loss += self.adversarial_loss.generator(image)
        return loss, metrics

    def _judge(self, discriminator, real, fake, training):
        """Scores of real and of generated samples, in one call where that is faster."""
        if kernels.is_reference():
            return (
                discriminator(real, training=training),
                discriminator(fake, training=training),
            )
        with judged_apart(2):
            both = discriminator(interleave([real, fake]), training=training)

        def part(index):
            return keras.tree.map_structure(lambda x: deal(x, 2)[:, index], both)

        return part(0), part(1)

    def _penalty(self, discriminator, real, fake, r1_weight):
        """The penalties on a discriminator's slope that there are, weighted."""
        total = 0.0
        if r1_weight:
            total += r1_weight / 2 * penalties.r1(discriminator, real)
        if self.gradient_penalty:
            shares = self.draw_uniform((ops.shape(real)[0],), 0.0, 1.0)
            penalty = penalties.gradient_penalty(discriminator, real, fake, shares)
            total += self.gradient_penalty * penalty
        return total

    def _category_loss(self, labels, scores):
        if labels is None or not self.category_weight:
            return 0.0
        return self.category_weight * losses.category_cross_entropy(
            labels, scores["category_logits"]
        )

    def _accuracies(self, kind, real, fake):
        threshold = self.adversarial_loss.threshold
        real, fake = losses.accuracies(real, fake, threshold)
        return {f"{kind}_real_accuracy": real, f"{kind}_fake_accuracy": fake}

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
            `(batch,)`, the image discriminator's mean logit over all frames; and
            `"category"` `(batch, num_classes)`, class probabilities averaged over the
            windows; each where the model has it.

        Raises:
            ValueError: If the videos do not fit or are shorter than `clip_frames`.
        """
        return scoring.score_videos(self, videos, training)
