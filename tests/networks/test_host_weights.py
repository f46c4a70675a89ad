"""First weights are the same on every backend."""

import keras
import numpy as np
from testing import values

from keras_mocogan.networks.layer_factory import HostUniform


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
