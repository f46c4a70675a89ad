"""What bounds the discriminators' weights, against singular values by NumPy."""

import keras
import numpy as np
import pytest
from keras import ops
from testing import labels_for, random_clips, tiny_model, tiny_tgan, values

from keras_mocogan.layers.spectral_normalization import SpectralNormalization
from keras_mocogan.training import constraints


def singular_values(kernel):
    matrix = ops.convert_to_numpy(kernel).reshape(-1, kernel.shape[-1])
    return np.linalg.svd(matrix.astype("float64"), compute_uv=False)


@pytest.mark.parametrize("shape", [(4, 4, 4, 8, 16), (3, 3, 2, 40), (7, 1)])
def test_singular_values_above_one_become_one(shape):
    kernel = np.random.default_rng(0).standard_normal(shape).astype("float32")
    before = singular_values(kernel)
    clipped = constraints.clip_singular_values(ops.convert_to_tensor(kernel))
    assert tuple(clipped.shape) == shape and before.max() > 1.5
    np.testing.assert_allclose(
        singular_values(clipped), np.minimum(before, 1), atol=1e-5
    )


def test_a_kernel_within_the_bound_stays_as_it_is():
    kernel = np.diag([0.9, 0.5, 0.1]).astype("float32")
    clipped = constraints.clip_singular_values(ops.convert_to_tensor(kernel))
    np.testing.assert_allclose(ops.convert_to_numpy(clipped), kernel, atol=1e-6)


def kernels_of(network):
    return [layer.kernel for layer in network.layers if hasattr(layer, "kernel")]


def norms_of(network):
    norm = keras.layers.BatchNormalization
    return [layer for layer in network.layers if isinstance(layer, norm)]


def test_every_kernel_is_bounded_when_its_time_has_come():
    # Two steps of three times as large weights; only the second one clips.
    model = tiny_tgan()
    model.compile(weight_constraint=constraints.SingularValueClipping(every=2))
    discriminator = model.video_discriminator
    for kernel in kernels_of(discriminator):
        kernel.assign(3.0 * ops.convert_to_numpy(kernel.value))
    for layer in norms_of(discriminator):
        layer.gamma.assign([-1.0, 5.0] + [1e-3] * (layer.gamma.shape[0] - 2))
    before = values(model.generating_networks()[1].trainable_variables)
    videos = random_clips()
    model.train_on_batch(videos)
    assert all(singular_values(k).max() > 1.1 for k in kernels_of(discriminator))
    model.train_on_batch(videos)
    kernels = kernels_of(discriminator)
    assert len(kernels) == 5
    for kernel in kernels:
        assert singular_values(kernel).max() <= 1 + 1e-5
    for layer in norms_of(discriminator):
        gamma, variance = values([layer.gamma, layer.moving_variance])
        assert (gamma > 0).all()
        # The generator's phase has moved the variance by a tenth at most since.
        assert (0.9 * gamma**2 <= variance + layer.epsilon).all()
        np.testing.assert_allclose(gamma[2:], 1e-3, atol=5e-4)  # was within
    after = values(model.generating_networks()[1].trainable_variables)
    moved = [abs(a - b).max() for a, b in zip(before, after, strict=True)]
    assert max(moved) < 1e-3  # RMSProp's two steps, and no clipping


def test_layers_inside_of_layers_are_bounded_too():
    large = {"kernel_initializer": keras.initializers.RandomNormal(stddev=5.0, seed=0)}
    frames, layers = keras.Input((32, 32, 3)), keras.layers
    inside = [
        keras.Input((32, 32, 3)),
        layers.Conv2D(2, 4, 4, **large),
        layers.BatchNormalization(scale=False),  # without a gamma
    ]
    backbone = keras.Sequential(inside)
    scores = layers.TimeDistributed(layers.Dense(1, **large))(backbone(frames))
    network = keras.Model(frames, scores)
    constraint = constraints.SingularValueClipping(every=1)
    constraint.apply([network], 1)
    kernels = [v for v in network.trainable_variables if v.name == "kernel"]
    assert len(kernels) == 2
    for kernel in kernels:
        assert singular_values(kernel).max() == pytest.approx(1, abs=1e-5)


def test_a_spectral_normalization_bounds_its_layer_itself():
    layer = SpectralNormalization(keras.layers.Dense(2))
    network = keras.Sequential([keras.Input((3,)), layer])
    layer.layer.kernel.assign(5.0 * np.eye(3, 2))
    constraints.SingularValueClipping(every=1).apply([network], 1)
    np.testing.assert_array_equal(
        ops.convert_to_numpy(layer.layer.kernel), 5.0 * np.eye(3, 2)
    )


def test_weight_clipping_bounds_every_weight():
    model = tiny_model()
    model.compile(weight_constraint=constraints.WeightClipping(limit=0.02))
    videos = random_clips()
    model.train_on_batch(videos, labels_for(videos))
    for network in model.discriminating_networks():
        largest = [abs(value).max() for value in values(network.trainable_variables)]
        assert max(largest) <= 0.02 + 1e-7
    generator = values(model.image_generator.trainable_variables)
    assert max(abs(value).max() for value in generator) > 0.02


@pytest.mark.once
def test_constraints_are_found_by_name_and_config():
    assert constraints.get(None) is None
    by_name = constraints.get("singular_value_clipping")
    assert by_name.every == 5
    clipping = constraints.WeightClipping(limit=0.5, every=3)
    twin = constraints.get(keras.saving.serialize_keras_object(clipping))
    assert type(twin) is constraints.WeightClipping
    assert twin.get_config() == {"limit": 0.5, "every": 3}


@pytest.mark.once
@pytest.mark.parametrize("given", ["spectral", 5, [1]])
def test_unknown_constraints_are_told(given):
    with pytest.raises(ValueError, match="'weight_clipping', .* Received: weight_con"):
        tiny_model().compile(weight_constraint=given)


@pytest.mark.once
def test_numbers_of_constraints_are_checked():
    with pytest.raises(ValueError, match="at least 1. Received: every=0"):
        constraints.SingularValueClipping(every=0)
    with pytest.raises(ValueError, match="`limit` must be above 0. Received: limit=-1"):
        constraints.WeightClipping(limit=-1)
