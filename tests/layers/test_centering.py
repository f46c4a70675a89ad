"""Vectors without their running mean, and a gradient that moves none alike."""

import keras
import numpy as np
from keras import ops

from keras_mocogan.layers.centering import Centering


def test_the_running_mean_is_subtracted_and_followed():
    layer = Centering(momentum=0.75)
    x = np.array([[1.0, 2.0], [3.0, 6.0]], "float32")
    first, second, still = (
        ops.convert_to_numpy(layer(x, training=training))
        for training in (True, True, False)
    )
    mean = np.array([2.0, 4.0])  # of x
    np.testing.assert_allclose(first, x, atol=1e-6)
    np.testing.assert_allclose(second, x - mean / 4, atol=1e-6)
    known = 0.75 * mean / 4 + mean / 4
    np.testing.assert_allclose(still, x - known, atol=1e-6)
    again = Centering.from_config(layer.get_config())
    assert again.momentum == 0.75
    layer.trainable = False  # its mean stays too
    np.testing.assert_allclose(ops.convert_to_numpy(layer(x, training=True)), still)


def test_vectors_of_bfloat16_have_a_float32_mean():
    layer = Centering(momentum=0.5, dtype="mixed_bfloat16")
    x = ops.cast(np.array([[1.0, 2.0], [3.0, 6.0], [3.0, 6.0]], "float32"), "bfloat16")
    for training in (True, False):
        y = layer(x, training=training)
        assert keras.backend.standardize_dtype(y.dtype) == "bfloat16"
    mean = ops.convert_to_numpy(layer.moving_mean)
    np.testing.assert_allclose(mean, [7 / 6, 7 / 3], rtol=1e-6)
    y = ops.convert_to_numpy(ops.cast(y, "float32"))
    exact = ops.convert_to_numpy(ops.cast(x, "float32"))
    np.testing.assert_allclose(y, exact - mean, rtol=2**-8)


def test_what_moves_all_alike_moves_none():
    # A sum over the batch grows if all rows do: no gradient reaches them. One row's
    # share is a centered vector.
    layer = Centering()
    layer.build((None, 1))
    x = np.array([[1.0], [2.0], [6.0]], "float32")
    weights = np.array([[1.0], [1.0], [1.0]], "float32")
    np.testing.assert_allclose(gradient(layer, x, weights), 0, atol=1e-6)
    weights = np.array([[1.0], [0.0], [0.0]], "float32")
    wanted = np.array([[2 / 3], [-1 / 3], [-1 / 3]])
    np.testing.assert_allclose(gradient(layer, x, weights), wanted, atol=1e-6)


def gradient(layer, x, weights):
    """Of the weighted sum of the layer's outputs with respect to `x`."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        x = tf.constant(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            total = tf.reduce_sum(layer(x, training=True) * weights)
        return tape.gradient(total, x).numpy()
    if keras.backend.backend() == "torch":
        import torch

        x = torch.tensor(x, requires_grad=True)
        weights = torch.tensor(weights)
        (layer(x, training=True) * weights).sum().backward()
        return x.grad.numpy()
    import jax

    known = [v.value for v in layer.non_trainable_variables]

    def total(x):
        y, _ = layer.stateless_call([], known, x, training=True)
        return (y * weights).sum()

    return np.array(jax.grad(total)(x))
