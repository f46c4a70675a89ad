"""First weights of layers, drawn by NumPy."""

import keras
import numpy as np
from keras import ops

_AMPLIFICATION = 4  # of a rotation: the state neither decays nor saturates at once


@keras.saving.register_keras_serializable(package="keras_mocogan")
class HostUniform(keras.initializers.Initializer):
    """Uniform in +-gain/sqrt(fan in), drawn by NumPy: the same on all backends.

    JAX would also compile a separate program for each kernel shape.

    Args:
        gain: Half the width of the range, times sqrt(fan in).
        fan_in: Inputs of a unit, or None for all axes of the kernel but its last.
        seed: Integer.
    """

    def __init__(
        self, gain: float = 1.0, fan_in: int | None = None, seed: int = 0
    ) -> None:
        self.gain, self.fan_in, self.seed = gain, fan_in, seed

    def __call__(self, shape, dtype=None):
        limit = self.gain * (self.fan_in or np.prod(shape[:-1])) ** -0.5
        drawn = np.random.default_rng(self.seed).uniform(-limit, limit, shape)
        return ops.convert_to_tensor(drawn, dtype=dtype)

    def get_config(self):
        return {"gain": self.gain, "fan_in": self.fan_in, "seed": self.seed}


@keras.saving.register_keras_serializable(package="keras_mocogan")
class Interpolating(HostUniform):
    """A transposed 4x4 kernel of stride 2 that interpolates, and convolves with 2x2.

    With independent weights, the four pixels that come from one get different values:
    a checkerboard. Here flat inputs give flat outputs, apart from the edges.

    Aitken and others, "Checkerboard artifact free sub-pixel convolution", 2017, start a
    sub-pixel convolution as nearest-neighbor interpolation in the same way.
    """

    def __call__(self, shape, dtype=None):
        kernel = ops.convert_to_numpy(super().__call__((2, 2, *shape[2:]), "float32"))
        for axis in (0, 1):
            # Linear interpolation is a transposed convolution with (1/2, 1, 1/2).
            ends = [(0, 0)] * kernel.ndim
            parts = []
            for before in range(3):
                ends[axis] = (before, 2 - before)
                parts.append(np.pad(kernel, ends))
            kernel = parts[0] / 2 + parts[1] + parts[2] / 2
        return ops.convert_to_tensor(kernel, dtype=dtype)


@keras.saving.register_keras_serializable(package="keras_mocogan")
class Rotating(HostUniform):
    """A recurrent kernel of a GRU that turns its state round and round.

    Columns of the gates are uniform, as in `HostUniform`. Those of the candidate state
    rotate it pair by pair, from 20 to 90 degrees from the first pair to the last, and
    multiply it by 4. Both gates start half open, so a quarter of the rotated state
    joins half of the old one. That is enough for the state not to decay, and tanh
    bounds it. With small weights alone it comes to rest within a few steps.

    The shape is Keras' `(units, 3 * units)`, update gate, reset gate, candidate. The
    last of an odd number of units has a small weight, to itself alone.
    """

    def __call__(self, shape, dtype=None):
        kernel = ops.convert_to_numpy(super().__call__(shape, "float32")).copy()
        units = shape[0]
        pairs, candidate = units // 2, kernel[:, 2 * units :]
        candidate[: 2 * pairs] = candidate[:, : 2 * pairs] = 0
        for pair, angle in enumerate(np.radians(np.linspace(20, 90, pairs))):
            turned = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
            place = slice(2 * pair, 2 * pair + 2)
            candidate[place, place] = _AMPLIFICATION * np.array(turned)
        return ops.convert_to_tensor(kernel, dtype=dtype)
