"""What each phase of the step minimizes, given its networks and clips."""

from typing import Any

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
from keras_mocogan.training.class_projection import (
    conditional,
    of_class,
    of_other_classes,
)
from keras_mocogan.training.penalties import Penalties
from keras_mocogan.training.step_clips import RealFakeBatch


class Objective:
    """The losses of the paper's equation 4, with its category term, and penalties.

    Every method returns a float32 scalar and a dictionary of scalar metrics.

    Args:
        loss: `losses.AdversarialLoss`.
        category_loss: `"infogan"` or `"projection"`.
        category_weight: lambda of the InfoGAN term.
        wrong_class_weight: Weight of real clips under wrong classes.
        content_weight: lambda of the content vector's term.
        mismatch_weight: Weight of frames of two real clips, if D_I compares frames.
        disorder_weight: Weight of real clips whose frames are out of order.
        reconstruction_weight: Weight of the distance of first frames to their images.
        penalties: `penalties.Penalties` on the discriminators' slopes.
    """

    def __init__(
        self,
        loss: losses.AdversarialLoss,
        category_loss: str,
        category_weight: float,
        wrong_class_weight: float,
        content_weight: float,
        mismatch_weight: float,
        disorder_weight: float,
        reconstruction_weight: float,
        penalties: Penalties,
    ) -> None:
        self.loss, self.penalties = loss, penalties
        self.category_loss = category_loss
        self.category_weight = float(category_weight)
        self.wrong_class_weight = float(wrong_class_weight)
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
            both = discriminator, discriminator
            loss += self.penalties(both, *frames, batch.step, parts)
        return loss, self._accuracies("image", real, fake)

    def video_discriminator_loss(
        self, discriminator: keras.Model, batch: RealFakeBatch, training: bool
    ) -> tuple[Any, dict[str, Any]]:
        """D_V on clips and on their frames out of order, and on their classes."""
        clips = batch.real_clips, batch.fake_clips
        real, fake = _judge(discriminator, *clips, training)
        judges = self._video_judges(discriminator, batch)
        if self._projects(batch):
            loss = self._wrong_class_loss(batch.real_labels, real)
            real = of_class(real, batch.real_labels)
            fake = of_class(fake, batch.fake_labels)
        elif batch.real_labels is None:
            loss = self._category_loss(batch.fake_labels, fake)
        else:
            # From real clips alone: if Q learned from generated ones too, the generator
            # and Q would soon agree on a code of their own instead.
            loss = self._category_loss(batch.real_labels, real)
        loss += _scalar(self.loss.discriminator(real["logits"], fake["logits"]))
        loss += self._disorder_loss(judges[0], batch, real, training)
        if training:
            loss += self.penalties(judges, *clips, batch.step)
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
            judges = self._video_judges(video_discriminator, batch)
            fooled, scores = self._fool(judges, *clips, training)
            loss += fooled
            if not self._projects(batch):
                loss += self._category_loss(labels, scores)
            if labels is not None:
                hits = losses.category_accuracy(labels, scores["category_logits"])
                metrics["category_accuracy"] = hits
        if image_discriminator is not None:
            frames = batch.real_frames, batch.fake_frames
            both = image_discriminator, image_discriminator
            fooled, scores = self._fool(both, *frames, training)
            recovered, errors = self._content_loss(batch.fake_contents, scores)
            loss += fooled + recovered
            metrics |= errors
        if batch.reconstructed is not None:
            error = losses.reconstruction_error(batch.images, batch.reconstructed)
            loss += self.reconstruction_weight * error
            metrics["reconstruction_error"] = error
        return loss, metrics

    def _fool(self, judges, real, fake, training):
        """The generator's loss, and the scores of the generated samples.

        `judges` are the discriminator of real samples, and that of generated ones.
        """
        judge_real, judge_fake = judges
        if not self.loss.paired:
            scores = judge_fake(fake, training=training)
            return _scalar(self.loss.generator(logits_of(scores))), scores
        with backend.no_gradient():  # the real ones do not depend on the generator
            real_scores = judge_real(real, training=training)
        scores = judge_fake(fake, training=training)
        loss = self.loss.generator(logits_of(real_scores), logits_of(scores))
        return _scalar(loss), scores

    def _projects(self, batch):
        """Whether D_V judges clips as clips of a class. Without labels, Q has to find
        the classes.
        """
        return self.category_loss == "projection" and batch.real_labels is not None

    def _video_judges(self, discriminator, batch):
        """D_V of real clips, and of generated ones, which have other classes."""
        if not self._projects(batch):
            return discriminator, discriminator
        labels = batch.real_labels, batch.fake_labels
        return tuple(conditional(discriminator, of) for of in labels)

    def _wrong_class_loss(self, labels, real):
        """Real clips, taken for clips of another class, are judged like generated
        ones, as in `_mismatch_loss`. Otherwise D_V may ignore the class.
        """
        if not self.wrong_class_weight or real["category_logits"].shape[-1] == 1:
            return 0.0
        wrong = of_other_classes(real, labels)
        right = of_class(real, labels)["logits"][:, None]
        right = ops.broadcast_to(right, ops.shape(wrong))
        loss = _scalar(self.loss.discriminator(right, wrong))
        return self.wrong_class_weight / 2 * loss

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

    def _disorder_loss(self, judge, batch, real, training):
        """Real clips with frames out of order, or still, are judged like generated
        ones. Otherwise D_V may judge the frames alone.
        """
        if not self.disorder_weight:
            return 0.0
        wrong = judge(batch.disordered_clips, training=training)
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
