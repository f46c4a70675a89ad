"""Penalties on the gradient of a discriminator with respect to its samples."""

from collections.abc import Callable
from typing import Any

from keras import ops

from keras_mocogan import backend


def r1(discriminator: Callable[..., Any], real: Any) -> Any:
    """Squared length of the discriminator's gradient at real samples, their mean.

    Half of it, weighted, makes a discriminator flat where real data is, and the game
    converge where it would circle: Mescheder, Geiger and Nowozin, "Which Training
    Methods for GANs do actually Converge?", ICML 2018. Where a discriminator gives
    several logits for a sample, their mean is differentiated. Instance noise is off.

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
        scores = discriminator(samples, training=False)
        logits = scores["logits"] if isinstance(scores, dict) else scores
        return ops.sum(ops.mean(logits, axis=_axes(logits)))

    gradients = backend.input_gradients(total_score, samples)
    return ops.sum(ops.square(gradients), axis=_axes(samples))


def _axes(samples):
    return tuple(range(1, len(samples.shape)))
