"""What the discriminators are built from: noise, levels, scores."""

import math
from collections.abc import Sequence
from typing import Any

from keras import layers, ops

from keras_mocogan.checks import check_choice, is_number
from keras_mocogan.networks.layer_factory import LEAKY_GAIN, LayerFactory

_BATCH = ("batch", "synchronized_batch")


def video_scores(make: LayerFactory, x: Any) -> dict[str, Any]:
    """Logits, and with more than one channel those of Q too."""
    x = make.to_float32("scores")(x)
    if x.shape[-1] == 1:
        return {"logits": x}
    # The class belongs to the whole clip: its logits are averaged over places.
    mean = layers.GlobalAveragePooling3D(
        data_format="channels_last", dtype="float32", name="category_logits"
    )
    return {"logits": x[..., :1], "category_logits": mean(x[..., 1:])}


def logits_of(scores: Any) -> Any:
    """The logits among the scores of an image or a video discriminator."""
    return scores["logits"] if isinstance(scores, dict) else scores


def of_groups(logits: Any, size: int) -> Any:
    """Logits of single samples, `(batch * size, ...)`, as those of groups of them.

    Args:
        logits: float32, of any number of axes.
        size: Samples of a group.

    Returns:
        `(batch, n)`.
    """
    return ops.reshape(logits, (-1, size * math.prod(logits.shape[1:])))


def weighed_alike(judges: Sequence[Any]) -> Any:
    """Logits of several judges in one tensor, in which all of them weigh the same.

    Args:
        judges: Logits `(batch, n)`, each with its own n.

    Returns:
        `(batch, m)`, each judge's logits as often as it takes to fill an equal share,
        so that each counts the same in every mean over logits. m is the least common
        multiple of the n's, which is large for odd sizes: 30,888 for pairs of frames of
        176x208 pixels.
    """
    most = math.lcm(*(logits.shape[1] for logits in judges))
    copies = [ops.tile(logits, (1, most // logits.shape[1])) for logits in judges]
    return ops.concatenate(copies, axis=1)


def with_noise(make: LayerFactory, x: Any, stddev: float, level: int | str) -> Any:
    return make.noise(stddev, f"noise_{level}")(x) if stddev else x


def normalize_and_activate(
    make: LayerFactory, x: Any, level: int, normalization: str
) -> Any:
    if level and normalization in _BATCH:
        synchronized = normalization == "synchronized_batch"
        x = make.batch_norm(f"norm_{level}", synchronized)(x)
    return make.leaky_relu(f"leaky_relu_{level}")(x)


def discriminator_factory(
    normalization: str, seed: int | None, dtype: Any
) -> LayerFactory:
    check_choice("normalization", normalization, (*_BATCH, "none", "spectral"))
    if normalization in _BATCH:
        return LayerFactory(seed, dtype)
    spectral = normalization == "spectral"
    return LayerFactory(seed, dtype, LEAKY_GAIN, use_bias=True, spectral=spectral)


def check_noise(instance_noise: float) -> None:
    if not is_number(instance_noise) or instance_noise < 0:
        raise ValueError(
            "`instance_noise` must be 0 (none) or more, and finite: it is a "
            f"standard deviation. Received: instance_noise={instance_noise!r}."
        )
