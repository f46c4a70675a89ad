"""Adversarial losses: logits in, scalar out.

A discriminator gives high logits to real samples. Every loss is a mean over all
logits, computed in float32.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from keras_mocogan import backend


@keras.saving.register_keras_serializable(package="keras_mocogan")
@dataclasses.dataclass(frozen=True)
class AdversarialLoss:
    """What a discriminator and a generator minimize, as functions of logits.

    A loss of your own can be saved with a model if its functions are registered with
    `keras.saving.register_keras_serializable`.

    Attributes:
        discriminator: `(real_logits, fake_logits) -> scalar`.
        generator: `(fake_logits) -> scalar`; if `paired`, `(real_logits, fake_logits)
            -> scalar`.
        threshold: Logits above it count as "judged real" in the accuracies. None is
            for logits without a zero: then the middle of the two means is used.
        paired: Whether the generator's loss takes the logits of real samples too. These
            come from the batch from which the discriminators have just learned.

    Example:

    ```python
    hinge = km.losses.hinge
    loss = km.losses.AdversarialLoss(hinge.discriminator, hinge.generator)
    model = km.MoCoGAN(image_size=32, clip_frames=4)
    model.compile(loss=loss)
    ```
    """

    discriminator: Callable
    generator: Callable
    threshold: float | None = 0.0
    paired: bool = False

    def get_config(self):
        serialize = keras.saving.serialize_keras_object
        return {
            "discriminator": serialize(self.discriminator),
            "generator": serialize(self.generator),
            "threshold": self.threshold,
            "paired": self.paired,
        }

    @classmethod
    def from_config(cls, config):
        deserialize = keras.saving.deserialize_keras_object
        sides = {k: deserialize(config[k]) for k in ("discriminator", "generator")}
        paired = config.get("paired", False)  # older files do not have it
        return cls(**sides, threshold=config["threshold"], paired=paired)


def _float32(logits):
    return ops.cast(logits, "float32")


# Registered, so that a model compiled with one of the objects below can be loaded.
_saved = keras.saving.register_keras_serializable(package="keras_mocogan")


@_saved
def _cross_entropy_discriminator(real_logits, fake_logits):
    # -log D(real) - log(1 - D(fake)), as softplus for its stability.
    real = ops.mean(ops.softplus(-_float32(real_logits)))
    return real + ops.mean(ops.softplus(_float32(fake_logits)))


@_saved
def _non_saturating_generator(fake_logits):
    return ops.mean(ops.softplus(-_float32(fake_logits)))


@_saved
def _minimax_generator(fake_logits):
    return -ops.mean(ops.softplus(_float32(fake_logits)))


@_saved
def _least_squares_discriminator(real_logits, fake_logits):
    real = ops.mean(ops.square(_float32(real_logits) - 1.0))
    return 0.5 * (real + ops.mean(ops.square(_float32(fake_logits))))


@_saved
def _least_squares_generator(fake_logits):
    return 0.5 * ops.mean(ops.square(_float32(fake_logits) - 1.0))


@_saved
def _hinge_discriminator(real_logits, fake_logits):
    real = ops.mean(ops.relu(1.0 - _float32(real_logits)))
    return real + ops.mean(ops.relu(1.0 + _float32(fake_logits)))


@_saved
def _wasserstein_discriminator(real_logits, fake_logits):
    return ops.mean(_float32(fake_logits)) - ops.mean(_float32(real_logits))


@_saved
def _negative_mean(fake_logits):
    return -ops.mean(_float32(fake_logits))


@_saved
def _relativistic_discriminator(real_logits, fake_logits):
    return ops.mean(ops.softplus(_float32(fake_logits) - _float32(real_logits)))


@_saved
def _relativistic_generator(real_logits, fake_logits):
    return _relativistic_discriminator(fake_logits, real_logits)


non_saturating = AdversarialLoss(
    _cross_entropy_discriminator, _non_saturating_generator
)
"""Goodfellow and others, NIPS 2014, section 3: the generator maximizes log D(fake)."""

minimax = AdversarialLoss(_cross_entropy_discriminator, _minimax_generator)
"""Tulyakov and others, CVPR 2018, equation 4 as it stands: the generator minimizes
log(1 - D(fake)), whose gradient fades when the discriminator is sure."""

least_squares = AdversarialLoss(
    _least_squares_discriminator, _least_squares_generator, threshold=0.5
)
"""Mao and others, ICCV 2017, equation 9: real is 1, fake is 0."""

hinge = AdversarialLoss(_hinge_discriminator, _negative_mean)
"""Lim and Ye, 2017; Miyato and others, ICLR 2018, equations 16 and 17."""

wasserstein = AdversarialLoss(
    _wasserstein_discriminator, _negative_mean, threshold=None
)
"""Arjovsky, Chintala and Bottou, ICML 2017, equations 2 and 3. It needs a
discriminator of bounded slope: `gradient_penalty` or `weight_constraint` of `compile`,
or spectral normalization."""

relativistic_pairing = AdversarialLoss(
    _relativistic_discriminator, _relativistic_generator, threshold=None, paired=True
)
"""Huang and others, "The GAN is dead; long live the GAN!", NeurIPS 2024, equation 2:
each real sample should score above the generated one at the same place in the batch,
patch by patch. Only differences of logits count, so the threshold of the accuracies is
midway between the two means. The paper adds R1 and R2 of the same weight, without which
training may not converge: `r1_weight` and `r2_weight` of `compile`."""

_LOSSES = {
    "non_saturating": non_saturating,
    "minimax": minimax,
    "least_squares": least_squares,
    "hinge": hinge,
    "wasserstein": wasserstein,
    "relativistic_pairing": relativistic_pairing,
}
NAMES = tuple(_LOSSES)


def get(loss: str | AdversarialLoss) -> AdversarialLoss:
    """Returns an `AdversarialLoss`.

    Args:
        loss: `"non_saturating"`, `"minimax"`, `"least_squares"`, `"hinge"`,
            `"wasserstein"` or `"relativistic_pairing"`; or an `AdversarialLoss`, which
            is returned as it is.

    Raises:
        ValueError: If there is no such loss.
    """
    if isinstance(loss, AdversarialLoss):
        return loss
    if not isinstance(loss, str) or loss not in _LOSSES:
        raise ValueError(
            f"`loss` must be one of {', '.join(map(repr, NAMES))}, or an "
            f"`AdversarialLoss`. Received: loss={loss!r}."
        )
    return _LOSSES[loss]


def category_cross_entropy(labels: Any, logits: Any) -> Any:
    """Mean cross entropy of integer labels, the InfoGAN bound up to a constant.

    Chen and others, NIPS 2016, equation 5: the code's own entropy is constant, so
    minimizing this maximizes the lower bound of the mutual information.

    Args:
        labels: Integers of shape `(batch,)`. A label that is not a class makes the loss
            NaN on TensorFlow and JAX, and its clip has no part in the gradient;
            PyTorch raises an error.
        logits: Logits of shape `(batch, num_classes)`.
    """
    return -ops.mean(of_labels(labels, ops.log_softmax(_float32(logits), axis=-1)))


def of_labels(labels: Any, values: Any) -> Any:
    """The value of each row's label.

    Args:
        labels: Integers `(batch,)`. For a label that is not a class the value is NaN on
            TensorFlow and JAX; PyTorch raises an error.
        values: Floats `(batch, num_classes)`.

    Returns:
        float32 `(batch,)`.
    """
    codes = ops.one_hot(labels, values.shape[-1], dtype="float32")
    found = ops.sum(codes * _float32(values), axis=-1)
    return ops.where(ops.any(codes > 0, axis=-1), found, float("nan"))


def content_error(contents: Any, recovered: Any) -> Any:
    """Mean squared error of content vectors that are recovered from frames.

    This is InfoGAN's bound for a continuous code (Chen and others, NIPS 2016, section
    5) whose posterior is a Gaussian of fixed variance: apart from constants, its
    negative logarithm is this error. 1 is as good as knowing nothing, 0 is perfect.

    Args:
        contents: float32 `(batch, d)`, drawn from N(0, I).
        recovered: `(batch * count, d)`, from `count` frames of each clip.
    """
    shape = (ops.shape(contents)[0], -1, contents.shape[-1])
    return ops.mean(
        ops.square(ops.reshape(_float32(recovered), shape) - contents[:, None])
    )


def reconstruction_error(images: Any, reconstructed: Any) -> Any:
    """Mean absolute difference of pixels, the L1 distance of the paper.

    Args:
        images, reconstructed: `(batch, height, width, channels)` in [-1, 1], so 2 is
            the largest difference.

    Returns:
        float32 scalar.
    """
    return ops.mean(ops.abs(_float32(reconstructed) - _float32(images)))


def accuracies(
    real_logits: Any, fake_logits: Any, threshold: float | None
) -> tuple[Any, Any]:
    """Shares of the real and of the fake logits that are judged correctly.

    Args:
        real_logits, fake_logits: Logits of any shape.
        threshold: As in `AdversarialLoss`.

    Returns:
        Two scalars in [0, 1].
    """
    if threshold is None:
        means = ops.mean(_float32(real_logits)) + ops.mean(_float32(fake_logits))
        threshold = backend.mean_over_processes(means / 2)
    real = share_above(real_logits, threshold)
    return real, 1.0 - share_above(fake_logits, threshold)


def share_above(logits: Any, threshold: Any) -> Any:
    """Share of logits above a threshold, a scalar in [0, 1]."""
    return ops.mean(ops.cast(_float32(logits) > threshold, "float32"))


def category_accuracy(labels: Any, logits: Any) -> Any:
    """Share of rows whose largest logit is the label's, a scalar in [0, 1]."""
    hits = ops.equal(ops.cast(ops.argmax(logits, axis=-1), "int32"), labels)
    return ops.mean(ops.cast(hits, "float32"))
