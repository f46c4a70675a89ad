"""The adversarial step, written once for every backend and every model."""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import keras
from keras import ops

from keras_mocogan import backend
from keras_mocogan.checks import check_at_least
from keras_mocogan.layers import spectral_normalization as spectral
from keras_mocogan.layers.seeds import SeedGenerator
from keras_mocogan.networks.freezing import learnable_variables
from keras_mocogan.networks.image_discriminator import frames_together
from keras_mocogan.training import batch_parts, inputs, scoring
from keras_mocogan.training.rng import StepRandom
from keras_mocogan.training.step_clips import RealFakeBatch
from keras_mocogan.training.trainer import AdversarialTrainer

# `evaluate` draws the same noise whenever it is called, from a separate stream.
_EVALUATION_SEED = 20180618
_DRAWS_PER_BATCH = 1024


class Phase(NamedTuple):
    """A part of the step: which networks learn, and from which loss.

    Attributes:
        name: Name of the phase and of its optimizer.
        networks: The networks that learn unless frozen; all others stay the same.
        loss: `(batch, training) -> (scalar loss, {metric name: scalar})`.
    """

    name: str
    networks: tuple
    loss: Callable

    @property
    def variables(self) -> list[keras.Variable]:
        return [v for network in self.networks for v in network.trainable_variables]

    @property
    def learnable_variables(self) -> list[keras.Variable]:
        return learnable_variables(self.networks)


class AdversarialModel(AdversarialTrainer):
    """A generator of videos against an image and a video discriminator, or one of them.

    A subclass makes the networks, passes them to `_set_networks`, and defines
    `generate_clips`. Training is the same for all subclasses on every backend.

    Args:
        clip_spec: `inputs.ClipSpec`, the videos that the model takes.
        image_frames: Frames of each clip that the image discriminator judges.
        seed: Integer for the noise of training, or None.
        **kwargs: `name` and `dtype` of `keras.Model`.
    """

    def __init__(
        self,
        clip_spec: inputs.ClipSpec,
        image_frames: int = 1,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_at_least(1, image_frames=image_frames)
        self.image_frames = image_frames
        self._clip_spec = tuple(clip_spec)
        self.seed_generator = SeedGenerator(seed)
        self.rng = StepRandom(self.seed_generator)

    def _set_networks(
        self,
        generators,
        image_discriminator=None,
        video_discriminator=None,
        image_encoder=None,
    ):
        # The encoder learns with the generators.
        self._generators = [*generators, *filter(None, [image_encoder])]
        self.image_encoder = image_encoder
        self.image_discriminator = image_discriminator
        self.video_discriminator = video_discriminator
        self.built = True  # the networks were built when they were made

    @property
    def clip_spec(self) -> inputs.ClipSpec:
        """Sizes, clip length and classes that the model takes."""
        return inputs.ClipSpec(*self._clip_spec)

    def generating_networks(self) -> tuple[keras.Model, ...]:
        """The networks that generate, a tuple: all that `generate` needs.

        An image encoder is the last of them.
        """
        # Not a property: Keras would save the networks under its name.
        return tuple(self._generators)

    def discriminating_networks(self) -> tuple[keras.Model, ...]:
        """The discriminators that the model has, a tuple."""
        both = (self.image_discriminator, self.video_discriminator)
        return tuple(network for network in both if network is not None)

    def generate_clips(self, n: Any, training: bool, images: Any) -> Any:
        """Makes clips for the step to judge.

        Args:
            n: Number of clips.
            training: Whether the networks train.
            images: First frames of `n` real clips, in [-1, 1], which a model with an
                encoder takes its contents from.

        Returns:
            `step_clips.GeneratedClips`.
        """
        raise NotImplementedError

    # === The step ===

    @property
    def phases(self) -> list[Phase]:
        """The phases of one step, in the order in which they are trained."""
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

    def adversarial_step(self, data: Any) -> dict[str, Any]:
        """Trains every phase on one batch of real videos.

        The discriminators are trained `discriminator_steps` times, against new videos
        each time, then the generator. Each phase goes through `accumulate` parts of the
        batch before its weights change.

        Args:
            data: `videos` or `(videos, labels)`, as tensors.

        Returns:
            The logs: a dictionary from metric name to running mean.
        """
        *discriminators, generator = self.phases
        first = self.optimizer.iterations * self.discriminator_steps
        for turn in range(self.discriminator_steps):
            with backend.no_gradient():
                parts = [
                    (share, self._make_batch(part, training=True))
                    for share, part in batch_parts.split(data, self.accumulate)
                ]
            parts = [(n, batch._replace(step=first + turn)) for n, batch in parts]
            judged = [self._train_phase(phase, parts) for phase in discriminators]
            with backend.no_gradient():
                self._apply_constraints(discriminators)
        total = sum(judged) + self._train_phase(generator, parts)
        with backend.no_gradient():
            self.optimizer.iterations.assign_add(1)
            self._means["loss"].update_state(total)
            return self.get_metrics_result()

    def _train_phase(self, phase, parts):
        losses = [
            (share, functools.partial(phase.loss, batch, training=True))
            for share, batch in parts
        ]
        (loss, metrics), gradients = batch_parts.gradients_of_parts(
            self, losses, phase.variables
        )
        with backend.no_gradient():
            self.optimizer[phase.name].apply(gradients, phase.variables)
            self._update_means(phase.name, loss, metrics)
        return loss

    def _apply_constraints(self, phases):
        """Bounds weights and advances spectral norms after a discriminator's step."""
        for phase in phases:
            if self.weight_constraint is not None and phase.variables:
                step = self.optimizer[phase.name].iterations
                self.weight_constraint.apply(phase.networks, step)
            spectral.advance(phase.networks)

    def evaluation_step(self, data: Any) -> dict[str, Any]:
        """Computes every phase's loss on one batch; only the means change."""
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
        batch = self._make_batch(data, training=False)
        total = 0.0
        for phase in self.phases:
            loss, metrics = backend.mean_over_processes(
                phase.loss(batch, training=False)
            )
            self._update_means(phase.name, loss, metrics)
            total = total + loss
        self._means["loss"].update_state(total)
        self.seed_generator.state.assign(before)
        return self.get_metrics_result()

    def _make_batch(self, data, training):
        videos, labels, _ = keras.utils.unpack_x_y_sample_weight(data)
        spec = self.clip_spec
        spec.check_videos(videos.shape, inputs.dtype_name(videos))
        if labels is not None:
            spec.check_labels(labels.shape, inputs.dtype_name(labels))
            labels = ops.cast(labels, "int32")
        # The window is cut first: the other frames do not have to be converted.
        real = inputs.to_model_range(self.rng.window(videos, spec.clip_frames))
        images = real[:, 0]
        generated = self.generate_clips(ops.shape(real)[0], training, images)
        real, real_frames = self._judged(real, training)
        batch = RealFakeBatch(real, real_frames, labels, images=images)
        if self.objective.disorder_weight:
            batch = batch._replace(disordered_clips=self.rng.disordered(real))
        return self._with_generated(batch, generated, training)

    def _with_generated(self, batch, generated, training):
        clips, frames = self._judged(generated.clips, training)
        return batch._replace(
            fake_clips=clips,
            fake_frames=frames,
            fake_labels=generated.labels,
            fake_contents=generated.contents,
            reconstructed=generated.reconstructed,
        )

    def _judged(self, clips, training):
        """Clips as D_V sees them, and their frames that D_I sees, or None."""
        frames = None
        if self.image_discriminator is not None:
            together = frames_together(self.image_discriminator)
            frames = self.rng.frames(clips, self.image_frames, together)
        if self.augmentation is None or not training:
            return clips, frames
        if self.video_discriminator is not None:
            clips = self.augmentation(clips)
        return clips, None if frames is None else self.augmentation(frames)

    def _image_discriminator_loss(self, batch, training):
        return self.objective.image_discriminator_loss(
            self.image_discriminator, batch, training
        )

    def _video_discriminator_loss(self, batch, training):
        return self.objective.video_discriminator_loss(
            self.video_discriminator, batch, training
        )

    def _generator_loss(self, batch, training):
        # New generated clips, with the real ones from which the discriminators learned.
        n = ops.shape(batch.real_clips)[0]
        generated = self.generate_clips(n, training, batch.images)
        batch = self._with_generated(batch, generated, training)
        loss, metrics = self.objective.generator_loss(
            self.image_discriminator, self.video_discriminator, batch, training
        )
        return loss + generated.penalty, metrics

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
            windows. Scores of parts that the model does not have are left out. With
            `category_loss="projection"` D_V learned to judge clips of a known class, so
            `"video"` and `"category"` say less.

        Raises:
            ValueError: If the videos do not fit or are shorter than `clip_frames`.
        """
        return scoring.score_videos(self, videos, training)
