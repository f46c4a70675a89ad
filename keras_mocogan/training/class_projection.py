"""Scores of clips as clips of a class: the projection discriminator.

Miyato and Koyama, "cGANs with Projection Discriminator", ICLR 2018, section 3: to the
logit of a sample is added the inner product of its last features and a vector of its
class. The class logits of a video discriminator are such products, averaged over the
places of a clip, so they are what is added.
"""

from collections.abc import Callable
from typing import Any

from keras import ops

from keras_mocogan.training.losses import of_labels


def of_class(scores: dict[str, Any], labels: Any) -> dict[str, Any]:
    """Scores with the logit of each clip's class added to its other logits.

    Args:
        scores: `"logits"` of shape `(n, ...)`, `"category_logits"` `(n, num_classes)`.
        labels: Integers `(n,)`. A label that is not a class makes its logits NaN on
            TensorFlow and JAX; PyTorch raises an error.

    Returns:
        The scores, with other `"logits"`, float32.
    """
    logits = ops.cast(scores["logits"], "float32")
    added = of_labels(labels, scores["category_logits"])
    return {**scores, "logits": logits + _like(added, logits)}


def of_other_classes(scores: dict[str, Any], labels: Any) -> Any:
    """Logits of each clip as one of every class but its own.

    Args:
        scores, labels: As for `of_class`.

    Returns:
        float32 `(n, num_classes - 1, ...)`, where `...` is that of the logits.
    """
    names = "logits", "category_logits"
    logits, classes = (ops.cast(scores[name], "float32") for name in names)
    count = classes.shape[-1]
    others = (labels[:, None] + ops.arange(1, count, dtype=labels.dtype)) % count
    added = ops.take_along_axis(classes, others, axis=1)
    return logits[:, None] + _like(added, logits[:, None])


def conditional(discriminator: Callable[..., Any], labels: Any) -> Callable[..., Any]:
    """A discriminator that takes all that it judges for clips of these classes."""

    def judge(clips, training=False):
        return of_class(discriminator(clips, training=training), labels)

    return judge


def _like(values, logits):
    """Values with as many axes as logits."""
    more = len(logits.shape) - len(values.shape)
    # Not a reshape, which TensorFlow cannot do if it does not know the batch's size.
    return values[(..., *[None] * more)]
