"""Group normalization and its modulation against their formula, and Keras' layer."""

import keras
import numpy as np
import pytest
from gradients import assert_same, drawn
from keras import ops

from keras_mocogan import backend
from keras_mocogan.layers.group_normalization import GroupNormalization

SHAPES = [(3, 8), (3, 5, 4, 8), (2, 3, 5, 4, 8)]
GROUPS, EPSILON = 4, 1e-3


def made(layer, shape, **options):
    layer = layer(GROUPS, epsilon=EPSILON, **options)
    layer.build(shape)
    random = np.random.default_rng(1)
    for weight in layer.weights:
        weight.assign(random.uniform(0.5, 2, shape[-1:]))
    return layer


def inputs(shape):
    """Values that are not centered, and a scale and a shift."""
    rows = shape[0], shape[-1]
    return 3 + 8 * drawn(*shape), drawn(*rows, seed=1), drawn(*rows, seed=2)


def by_hand(layer, x, scale, shift):
    rows = x.astype("float64").reshape(len(x), -1, GROUPS, x.shape[-1] // GROUPS)
    mean, variance = (f(rows, axis=(1, 3), keepdims=True) for f in (np.mean, np.var))
    y = ((rows - mean) / np.sqrt(variance + EPSILON)).reshape(len(x), -1, x.shape[-1])
    gamma, beta = (ops.convert_to_numpy(weight) for weight in layer.weights)
    y = (y * gamma + beta) * (1 + scale[:, None]) + shift[:, None]
    return y.reshape(x.shape)


@pytest.mark.parametrize("shape", SHAPES)
def test_formula(shape):
    layer, (x, *modulation) = made(GroupNormalization, shape), inputs(shape)
    modulated = ops.convert_to_numpy(layer(x, modulation))
    np.testing.assert_allclose(
        modulated, by_hand(layer, x, *modulation), rtol=1e-4, atol=1e-5
    )
    zero = np.zeros_like(modulation)
    np.testing.assert_allclose(
        ops.convert_to_numpy(layer(x)), by_hand(layer, x, *zero), rtol=1e-4, atol=1e-5
    )


def fast_and_plain(shape):
    layer = made(GroupNormalization, shape)
    kerass = made(keras.layers.GroupNormalization, shape)

    def fast(x, scale, shift):
        return layer(x, (scale, shift))

    def plain(x, scale, shift):
        return kerass(x) * (1 + scale[:, None, None]) + shift[:, None, None]

    return fast, plain


def test_gradients_are_those_of_separate_layers():
    assert_same(*fast_and_plain(SHAPES[1]), *inputs(SHAPES[1]))


def test_penalties_differentiate_it_twice():
    x, scale, shift = inputs(SHAPES[1])

    def slope(layer):
        def of_modulation(scale, shift):
            def score(x):
                return ops.sum(ops.tanh(layer(x, scale, shift)))

            return backend.input_gradients(score, ops.convert_to_tensor(x))

        return of_modulation

    assert_same(*map(slope, fast_and_plain(SHAPES[1])), scale, shift)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "bfloat16"])
def test_bfloat16_is_normalized_in_float32(policy):
    shape = SHAPES[1]
    layer = made(GroupNormalization, shape, dtype=policy)
    x, scale, shift = (ops.cast(given, "bfloat16") for given in inputs(shape))
    y = layer(x, (scale, shift))
    assert keras.backend.standardize_dtype(y.dtype) == "bfloat16"
    exact = [ops.convert_to_numpy(ops.cast(t, "float32")) for t in (x, scale, shift)]
    y = ops.convert_to_numpy(ops.cast(y, "float32"))
    # One rounding, at the end.
    np.testing.assert_allclose(y, by_hand(layer, *exact), rtol=2**-8, atol=1e-5)


def test_a_constant_has_no_negative_variance():
    layer = made(GroupNormalization, (1, 2, 2, 8))
    y = ops.convert_to_numpy(layer(np.full((1, 2, 2, 8), 1e4, "float32")))
    assert np.isfinite(y).all()


def test_weights_may_be_left_out():
    layer = GroupNormalization(GROUPS, epsilon=EPSILON, scale=False, center=False)
    x, _, _ = inputs(SHAPES[1])
    y = ops.convert_to_numpy(layer(x)).reshape(3, -1, GROUPS, 2)
    np.testing.assert_allclose(y.mean((1, 3)), 0, atol=1e-5)
    np.testing.assert_allclose(y.std((1, 3)), 1, atol=1e-3)
    assert not layer.weights


def test_the_plain_way(monkeypatch):
    shape = SHAPES[1]
    layer, arrays = made(GroupNormalization, shape), inputs(shape)
    monkeypatch.setenv("KERAS_MOCOGAN_REFERENCE", "1")
    y = ops.convert_to_numpy(layer(arrays[0], arrays[1:]))
    np.testing.assert_allclose(y, by_hand(layer, *arrays), rtol=1e-4, atol=1e-5)


def test_other_axes():
    with pytest.raises(ValueError, match="`axis` must be -1, .* Received: axis=1"):
        GroupNormalization(GROUPS, axis=1)
