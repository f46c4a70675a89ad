"""Frames of one clip, judged one by one and then compared: a part of D_I.

A Siamese network, as in Donahue, Lipton, Balsubramani and McAuley, "Semantically
Decomposing the Latent Spaces of Generative Adversarial Networks", ICLR 2018: every
frame goes through the same convolutions, and what they found is compared. A thing gives
the same code wherever it is in the frame, so a change of its color is easy to see.
"""

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


def compare(
    make: LayerFactory, patches: Any, features: Any, frames: int
) -> dict[str, Any]:
    """What D_I says of groups of frames of one clip.

    Args:
        make: Makes the layers.
        patches: Logits of single frames, `(batch * frames, rows, columns, 1)`.
        features: What the convolutions found in them, `(batch * frames, rows, columns,
            channels)`.
        frames: Frames that are judged together.

    Returns:
        `"codes"` of the frames, `(batch, frames, 64)`; `"same_clip_logits"`, `(batch,
        1)`, which compares them; and `"logits"`, `(batch, n)`: half of them those of
        the patches, half copies of that one, so that both weigh the same in every loss
        and penalty.
    """
    pool = layers.GlobalAveragePooling2D(
        data_format="channels_last", dtype=make.dtype, name="code_features"
    )
    codes = together(_hidden(make, pool(features), "code"), frames)
    same_clip = _comparison(make, codes.shape[1:])(codes)
    count = frames * patches.shape[1] * patches.shape[2]
    patches = make.to_float32("patch_logits")(ops.reshape(patches, (-1, count)))
    copies = layers.RepeatVector(count, dtype="float32", name="copies")(same_clip)
    join = layers.Concatenate(dtype="float32", name="logits")
    logits = join([patches, ops.reshape(copies, (-1, count))])
    return {"logits": logits, "same_clip_logits": same_clip, "codes": codes}


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
