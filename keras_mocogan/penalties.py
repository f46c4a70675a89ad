"""Penalties on the gradient of a discriminator with respect to what it judges."""

from keras import ops

from keras_mocogan import backend


def r1(discriminator, real):
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

    def total_score(samples):
        scores = discriminator(samples, training=False)
        logits = scores["logits"] if isinstance(scores, dict) else scores
        return ops.sum(ops.mean(logits, axis=_axes(logits)))

    gradients = backend.input_gradients(total_score, real)
    return ops.mean(ops.sum(ops.square(gradients), axis=_axes(real)))


def _axes(samples):
    return tuple(range(1, len(samples.shape)))
