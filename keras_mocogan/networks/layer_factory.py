"""The few blocks that the networks share."""

import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from keras_mocogan.checks import check_at_least, check_integer
from keras_mocogan.layers.batch_normalization import BatchNormalization
from keras_mocogan.layers.group_normalization import GroupNormalization
from keras_mocogan.layers.initializers import HostUniform, Interpolating, Rotating
from keras_mocogan.layers.instance_noise import InstanceNoise
from keras_mocogan.layers.spectral_normalization import SpectralNormalization

LEAKY_SLOPE = 0.2
# The rule of He et al. for a uniform distribution before LeakyReLU: the signal keeps
# its size from layer to layer.
LEAKY_GAIN = (6 / (1 + LEAKY_SLOPE**2)) ** 0.5
RELU_GAIN = 6**0.5  # the same before ReLU
LINEAR_GAIN = 3**0.5  # and before a sum: outputs vary as much as inputs


class LayerFactory:
    """Makes the layers of one network, all with the same settings.

    Batch normalization follows the published MoCoGAN code: in Keras' terms momentum
    0.9 and epsilon 1e-5. With Keras' own 0.99 the statistics that `generate` uses
    lag hundreds of steps behind the weights. The initialization is the published
    code's too, uniform in +-1/sqrt(fan in). With it a signal shrinks from layer to
    layer, which batch normalization undoes; a network without batch normalization needs
    a `gain` that keeps the signal's size.

    Args:
        seed: Integer that fixes the initial weights and the instance noise, or None.
        dtype: dtype policy of every layer, or None for Keras' global one.
        gain: Multiple of 1/sqrt(fan in) for convolutions.
        use_bias: Whether convolutions have a bias; a normalization after them has its
            own. A network without either doubles its output when its input is doubled:
            as a discriminator it cannot tell gray from black.
        spectral: Whether convolutions are spectrally normalized.
    """

    def __init__(
        self,
        seed: int | None = None,
        dtype: str | keras.DTypePolicy | None = None,
        gain: float = 1.0,
        use_bias: bool = False,
        spectral: bool = False,
    ) -> None:
        if seed is None:  # so that `keras.utils.set_random_seed` decides
            seed = np.random.randint(2**31 - 1)
        self._random = np.random.default_rng(check_integer("seed", seed, 0))
        self.dtype = dtype
        self.gain = gain
        self.use_bias = use_bias
        self.spectral = spectral

    def next_seed(self) -> int:
        """A fresh integer for a layer that draws random numbers."""
        return int(self._random.integers(2**31 - 1))

    def initializer(self, gain: float = 1.0, fan_in: int | None = None) -> HostUniform:
        return HostUniform(gain, fan_in, seed=self.next_seed())

    def interpolating_initializer(self) -> Interpolating:
        return Interpolating(self.gain, seed=self.next_seed())

    def rotating_initializer(self, units: int) -> Rotating:
        return Rotating(fan_in=units, seed=self.next_seed())

    def dense(
        self,
        units: int,
        name: str,
        use_bias: bool = False,
        gain: float = 1.0,
        fan_in: int | None = None,
    ) -> keras.layers.Dense:
        return keras.layers.Dense(
            units,
            use_bias=use_bias,
            kernel_initializer=self.initializer(gain, fan_in),
            dtype=self.dtype,
            name=name,
        )

    def conv(
        self,
        layer: type[keras.layers.Layer],
        filters: int,
        kernel: int | Sequence[int],
        name: str,
        **options: Any,
    ) -> keras.layers.Layer:
        """A convolution, channels last; `layer` is the Keras class."""
        if "kernel_initializer" not in options:
            options["kernel_initializer"] = self.initializer(self.gain)
        made = layer(
            filters,
            kernel,
            data_format="channels_last",
            dtype=self.dtype,
            name=name,
            **{"use_bias": self.use_bias, **options},
        )
        if not self.spectral:
            return made
        seed = self.next_seed()
        return SpectralNormalization(made, seed, dtype=self.dtype, name=f"sn_{name}")

    def strided(
        self,
        layer: type[keras.layers.Layer],
        filters: int,
        step: int,
        name: str,
        **options: Any,
    ) -> keras.layers.Layer:
        """A 3D convolution or its transpose, of kernel 4 and stride 2 in space.

        In time too where `step` is 2; where it is 1 a kernel sees one frame.
        """
        kernel, strides = (2 * step if step > 1 else 1, 4, 4), (step, 2, 2)
        options = {"strides": strides, "padding": "same", **options}
        return self.conv(layer, filters, kernel, name, **options)

    def batch_norm(self, name: str, synchronized: bool = False) -> BatchNormalization:
        """Batch normalization; `synchronized` over all replicas and processes."""
        return BatchNormalization(
            momentum=0.9,
            epsilon=1e-5,
            synchronized=synchronized,
            dtype=self.dtype,
            name=name,
        )

    def group_norm(self, name: str, channels: int) -> GroupNormalization:
        """At most eight groups; no batch, so no statistics to lag behind."""
        return GroupNormalization(
            math.gcd(8, channels), epsilon=1e-5, dtype=self.dtype, name=name
        )

    def relu(self, name: str) -> keras.layers.ReLU:
        return keras.layers.ReLU(dtype=self.dtype, name=name)

    def leaky_relu(self, name: str) -> keras.layers.LeakyReLU:
        return keras.layers.LeakyReLU(LEAKY_SLOPE, dtype=self.dtype, name=name)

    def noise(self, stddev: float, name: str) -> InstanceNoise:
        return InstanceNoise(stddev, seed=self.next_seed(), dtype=self.dtype, name=name)

    def flatten(self, name: str) -> keras.layers.Flatten:
        """Channels last, whatever Keras' configuration says of images."""
        return keras.layers.Flatten("channels_last", dtype=self.dtype, name=name)

    def to_float32(self, name: str) -> keras.layers.Activation:
        """Converts an output to float32, whatever the policy computes in."""
        return keras.layers.Activation("linear", dtype="float32", name=name)


def temporal_kernels(clip_frames: int, levels: int) -> list[int]:
    """Kernel sizes in time for convolutions without padding in time.

    The paper's kernel has 4 frames, and 3 frames fewer are left after it. In a clip too
    short for that at every level, the levels share the frames, the first levels getting
    the larger shares, so that exactly one frame is left. A longer clip leaves more.

    Args:
        clip_frames: Frames of the clip, at least 1.
        levels: Number of convolutions.

    Returns:
        List of `levels` kernel sizes between 1 and 4.
    """
    share, larger = divmod(clip_frames - 1, levels)
    return [min(4, 1 + share + (level < larger)) for level in range(levels)]


def temporal_doublings(clip_frames: int) -> tuple[int, int, int, int]:
    """By how much each of four levels multiplies the frames, 1 or 2, first to last.

    The first level starts from `clip_frames / 16` frames, or from one.

    Raises:
        ValueError: Unless `clip_frames` is 4, 8 or a multiple of 16.
    """
    check_at_least(4, clip_frames=clip_frames)
    if clip_frames not in (4, 8) and clip_frames % 16:
        raise ValueError(
            "`clip_frames` must be 4, 8 or a multiple of 16: time is doubled level by "
            f"level. Received: clip_frames={clip_frames}."
        )
    return {4: (1, 1, 2, 2), 8: (1, 2, 2, 2)}.get(clip_frames, (2, 2, 2, 2))
