"""Fast operations on TensorFlow: oneDNN's, and ways around its slow ones."""

import functools
import math

import keras
import tensorflow as tf

from keras_mocogan.backend.patches import patch_index
from keras_mocogan.backend.reference import is_reference
from keras_mocogan.backend.tensorflow import num_replicas

# oneDNN runs strided and depthwise convolutions and their gradients well.
SLOW_STRIDES = False
SLOW_DEPTHWISE = False
# The gradient of an eager convolution needs them stated.
_FORMATS = {2: "NHWC", 3: "NDHWC"}


def on_cpu():
    """Whether convolutions run on the CPU."""
    return not tf.config.list_logical_devices("GPU")


def convolve(x, kernel, strides, pads):
    """A convolution of padded `x`; see `kernels`."""
    if any(map(any, pads)):
        # The value is a tensor because of a wrong fusion in TensorFlow: see
        # BUILD_NOTES.
        zero = keras.ops.zeros((), x.dtype)
        x = keras.ops.pad(x, [(0, 0), *pads, (0, 0)], constant_values=zero)
    convolution = functools.partial(
        tf.nn.convolution,
        strides=strides,
        padding="VALID",
        data_format=_FORMATS[len(strides)],
    )
    if not _has_slow_weight_gradient(kernel):
        return convolution(x, kernel)

    @tf.custom_gradient
    def convolve(x, kernel):
        def gradients(dy):
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(x)
                y = convolution(x, kernel)
            dx = tape.gradient(y, x, dy)
            return dx, tf.reshape(_patch_product(x, dy, kernel, strides), kernel.shape)

        return convolution(x, kernel), gradients

    return convolve(x, kernel)


def convolve_transposed(x, kernel, strides):
    """A transposed convolution; see `kernels`."""
    sizes = [n * s for n, s in zip(x.shape[1:-1], strides, strict=True)]
    shape = [tf.shape(x)[0], *sizes, kernel.shape[-2]]
    convolution = functools.partial(
        tf.nn.conv_transpose, output_shape=shape, strides=strides, padding="SAME"
    )
    if not _has_slow_weight_gradient(kernel):
        return convolution(x, kernel)

    @tf.custom_gradient
    def convolve(x, kernel):
        def gradients(dy):
            layout = _FORMATS[len(strides)]
            dx = tf.nn.convolution(dy, kernel, strides, "SAME", data_format=layout)
            pads = [
                ((k - s) // 2,) * 2 for k, s in zip(kernel.shape, strides, strict=False)
            ]
            padded = tf.pad(dy, [(0, 0), *pads, (0, 0)])
            return dx, tf.reshape(
                _patch_product(padded, x, kernel, strides), kernel.shape
            )

        return convolution(x, kernel), gradients

    return convolve(x, kernel)


def _has_slow_weight_gradient(kernel):
    if kernel.dtype != tf.bfloat16 or is_reference() or not on_cpu():
        return False
    # oneDNN's is slow in bfloat16. With fewer channels the patches cost more than that.
    return min(kernel.shape[-2:]) >= 128


def _patch_product(x, y, kernel, strides):
    """The gradient of a kernel: all patches of `x` times the gradients `y`."""
    sizes, channels, window = x.shape[1:-1], x.shape[-1], kernel.shape[:-2]
    index = patch_index(sizes, window, strides)
    flat = tf.reshape(x, (-1, math.prod(sizes), channels))
    patches = tf.gather(flat, index, axis=1)
    patches = tf.reshape(patches, (-1, math.prod(window) * channels))
    rows = tf.reshape(y, (-1, y.shape[-1]))
    return tf.matmul(patches, rows, transpose_a=True)


matmul = keras.ops.matmul


def pick(x, index):
    """Entries of axis 1; see `kernels`.

    Keras' `take_along_axis` gathers number by number, which takes four times as long.
    """
    return tf.gather(x, index, axis=1, batch_dims=1)


def batch_norm(x, gamma, beta, epsilon):
    """Returns `(y, mean, variance)`; see `kernels`."""
    empty = tf.zeros((0,))
    y, mean, variance = _fused_batch_norm(x, gamma, beta, empty, empty, epsilon, True)
    # The operation gives the unbiased variance; Keras averages the biased one.
    count = tf.cast(tf.size(x) // x.shape[-1], tf.float32)
    return y, mean, variance * ((count - 1.0) / count)


def has_processes():
    """There is one process."""
    return False


batch_norm_over_processes = None


def apply_batch_norm(x, mean, variance, gamma, beta, epsilon):
    """Normalizes by known statistics; see `kernels`."""
    return _fused_batch_norm(x, gamma, beta, mean, variance, epsilon, False)[0]


def _fused_batch_norm(x, gamma, beta, mean, variance, epsilon, is_training):
    shape = tf.shape(x)
    # The operation takes four axes, however the places are divided among them, and
    # float32 parameters.
    places = x.shape[-3:-1] if len(x.shape) > 3 else (1, 1)
    known = {"scale": gamma, "offset": beta, "mean": mean, "variance": variance}
    y, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
        x=tf.reshape(x, (-1, *places, x.shape[-1])),
        **{name: tf.cast(given, tf.float32) for name, given in known.items()},
        epsilon=epsilon,
        is_training=is_training,
    )
    return tf.reshape(y, shape), mean, variance


def normal(shape, stddev, dtype, seed):
    """Gaussian noise; see `kernels`.

    Box and Muller's method on 16 random bits a value, half as many as TensorFlow's own
    method uses: 6.7 ns a value on one core instead of 15.5. The largest of the 65,536
    radii is 4.9 standard deviations.
    """
    if not on_cpu():
        return keras.random.normal(shape, 0.0, stddev, dtype, seed)
    count = tf.reduce_prod(shape)
    # Keras' seeds are unsigned; this operation takes signed ones.
    seed = seed.next()
    seed = tf.cast(seed % tf.constant(2**31 - 1, seed.dtype), tf.int32)
    words = tf.random.stateless_uniform(
        ((count + 1) // 2,), seed, minval=None, maxval=None, dtype=tf.uint32
    )
    halves = tf.cast(tf.bitcast(words, tf.uint16), tf.float32)
    first, second = tf.unstack(tf.reshape(halves, (2, -1)))
    radius = tf.sqrt(-2.0 * stddev**2 * tf.math.log((first + 0.5) / 2**16))
    angle = second * (2 * math.pi / 2**16)
    values = tf.concat([radius * tf.cos(angle), radius * tf.sin(angle)], axis=0)
    return tf.cast(tf.reshape(values[:count], shape), dtype)


def has_fused_adam():
    """Whether `fused_adam` can be used here."""
    return on_cpu() and num_replicas() == 1


def fused_adam(
    variables, gradients, means, squares, step, rate, beta_1, beta_2, epsilon
):
    """One step of Adam; see `kernels`."""
    step, rate = tf.cast(step, "float32"), tf.cast(rate, "float32")
    for variable, gradient, mean, square in zip(
        variables, gradients, means, squares, strict=True
    ):
        tf.raw_ops.ResourceApplyAdam(
            var=variable.value.handle,
            m=mean.value.handle,
            v=square.value.handle,
            beta1_power=beta_1**step,
            beta2_power=beta_2**step,
            lr=rate,
            beta1=beta_1,
            beta2=beta_2,
            epsilon=epsilon,
            grad=gradient,
        )
