"""Heads on features of a pretrained network: a part of D_I.

Sauer, Chitta, Müller and Geiger, "Projected GANs Converge Faster", NeurIPS 2021. Each
of the maps that `layers.pretrained_features` gives is judged by a few convolutions of
its own.
"""

from typing import Any

from keras import ops

from keras_mocogan.layers import convolutions
from keras_mocogan.layers.pretrained_features import PretrainedFeatures
from keras_mocogan.networks.layer_factory import LEAKY_GAIN, LayerFactory

_FILTERS = 64
_LARGEST = 4  # sides of the map of logits


def maps_of(make: LayerFactory, frames: Any) -> list[Any]:
    """Maps of features of single frames, `(batch, rows, columns, 64)`, fine to coarse.

    Args:
        make: Makes the layers.
        frames: `(batch, height, width, channels)`.
    """
    layer = PretrainedFeatures(
        _FILTERS, make.next_seed(), dtype=make.dtype, name="pretrained_features"
    )
    return layer(frames)


def judge(make: LayerFactory, maps: list[Any]) -> Any:
    """float32 logits of single frames, `(batch, n)`, from their maps of features."""
    logits = []
    for index, x in enumerate(maps):
        level = 0
        while max(x.shape[1:3]) > _LARGEST:
            x = _convolve(make, x, 4, 2, f"features_{index}_conv_{level}")
            level += 1
        x = _convolve(make, x, 3, 1, f"features_{index}_last")
        x = _convolution(make, 1, 1, 1, f"features_{index}_head")(x)
        x = make.to_float32(f"features_{index}_logits")(x)
        logits.append(ops.reshape(x, (-1, x.shape[1] * x.shape[2])))
    return ops.concatenate(logits, axis=1)


def _convolve(make, x, kernel, stride, name):
    x = _convolution(make, _FILTERS, kernel, stride, name)(x)
    return make.leaky_relu(f"{name}_leaky_relu")(x)


def _convolution(make, filters, kernel, stride, name):
    # There is no batch normalization here, whatever the rest of D_I has.
    return make.conv(
        convolutions.Conv2D,
        filters,
        kernel,
        name,
        strides=stride,
        padding="same",
        use_bias=True,
        kernel_initializer=make.initializer(LEAKY_GAIN),
    )
