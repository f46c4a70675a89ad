"""Batch normalization against its formula, and apart for the parts of a batch."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_mocogan.layers.batch_normalization import (
    BatchNormalization,
    interleave,
    separate_batch_statistics,
)

SHAPES = [(6, 3), (6, 5, 4, 3), (6, 2, 5, 4, 3)]


def made(shape, dtype=None):
    layer = BatchNormalization(momentum=0.9, epsilon=1e-5, dtype=dtype)
    layer.build(shape)
    random = np.random.default_rng(1)
    layer.gamma.assign(random.uniform(0.5, 2, shape[-1]))
    layer.beta.assign(random.uniform(-1, 1, shape[-1]))
    return layer


def drawn(shape, seed=0):
    return np.random.default_rng(seed).normal(2, 3, shape).astype("float32")


def by_hand(layer, x, mean, variance):
    gamma, beta = map(ops.convert_to_numpy, (layer.gamma, layer.beta))
    return (x - mean) / np.sqrt(variance + 1e-5) * gamma + beta


def statistics(x):
    axes = tuple(range(x.ndim - 1))
    return x.mean(axes, dtype="float64"), x.var(axes, dtype="float64")


@pytest.mark.parametrize("shape", SHAPES)
def test_training_and_rest(shape):
    layer, x = made(shape), drawn(shape)
    mean, variance = statistics(x)
    y = ops.convert_to_numpy(layer(x, training=True))
    np.testing.assert_allclose(y, by_hand(layer, x, mean, variance), atol=1e-4)
    moved = [0.1 * mean, 0.9 + 0.1 * variance]
    for variable, wanted in zip(
        (layer.moving_mean, layer.moving_variance), moved, strict=True
    ):
        np.testing.assert_allclose(ops.convert_to_numpy(variable), wanted, rtol=1e-5)
    y = ops.convert_to_numpy(layer(x, training=False))
    np.testing.assert_allclose(y, by_hand(layer, x, *moved), atol=1e-4)


@pytest.mark.parametrize("shape", SHAPES)
def test_parts_are_normalized_as_if_they_came_in_turn(shape):
    together, in_turn = made(shape), made(shape)
    parts = [drawn(shape, seed) for seed in (0, 1)]
    parts[1] *= 5
    with separate_batch_statistics(2):
        both = together(interleave(parts), training=True)
    both = ops.convert_to_numpy(both)
    for i, part in enumerate(parts):
        alone = ops.convert_to_numpy(in_turn(part, training=True))
        np.testing.assert_allclose(both[i::2], alone, atol=1e-5)
    for name in ("moving_mean", "moving_variance"):
        np.testing.assert_allclose(
            ops.convert_to_numpy(getattr(together, name)),
            ops.convert_to_numpy(getattr(in_turn, name)),
            rtol=1e-5,
        )
    # Outside the block a batch is one again.
    mixed = ops.convert_to_numpy(together(interleave(parts), training=True))
    assert abs(mixed - both).max() > 0.1


def test_bfloat16_keeps_float32_statistics():
    shape = (64, 8, 3)
    layer, x = made(shape, "mixed_bfloat16"), drawn(shape)
    y = layer(ops.cast(x, "bfloat16"), training=True)
    assert keras.backend.standardize_dtype(y.dtype) == "bfloat16"
    assert layer.moving_variance.dtype == "float32"
    mean, variance = statistics(x)
    np.testing.assert_allclose(
        ops.convert_to_numpy(layer.moving_variance), 0.9 + 0.1 * variance, rtol=2e-3
    )
    y = ops.convert_to_numpy(ops.cast(y, "float32"))
    np.testing.assert_allclose(y, by_hand(layer, x, mean, variance), atol=5e-2)


@pytest.mark.parametrize("weights", [("scale",), ("center",), ("scale", "center")])
def test_weights_may_be_left_out_of_batch_normalization(weights):
    layer = BatchNormalization(momentum=0.9, **dict.fromkeys(weights, False))
    x = drawn((6, 5, 4, 3))
    mean, variance = statistics(x)
    wanted = (x - mean) / np.sqrt(variance + layer.epsilon)
    y = ops.convert_to_numpy(layer(x, training=True))
    np.testing.assert_allclose(y, wanted, atol=1e-4)
    wanted = (x - 0.1 * mean) / np.sqrt(0.9 + 0.1 * variance + layer.epsilon)
    y = ops.convert_to_numpy(layer(x, training=False))
    np.testing.assert_allclose(y, wanted, atol=1e-4)


def test_batch_normalization_over_other_axes():
    # Where an axis is as long as that of the channels, nothing else would tell.
    x = drawn((2, 3, 3, 3))
    with pytest.raises(ValueError, match="`axis` must be -1, .* Received: axis=1"):
        BatchNormalization(axis=1)(x)
    last = ops.convert_to_numpy(BatchNormalization(axis=3)(x, training=True))
    wanted = ops.convert_to_numpy(BatchNormalization()(x, training=True))
    np.testing.assert_array_equal(last, wanted)


def test_batch_renormalization_is_refused():
    with pytest.raises(ValueError, match="`renorm` must be False.* Received: renorm=T"):
        BatchNormalization(renorm=True)


@pytest.mark.parametrize("parts", [1, 2])
def test_what_is_masked_does_not_count(parts):
    layer, x = made((6, 4, 3)), drawn((6, 4, 3))
    x[:, 3] = 100.0
    mask = np.arange(4) < 3
    with separate_batch_statistics(parts):
        y = layer(x, training=True, mask=np.tile(mask, (6, 1)))
    y = ops.convert_to_numpy(y)
    for part in range(parts):
        found, kept = y[part::parts, :3], x[part::parts, :3]
        wanted = by_hand(layer, kept, *statistics(kept))
        np.testing.assert_allclose(found, wanted, atol=1e-4)
    assert ops.convert_to_numpy(layer.moving_mean).max() < 1
