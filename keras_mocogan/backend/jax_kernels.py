"""Fast operations on JAX: XLA's, which fuses by itself."""

import jax
import keras

# On a CPU, XLA's gradient of a convolution is 12 times slower with strides than
# without.
SLOW_STRIDES = True
# A depthwise one takes five times as long there as sums of shifted images.
SLOW_DEPTHWISE = True


def on_cpu():
    """Whether convolutions run on the CPU."""
    return jax.default_backend() == "cpu"


def convolve(x, kernel, strides, pads):
    """A convolution of padded `x`; see `kernels`."""
    if any(map(any, pads)):
        x = keras.ops.pad(x, [(0, 0), *pads, (0, 0)])
    return keras.ops.conv(x, kernel, strides, data_format="channels_last")


def convolve_transposed(x, kernel, strides):
    """A transposed convolution; see `kernels`."""
    return keras.ops.conv_transpose(
        x, kernel, strides, "same", data_format="channels_last"
    )


matmul = keras.ops.matmul


def pick(x, index):
    """Entries of axis 1; see `kernels`. Each device picks from its own samples."""
    index = index.reshape(*index.shape, *[1] * (x.ndim - 2))
    return keras.ops.take_along_axis(x, index, axis=1)


def batch_norm(x, gamma, beta, epsilon):
    """Returns `(y, mean, variance)`; see `kernels`."""
    axes = tuple(range(x.ndim - 1))
    wide = x.astype("float32")
    mean, variance = wide.mean(axes), wide.var(axes)
    y = apply_batch_norm(x, mean, variance, gamma, beta, epsilon)
    return y, mean, variance


def has_processes():
    """The step runs once for all processes."""
    return False


batch_norm_over_processes = None


def apply_batch_norm(x, mean, variance, gamma, beta, epsilon):
    """Normalizes by known statistics; see `kernels`."""
    scale = jax.lax.rsqrt(variance + epsilon) * gamma.value
    y = (x.astype("float32") - mean) * scale + beta.value
    return y.astype(x.dtype)


def normal(shape, stddev, dtype, seed):
    """Gaussian noise; see `kernels`."""
    return keras.random.normal(shape, 0.0, stddev, dtype, seed)


def has_fused_adam():
    """Keras' own will do: XLA fuses it."""
    return False


fused_adam = None
