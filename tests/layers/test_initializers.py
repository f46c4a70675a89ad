"""First weights: the same on every backend, and what they compute."""

import keras
import numpy as np
from keras import ops
from testing import values

from keras_mocogan.layers.initializers import HostUniform, Interpolating


def test_drawn_by_numpy_within_the_limit_of_the_fan_in():
    drawn = values_of(HostUniform(seed=3), (4, 4, 8, 2))
    # fan in: 4 * 4 * 8 = 128
    expected = np.random.default_rng(3).uniform(-(128**-0.5), 128**-0.5, (4, 4, 8, 2))
    np.testing.assert_allclose(drawn, expected, rtol=1e-6)


def test_a_given_gain_and_fan_in():
    drawn = values_of(HostUniform(2.0, fan_in=16, seed=3), (100, 10))
    assert 0.45 < drawn.max() <= 0.5 and -0.5 <= drawn.min() < -0.45


def values_of(initializer, shape):
    return values([keras.Variable(initializer, shape=shape, dtype="float32")])[0]


def halves_between(x, axis):
    """The values along `axis`, their means between them, and half of each end."""
    x = np.moveaxis(x, axis, 0)
    longer = np.zeros((2 * len(x) + 1, *x.shape[1:]), x.dtype)
    longer[1::2] = x
    longer[2:-1:2] = (x[1:] + x[:-1]) / 2
    longer[0], longer[-1] = x[0] / 2, x[-1] / 2
    return np.moveaxis(longer, 0, axis)


def test_a_kernel_interpolates_and_convolves():
    kernel = Interpolating(2.0, seed=3)((4, 4, 5, 6))
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 6)).astype("float32")
    options = {"strides": 2, "padding": "same"}
    got = ops.convert_to_numpy(ops.conv_transpose(x, kernel, **options))
    assert got.shape == (2, 6, 8, 5)

    small = ops.convert_to_numpy(HostUniform(2.0, seed=3)((2, 2, 5, 6)))
    assert abs(small).max() <= 2 / 20**0.5
    between = halves_between(halves_between(x, 1), 2)
    wanted = sum(
        between[:, 1 - y : 7 - y, 1 - x : 9 - x] @ small[y, x].T
        for y in (0, 1)
        for x in (0, 1)
    )
    np.testing.assert_allclose(got, wanted, atol=1e-5)


def test_initializers_come_back_from_their_configs():
    for made in (HostUniform(2.0, 7, seed=3), Interpolating(2.0, seed=3)):
        config = keras.saving.serialize_keras_object(made)
        again = keras.saving.deserialize_keras_object(config)
        first, second = (ops.convert_to_numpy(m((4, 4, 2, 3))) for m in (made, again))
        np.testing.assert_array_equal(first, second)
