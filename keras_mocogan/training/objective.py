"""What each phase of the step minimizes, given its networks and clips."""

from typing import Any, NamedTuple

import keras
from keras import ops

from keras_mocogan import backend
from keras_mocogan.backend import kernels
from keras_mocogan.layers.batch_normalization import (
    deinterleave,
    interleave,
    separate_batch_statistics,
)
from keras_mocogan.networks.discriminator_blocks import logits_of
from keras_mocogan.networks.frame_comparison import same_clip_logits
from keras_mocogan.networks.image_discriminator import compares_frames
from keras_mocogan.networks.slots import is_own
from keras_mocogan.training import losses
from keras_mocogan.training.penalties import Penalties


class GeneratedClips(NamedTuple):
    """What a generator makes in one step.

    Attributes:
        clips: float32 `(n, clip_frames, height, width, channels)` in [-1, 1].
        labels: int32 `(n,)`, or None without classes.
        penalty: Scalar that is added to the generator's loss.
        contents: float32 `(n, content_dim)`, or None if clips have no content.
        reconstructed: float32 `(n, height, width, channels)`, the first generated
            frames, if contents were encoded from images; otherwise None.
    """

    clips: object
    labels: object = None
    penalty: object = 0.0
    contents: object = None
    reconstructed: object = None


class RealFakeBatch(NamedTuple):
    """What the discriminators see in one step.

    Clips are float32 `(batch, clip_frames, height, width, channels)` in [-1, 1],
    frames `(batch * image_frames, height, width, channels)`, labels integers
    `(batch,)` or None, contents `(batch, content_dim)` or None. `images` are the first
    frames of the real clips before any augmentation, and `reconstructed` what a model
    with an encoder makes of them, or None. `disordered_clips` are the real clips with
    their frames out of order, or None. `step` counts the discriminators' steps from 0.
    """

    real_clips: object
    real_frames: object
    real_labels: object
    fake_clips: object = None
    fake_frames: object = None
    fake_labels: object = None
    fake_contents: object = None
    images: object = None
    reconstructed: object = None
    disordered_clips: object = None
    step: object = 0


class Objective:
    """The losses of the paper's equation 4, with its category term, and penalties.

    Every method returns a float32 scalar and a dictionary of scalar metrics.

    Args:
        loss: `losses.AdversarialLoss`.
        category_weight: lambda of the InfoGAN term.
        content_weight: The same for the content vector's term.
        mismatch_weight: Weight of frames of two real clips, if D_I compares frames.
        disorder_weight: Weight of real clips whose frames are out of order.
        reconstruction_weight: Weight of the distance of first frames to their images.
        penalties: `penalties.Penalties` on the discriminators' slopes.
    """

    def __init__(
        self,
        loss: losses.AdversarialLoss,
        category_weight: float,
        content_weight: float,
        mismatch_weight: float,
        disorder_weight: float,
        reconstruction_weight: float,
        penalties: Penalties,
    ) -> None:
        self.loss, self.penalties = loss, penalties
        self.category_weight = float(category_weight)
        self.content_weight = float(content_weight)
        self.mismatch_weight = float(mismatch_weight)
        self.disorder_weight = float(disorder_weight)
        self.reconstruction_weight = float(reconstruction_weight)

    def image_discriminator_loss(
        self, discriminator: keras.Model, batch: RealFakeBatch, training: bool
    ) -> tuple[Any, dict[str, Any]]:
        """D_I on frames, on frames of two clips, and on the contents it recovers."""
        frames = batch.real_frames, batch.fake_frames
        real, fake = _judge(discriminator, *frames, training)
        loss = self._content_loss(batch.fake_contents, fake)[0]
        loss += self._mismatch_loss(discriminator, batch, real)
        real, fake = logits_of(real), logits_of(fake)
        loss += _scalar(self.loss.discriminator(real, fake))
        if training:
            parts = batch.real_clips.shape[1]
            loss += self.penalties(discriminator, *frames, batch.step, parts)
        return loss, self._accuracies("image", real, fake)

    def video_discriminator_loss(
        self, discriminator: keras.Model, batch: RealFakeBatch, training: bool
    ) -> tuple[Any, dict[str, Any]]:
        """D_V on clips and on their frames out of order, and Q on their classes."""
        clips = batch.real_clips, batch.fake_clips
        real, fake = _judge(discriminator, *clips, training)
        loss = _scalar(self.loss.discriminator(real["logits"], fake["logits"]))
        loss += self._disorder_loss(discriminator, batch, real, training)
        if training:
            loss += self.penalties(discriminator, *clips, batch.step)
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
        batch: RealFakeBatch,
        training: bool,
    ) -> tuple[Any, dict[str, Any]]:
        """G_I and R_M against both discriminators, either of which may be None.

        With an encoder, first frames are compared with the images too.

        Args:
            image_discriminator, video_discriminator: Networks or None.
            batch: `RealFakeBatch`. Its real part is judged only for a paired loss.
            training: Whether the discriminators use batch statistics and noise.
        """
        loss, metrics, labels = 0.0, {}, batch.fake_labels
        if video_discriminator is not None:
            clips = batch.real_clips, batch.fake_clips
            fooled, scores = self._fool(video_discriminator, *clips, training)
            loss += fooled
            loss += self._category_loss(labels, scores)
            if labels is not None:
                hits = losses.category_accuracy(labels, scores["category_logits"])
                metrics["category_accuracy"] = hits
        if image_discriminator is not None:
            frames = batch.real_frames, batch.fake_frames
            fooled, scores = self._fool(image_discriminator, *frames, training)
            recovered, errors = self._content_loss(batch.fake_contents, scores)
            loss += fooled + recovered
            metrics |= errors
        if batch.reconstructed is not None:
            error = losses.reconstruction_error(batch.images, batch.reconstructed)
            loss += self.reconstruction_weight * error
            metrics["reconstruction_error"] = error
        return loss, metrics

    def _fool(self, discriminator, real, fake, training):
        """The generator's loss against a discriminator, and the scores of that."""
        if not self.loss.paired:
            scores = discriminator(fake, training=training)
            return _scalar(self.loss.generator(logits_of(scores))), scores
        with backend.no_gradient():  # the real ones do not depend on the generator
            real_scores = discriminator(real, training=training)
        scores = discriminator(fake, training=training)
        loss = self.loss.generator(logits_of(real_scores), logits_of(scores))
        return _scalar(loss), scores

    def _category_loss(self, labels, scores):
        if labels is None or not self.category_weight:
            return 0.0
        return self.category_weight * losses.category_cross_entropy(
            labels, scores["category_logits"]
        )

    def _content_loss(self, contents, scores):
        """The content's term and its error, if D_I recovers contents."""
        if contents is None or not isinstance(scores, dict) or "content" not in scores:
            return 0.0, {}
        error = losses.content_error(contents, scores["content"])
        return self.content_weight * error, {"content_error": error}

    def _mismatch_loss(self, discriminator, batch, real):
        """Frames of two real clips are judged like generated ones, as Reed and others
        do with an image and another image's text, "Generative Adversarial Text to
        Image Synthesis", ICML 2016, section 4.2.
        """
        if not (self.mismatch_weight and compares_frames(discriminator)):
            return 0.0
        codes, clips = real["codes"], ops.shape(batch.real_clips)[0]
        each = ops.shape(codes)[0] // clips  # groups of frames of one clip
        others = ops.roll(codes[:, 1:], each, axis=0)
        mixed = ops.concatenate([codes[:, :1], others], axis=1)
        wrong = same_clip_logits(discriminator, mixed)
        loss = _scalar(self.loss.discriminator(real["same_clip_logits"], wrong))
        # A batch of one clip has no other clip.
        return self.mismatch_weight / 2 * loss * ops.cast(clips > 1, "float32")

    def _disorder_loss(self, discriminator, batch, real, training):
        """Real clips with frames out of order, or still, are judged like generated
        ones. Otherwise D_V may judge the frames alone.
        """
        if not self.disorder_weight:
            return 0.0
        wrong = discriminator(batch.disordered_clips, training=training)
        loss = _scalar(self.loss.discriminator(real["logits"], wrong["logits"]))
        return self.disorder_weight / 2 * loss

    def _accuracies(self, kind, real, fake):
        real, fake = losses.accuracies(real, fake, self.loss.threshold)
        return {f"{kind}_real_accuracy": real, f"{kind}_fake_accuracy": fake}


def _scalar(loss):
    """The loss, if it is a scalar: TensorFlow would differentiate the sum of others."""
    shape = tuple(getattr(loss, "shape", ()))
    if shape:
        raise ValueError(
            "The functions of an `AdversarialLoss` must return a scalar. Received: a "
            f"loss of shape {shape}. Return its mean, `keras.ops.mean(loss)`."
        )
    return loss


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
