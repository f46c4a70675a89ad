"""Frames of one clip, judged one by one and then compared: a part of D_I.

A Siamese network, as in Donahue, Lipton, Balsubramani and McAuley, "Semantically
Decomposing the Latent Spaces of Generative Adversarial Networks", ICLR 2018: every
frame goes through the same convolutions, and what they found is compared. A thing gives
the same code wherever it is in the frame, so a change of its color is easy to see.
"""

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from keras_mocogan.networks.layer_factory import LEAKY_GAIN, LayerFactory

# Size of a frame's code and of the layer that compares codes.
_UNITS = 64
_COMPARISON = "comparison"


def one_by_one(frames: Any) -> Any:
    """`(batch, frames, height, width, channels)` as a batch of single frames."""
    return ops.reshape(frames, (-1, *frames.shape[2:]))


def together(x: Any, frames: int) -> Any:
    """Rows of single frames as groups of frames of one clip, `(batch, frames, ...)`."""
    return ops.reshape(x, (-1, frames, *x.shape[1:]))


def compare(make: LayerFactory, maps: Sequence[Any], frames: int) -> dict[str, Any]:
    """Whether frames are of one clip, by what was found in each of them.

    Args:
        make: Makes the layers.
        maps: What convolutions found in single frames, each `(batch * frames, rows,
            columns, channels)`.
        frames: Frames that are judged together.

    Returns:
        `"codes"` of the frames, `(batch, frames, 64)`, and `"same_clip_logits"`,
        `(batch, 1)`, which compares them.
    """
    means = [ops.mean(found, axis=(1, 2)) for found in maps]
    codes = _hidden(make, ops.concatenate(means, axis=1), "code")
    codes = together(codes, frames)
    same_clip = _comparison(make, codes.shape[1:])(codes)
    return {"same_clip_logits": same_clip, "codes": codes}


def same_clip_logits(network: keras.Model, codes: Any) -> Any:
    """Whether a D_I takes frames for those of one clip, by their codes.

    Args:
        network: An `ImageDiscriminator` that compares frames.
        codes: `(n, frames, 64)`, of frames of any clips.

    Returns:
        float32 logits `(n, 1)`.
    """
    return network.get_layer(_COMPARISON)(codes)


def _comparison(make, shape):
    """A network of its own: it also compares codes of frames that D_I saw apart."""
    codes = keras.Input(shape, name="codes")
    # The order of the frames does not matter.
    mean = ops.mean(codes, axis=1)
    spread = ops.mean(ops.absolute(codes - mean[:, None]), axis=1)
    joined = layers.Concatenate(dtype=make.dtype, name="statistics")([mean, spread])
    hidden = _hidden(make, joined, "compared")
    logit = make.dense(1, "same_clip", use_bias=True)(hidden)
    logit = make.to_float32("same_clip_logits")(logit)
    return keras.Model(codes, logit, name=_COMPARISON)


def _hidden(make, x, name):
    x = make.dense(_UNITS, name, use_bias=True, gain=LEAKY_GAIN)(x)
    return make.leaky_relu(f"{name}_leaky_relu")(x)
