"""What each phase of the step minimizes, given its networks and clips."""

from typing import Any, NamedTuple

import keras
from keras import ops

from keras_mocogan.backend import kernels
from keras_mocogan.layers.batch_normalization import (
    deinterleave,
    interleave,
    separate_batch_statistics,
)
from keras_mocogan.networks.slots import is_own
from keras_mocogan.training import losses, penalties


class GeneratedClips(NamedTuple):
    """What a generator makes in one step.

    Attributes:
        clips: float32 `(n, clip_frames, height, width, channels)` in [-1, 1].
        labels: int32 `(n,)`, or None without classes.
        penalty: Scalar that is added to the generator's loss.
    """

    clips: object
    labels: object = None
    penalty: object = 0.0


class RealFakeBatch(NamedTuple):
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


class Objective:
    """The losses of the paper's equation 4, with its category term, and penalties.

    Every method returns a float32 scalar and a dictionary of scalar metrics.

    Args:
        loss: `losses.AdversarialLoss`.
        category_weight: lambda of the InfoGAN term.
        r1_weight: gamma of R1, on D_V.
        gradient_penalty: lambda of the gradient penalty.
        clip_frames: T, of which D_I's part of R1 is a share.
        rng: `rng.StepRandom`.
    """

    def __init__(
        self,
        loss: losses.AdversarialLoss,
        category_weight: float,
        r1_weight: float,
        gradient_penalty: float,
        clip_frames: int,
        rng: Any,
    ) -> None:
        self.loss = loss
        self.category_weight = category_weight
        self.r1_weight, self.gradient_penalty = r1_weight, gradient_penalty
        self._clip_frames, self._rng = clip_frames, rng

    def image_discriminator_loss(
        self, discriminator: keras.Model, batch: RealFakeBatch, training: bool
    ) -> tuple[Any, dict[str, Any]]:
        """D_I on single frames, `batch` a `RealFakeBatch`."""
        frames = batch.real_frames, batch.fake_frames
        real, fake = _judge(discriminator, *frames, training)
        loss = self.loss.discriminator(real, fake)
        if training:
            # R1 sums over pixels, of which a frame has a T-th of a clip's.
            r1_weight = self.r1_weight / self._clip_frames
            loss += self._penalty(discriminator, *frames, r1_weight)
        return loss, self._accuracies("image", real, fake)

    def video_discriminator_loss(
        self, discriminator: keras.Model, batch: RealFakeBatch, training: bool
    ) -> tuple[Any, dict[str, Any]]:
        """D_V on clips, and Q on their classes."""
        clips = batch.real_clips, batch.fake_clips
        real, fake = _judge(discriminator, *clips, training)
        loss = self.loss.discriminator(real["logits"], fake["logits"])
        if training:
            loss += self._penalty(discriminator, *clips, self.r1_weight)
        # If real clips are labeled, Q learns the classes from them alone. If it learned
        # from generated clips too, generator and Q would soon agree on a code of their
        # own instead.
        if batch.real_labels is None:
            loss += self._category_loss(batch.fake_labels, fake)
        else:
            loss += self._category_loss(batch.real_labels, real)
        return loss, self._accuracies("video", real["logits"], fake["logits"])

    def generator_loss(
        self,
        image_discriminator: keras.Model | None,
        video_discriminator: keras.Model | None,
        generated: GeneratedClips,
        frames: Any,
        training: bool,
    ) -> tuple[Any, dict[str, Any]]:
        """G_I and R_M against both discriminators, either of which may be None.

        Args:
            image_discriminator, video_discriminator: Networks or None.
            generated: `GeneratedClips`.
            frames: The frames of them that D_I judges, or None.
            training: Whether the discriminators use batch statistics and noise.
        """
        clips, labels, loss = generated
        metrics = {}
        if video_discriminator is not None:
            video = video_discriminator(clips, training=training)
            loss += self.loss.generator(video["logits"])
            loss += self._category_loss(labels, video)
            if labels is not None:
                hits = losses.category_accuracy(labels, video["category_logits"])
                metrics["category_accuracy"] = hits
        if image_discriminator is not None:
            image = image_discriminator(frames, training=training)
            loss += self.loss.generator(image)
        return loss, metrics

    def _penalty(self, discriminator, real, fake, r1_weight):
        """The penalties on a discriminator's slope that there are, weighted."""
        total = 0.0
        if r1_weight:
            total += r1_weight / 2 * penalties.r1(discriminator, real)
        if self.gradient_penalty:
            alpha = self._rng.uniform((ops.shape(real)[0],))
            penalty = penalties.gradient_penalty(discriminator, real, fake, alpha)
            total += self.gradient_penalty * penalty
        return total

    def _category_loss(self, labels, scores):
        if labels is None or not self.category_weight:
            return 0.0
        return self.category_weight * losses.category_cross_entropy(
            labels, scores["category_logits"]
        )

    def _accuracies(self, kind, real, fake):
        real, fake = losses.accuracies(real, fake, self.loss.threshold)
        return {f"{kind}_real_accuracy": real, f"{kind}_fake_accuracy": fake}


def _judge(discriminator, real, fake, training):
    """Scores of real and of generated samples, in one call if that is faster.

    A network of the user's own is called twice, because its batch normalization would
    mix the statistics of the two.
    """
    if kernels.is_reference() or not is_own(discriminator):
        return (
            discriminator(real, training=training),
            discriminator(fake, training=training),
        )
    with separate_batch_statistics(2):
        both = discriminator(interleave([real, fake]), training=training)

    def part(index):
        return keras.tree.map_structure(lambda x: deinterleave(x, 2)[:, index], both)

    return part(0), part(1)
