"""Penalties on the gradient of a discriminator with respect to its samples."""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from keras_mocogan import backend
from keras_mocogan.layers.pretrained_features import penalized_slopes
from keras_mocogan.networks.discriminator_blocks import logits_of

Weight = float | keras.optimizers.schedules.LearningRateSchedule


class Penalties:
    """The weighted sum of the penalties that a model is compiled with.

    Args:
        r1_weight: gamma of R1 on clips, a number or a schedule over steps.
        r2_weight: The same of R2, which is R1 at generated samples.
        gradient_penalty: lambda of the gradient penalty.
        interval: Steps from one penalty to the next; each is `interval` times as large.
            Karras and others, "Analyzing and Improving the Image Quality of StyleGAN",
            CVPR 2020, section 3.1.
        rng: `rng.StepRandom`.
    """

    def __init__(
        self,
        r1_weight: Weight,
        r2_weight: Weight,
        gradient_penalty: float,
        interval: int,
        rng: Any,
    ) -> None:
        self.r1_weight, self.r2_weight = map(_plain, (r1_weight, r2_weight))
        self.gradient_penalty = float(gradient_penalty)
        self.interval, self._rng = interval, rng

    def __call__(
        self,
        judges: tuple[Callable[..., Any], Callable[..., Any]],
        real: Any,
        fake: Any,
        step: Any,
        parts: int = 1,
    ) -> Any:
        """What is added to a discriminator's loss, a scalar.

        Args:
            judges: Two discriminators, as for `r1`: one for real samples and one for
                generated ones. They are one network, but may take samples for clips of
                different classes. The gradient penalty takes the first.
            real, fake: float32 frames or clips in [-1, 1], the batch first.
            step: The number of this step of the discriminators, from 0.
            parts: How many such samples make a clip. R1 and R2 sum over pixels, and a
                sample has only its part of a clip's.
        """
        if not (self.r1_weight or self.r2_weight or self.gradient_penalty):
            return 0.0
        alpha = None
        if self.gradient_penalty:
            # Outside the branch, which must not change a variable such as the seed.
            alpha = self._rng.uniform((ops.shape(real)[0],))

        def total():
            return self._total(judges, real, fake, alpha, step, parts)

        if self.interval == 1:
            return total()
        return ops.cond(
            ops.equal(step % self.interval, 0),
            lambda: self.interval * total(),
            lambda: ops.zeros((), "float32"),
        )

    def _total(self, judges, real, fake, alpha, step, parts):
        total = 0.0
        weights = self.r1_weight, self.r2_weight
        for weight, judge, samples in zip(weights, judges, (real, fake), strict=True):
            if weight:
                gamma = weight(step) if is_schedule(weight) else weight
                total += gamma / parts / 2 * r1(judge, samples)
        if self.gradient_penalty:
            penalty = gradient_penalty(judges[0], real, fake, alpha)
            total += self.gradient_penalty * penalty
        return total


def is_schedule(weight: Weight) -> bool:
    """Whether a weight changes from step to step."""
    return isinstance(weight, keras.optimizers.schedules.LearningRateSchedule)


def _plain(weight):
    return weight if is_schedule(weight) else float(weight)


def r1(discriminator: Callable[..., Any], real: Any) -> Any:
    """Mean squared length of the discriminator's gradient at real samples.

    Half of it, weighted, makes a discriminator flat where real data is, and makes the
    game converge where it would circle: Mescheder, Geiger and Nowozin, "Which Training
    Methods for GANs do actually Converge?", ICML 2018. If a discriminator gives several
    logits for a sample, their mean is differentiated. Instance noise is off, and
    pretrained features of frames of less than 64 pixels count as constants.

    R2 is the same at generated samples.

    Args:
        discriminator: An image or video discriminator without batch normalization.
        real: float32 frames or clips in [-1, 1], the batch first.

    Returns:
        float32 scalar.
    """
    return ops.mean(_squared_gradients(discriminator, real))


def gradient_penalty(
    discriminator: Callable[..., Any], real: Any, fake: Any, alpha: Any
) -> Any:
    """How far the discriminator's slope is from 1 between real and generated samples.

    (|gradient| - 1)^2, the mean over samples, each at a place between a real and a
    generated one: Gulrajani and others, "Improved Training of Wasserstein GANs",
    NIPS 2017, equation 3, where its weight is 10. Several logits of a sample are
    averaged, and instance noise is off, as for `r1`.

    Args:
        discriminator: As for `r1`.
        real, fake: float32 frames or clips in [-1, 1], the batch first.
        alpha: float32 `(batch,)` in [0, 1], the real sample's weight in each place.

    Returns:
        float32 scalar.
    """
    alpha = ops.reshape(alpha, (-1, *[1] * len(_axes(real))))
    between = alpha * real + (1 - alpha) * fake
    squares = _squared_gradients(discriminator, between)
    # The root has no gradient at 0.
    lengths = ops.sqrt(squares + 1e-12)
    return ops.mean(ops.square(lengths - 1.0))


def _squared_gradients(discriminator, samples):
    """Squared length of the gradient of each sample's mean logit, `(batch,)`."""

    def total_score(samples):
        with penalized_slopes():
            logits = logits_of(discriminator(samples, training=False))
        return ops.sum(ops.mean(logits, axis=_axes(logits)))

    gradients = backend.input_gradients(total_score, samples)
    return ops.sum(ops.square(gradients), axis=_axes(samples))


def _axes(samples):
    return tuple(range(1, len(samples.shape)))
