"""Vectors of length one against NumPy, and gradients where there is no direction."""

import keras
import numpy as np
from keras import ops

import keras_mocogan as km
from keras_mocogan import backend
from keras_mocogan.layers.unit_normalization import UnitNormalization


def test_vectors_have_length_one():
    x = np.random.default_rng(0).standard_normal((5, 3)).astype("float32")
    x[1] *= 1e-8
    x[2] = 0.0
    layer = UnitNormalization(axis=-1)
    wanted = x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12)
    y = ops.convert_to_numpy(layer(x))
    np.testing.assert_allclose(y, wanted, rtol=1e-5, atol=1e-7)
    keras_y = ops.convert_to_numpy(keras.layers.UnitNormalization()(x))
    np.testing.assert_array_equal(y, keras_y)
    again = UnitNormalization.from_config(layer.get_config())
    np.testing.assert_array_equal(ops.convert_to_numpy(again(x)), y)


def test_gradients_are_of_the_direction_and_finite_at_zero():
    x = np.array([[3.0, 4.0], [0.0, 0.0]], "float32")
    layer = UnitNormalization()

    def first_entries(x):
        return ops.sum(layer(x)[:, 0])

    gradient = backend.input_gradients(first_entries, ops.convert_to_tensor(x))
    gradient = ops.convert_to_numpy(gradient)
    # Of x / r: (1 - x x / r^2) / r, and -(x y / r^2) / r.
    np.testing.assert_allclose(gradient[0], [(1 - 0.36) / 5, -0.48 / 5], rtol=1e-5)
    np.testing.assert_array_equal(gradient[1], [1.0, 0.0])


def test_an_encoder_learns_from_images_of_zeros():
    network = km.ImageEncoder(32, content_dim=3, filters=2, seed=0)
    images = np.zeros((2, 32, 32, 3), "float32")

    def loss():
        return ops.sum(network(images, training=True)[:, 0]), {}

    _, gradients = backend.value_and_gradients(
        network, loss, network.trainable_variables
    )
    for gradient in gradients:
        assert abs(ops.convert_to_numpy(gradient)).max() < 100
