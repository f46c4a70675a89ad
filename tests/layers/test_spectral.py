"""Spectral normalization, against singular values by NumPy."""

import keras
import numpy as np
import pytest
from keras import ops
from testing import (
    assert_identical,
    both_discriminators,
    labels_for,
    random_clips,
    tiny_model,
    values,
)

from keras_mocogan import backend
from keras_mocogan.layers import spectral_normalization as spectral


def normalized_dense(kernel, bias):
    layer = spectral.SpectralNormalization(keras.layers.Dense(kernel.shape[1]), seed=3)
    layer.build((None, kernel.shape[0]))
    layer.layer.kernel.assign(kernel)
    layer.layer.bias.assign(bias)
    return layer


@pytest.fixture
def kernel():
    return np.random.default_rng(1).standard_normal((6, 4)).astype("float32")


def test_kernel_is_divided_by_its_largest_singular_value(kernel):
    bias = np.arange(4, dtype="float32")
    layer = normalized_dense(kernel, bias)
    for _ in range(100):
        layer.advance()
    x = np.random.default_rng(2).standard_normal((3, 6)).astype("float32")
    wanted = x @ kernel / np.linalg.svd(kernel, compute_uv=False)[0] + bias
    got = ops.convert_to_numpy(layer(ops.convert_to_tensor(x)))
    np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-5)


def test_a_new_layer_knows_its_norm():
    # Rows far more than columns, as in a discriminator: singular values lie close.
    for shape in (400, 32), (7, 5), (5, 7), (3, 1):
        layer = spectral.SpectralNormalization(keras.layers.Dense(shape[1]), seed=3)
        layer.build((None, shape[0]))
        kernel = values([layer.layer.kernel])[0]
        wanted = np.linalg.svd(kernel, compute_uv=False)[0]
        norm = np.linalg.norm(kernel @ values([layer.direction])[0])
        np.testing.assert_allclose(norm, wanted, rtol=5e-3)


def test_the_first_step_of_discriminators_sees_the_right_norm():
    model = tiny_model(**both_discriminators(normalization="spectral"))
    found = []
    for network in model.discriminating_networks():
        for layer in network.layers:
            if isinstance(layer, spectral.SpectralNormalization):
                kernel = values([layer.layer.kernel])[0]
                matrix = kernel.reshape(-1, kernel.shape[-1])
                norm = np.linalg.norm(matrix @ values([layer.direction])[0])
                found.append(norm / np.linalg.svd(matrix, compute_uv=False)[0])
    assert len(found) == 8
    np.testing.assert_allclose(found, 1, rtol=5e-3)


def test_gradient_is_that_of_the_divided_kernel(kernel):
    # d/dW sum(x W / s(W)) with s = |W u|, u the direction held: by differences.
    layer = normalized_dense(kernel, np.zeros(4))
    u = values([layer.direction])[0].astype("float64")
    x = np.random.default_rng(2).standard_normal((3, 6))

    def total(w):
        return (x @ w / np.linalg.norm(w @ u)).sum()

    wanted = np.zeros_like(kernel, "float64")
    for index in np.ndindex(kernel.shape):
        step = np.zeros(kernel.shape)
        step[index] = 1e-5
        wanted[index] = (total(kernel + step) - total(kernel - step)) / 2e-5
    x = ops.convert_to_tensor(x.astype("float32"))
    model = keras.Sequential([layer])
    _, gradients = backend.value_and_gradients(
        model, lambda: (ops.sum(layer(x)), {}), [layer.layer.kernel]
    )
    got = ops.convert_to_numpy(gradients[0])
    np.testing.assert_allclose(got, wanted, rtol=1e-3, atol=1e-4)


def test_forward_pass_changes_nothing_and_a_step_only_its_own():
    model = tiny_model(**both_discriminators(normalization="spectral"))
    model.compile()
    wrapped = [
        layer
        for network in model.discriminating_networks()
        for layer in network.layers
        if isinstance(layer, spectral.SpectralNormalization)
    ]
    assert len(wrapped) == 8  # four of D_I, four of D_V
    videos = random_clips()
    before = values(model.variables)
    model(videos, training=True)
    assert_identical(before, values(model.variables))
    directions = values([layer.direction for layer in wrapped])
    model.train_on_batch(videos, labels_for(videos))
    for layer, direction in zip(wrapped, directions, strict=True):
        moved = values([layer.direction])[0]
        np.testing.assert_allclose(np.linalg.norm(moved), 1, rtol=1e-5)
        if len(moved) > 1:
            assert (moved != direction).any()


def test_a_layer_inside_of_a_layer_advances(kernel):
    layer = normalized_dense(kernel, np.ones(4))
    inside = keras.Sequential([keras.Input((6,)), layer])
    network = keras.Sequential([keras.Input((6,)), inside])
    layer.direction.assign([1.0, 0, 0, 0])
    spectral.advance([network])
    wanted = kernel.T @ kernel[:, 0]
    np.testing.assert_allclose(
        values([layer.direction])[0], wanted / np.linalg.norm(wanted), rtol=1e-4
    )


@pytest.mark.once
def test_layer_is_saved_with_its_direction(kernel, tmp_path):
    layer = normalized_dense(kernel, np.ones(4))
    layer.advance()
    model = keras.Sequential([keras.Input((6,)), layer])
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert_identical(values(model.weights), values(loaded.weights))
    x = np.ones((2, 6), "float32")
    np.testing.assert_array_equal(
        model.predict(x, verbose=0), loaded.predict(x, verbose=0)
    )


def test_a_layer_without_a_kernel_has_no_norm():
    layer = spectral.SpectralNormalization(keras.layers.ReLU(name="bend"))
    with pytest.raises(ValueError, match="must have a `kernel`.* 'bend', one ReLU"):
        layer.build((None, 6))
