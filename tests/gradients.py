"""Values and gradients of a function on any backend."""

import keras
import numpy as np
from keras import ops

from keras_mocogan import backend


def drawn(*shape, seed=0):
    """Far below one, so that 1e-5 is a share of the values too."""
    return np.random.default_rng(seed).standard_normal(shape).astype("float32") / 4


def value_and_gradients(function, *arrays):
    """`function` of tensors, and gradients of a weighted sum of what it gives."""
    variables = [keras.Variable(array) for array in arrays]
    shape = function(*map(ops.convert_to_tensor, arrays)).shape
    weights = ops.convert_to_tensor(drawn(*shape, seed=9))

    def loss():
        return ops.sum(function(*(v.value for v in variables)) * weights), {}

    class Holder:
        pass

    holder = Holder()
    holder.variables = variables
    _, gradients = backend.value_and_gradients(holder, loss, variables)
    value = function(*map(ops.convert_to_tensor, arrays))
    return [np.array(ops.convert_to_numpy(x)) for x in (value, *gradients)]


def assert_same(form, plain, *arrays):
    """Whether two functions of tensors agree in value and gradients."""
    for got, wanted in zip(
        value_and_gradients(form, *arrays),
        value_and_gradients(plain, *arrays),
        strict=True,
    ):
        assert abs(wanted).max() > 0.1
        np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-5)
