"""Kernels that fit short clips, initial weights, noise that is saved."""

import keras
import numpy as np
import pytest
from keras import ops
from testing import values

from keras_mocogan.networks.layer_factory import LayerFactory, temporal_kernels


# Each convolution takes kernel - 1 frames away. Five of 4 take 15 of 16 frames; of 8
# frames they may take 7, shared out as 2, 2, 1, 1, 1.
@pytest.mark.once
@pytest.mark.parametrize(
    ("clip_frames", "levels", "wanted"),
    [
        (16, 5, [4, 4, 4, 4, 4]),
        (20, 5, [4, 4, 4, 4, 4]),
        (8, 5, [3, 3, 2, 2, 2]),
        (4, 5, [2, 2, 2, 1, 1]),
        (4, 4, [2, 2, 2, 1]),
        (12, 4, [4, 4, 4, 3]),
        (1, 2, [1, 1]),
    ],
)
def test_temporal_kernels(clip_frames, levels, wanted):
    assert temporal_kernels(clip_frames, levels) == wanted


@pytest.mark.once
@pytest.mark.parametrize("levels", [4, 5])
def test_temporal_kernels_leave_a_frame_and_use_what_they_can(levels):
    for clip_frames in range(1, 40):
        kernels = temporal_kernels(clip_frames, levels)
        left = clip_frames - sum(k - 1 for k in kernels)
        assert left == max(1, clip_frames - 3 * levels)
        assert kernels == sorted(kernels, reverse=True)


# PyTorch's default for convolutions without bias: uniform in +-1/sqrt(fan in), whose
# standard deviation is that limit over sqrt(3).
@pytest.mark.once
def test_initial_weights_are_uniform_within_the_fan_ins_root():
    make = LayerFactory(seed=0)
    conv = make.conv(keras.layers.Conv2D, 32, 4, "conv")
    conv.build((None, 8, 8, 16))
    (kernel,) = values(conv.weights)
    limit = 1 / np.sqrt(4 * 4 * 16)
    assert 0.99 * limit < abs(kernel).max() <= limit
    assert abs(kernel.mean()) < 0.02 * limit
    np.testing.assert_allclose(kernel.std(), limit / np.sqrt(3), rtol=0.02)


def test_layers_of_one_factory_start_with_different_weights():
    make = LayerFactory(seed=0)
    one, other = (make.dense(3, name) for name in ("one", "other"))
    one.build((None, 3))
    other.build((None, 3))
    (one,), (other,) = values(one.weights), values(other.weights)
    assert (one != other).all()


def test_noise_has_its_deviation_and_leaves_inference_alone():
    layer = LayerFactory(seed=0).noise(0.5, "noise")
    zeros = np.zeros((4000,), "float32")
    noise = ops.convert_to_numpy(layer(zeros, training=True))
    # Of 4000 draws: standard errors 0.5 / sqrt(4000) = 0.008 and 0.006.
    assert abs(noise.mean()) < 0.04
    assert abs(noise.std() - 0.5) < 0.03
    np.testing.assert_array_equal(layer(zeros, training=False), zeros)


def test_saved_noise_goes_on_where_it_was():
    layer, twin = (LayerFactory(seed).noise(0.5, "noise") for seed in (0, 1))
    zeros = np.zeros((8,), "float32")
    layer(zeros, training=True)
    store = {}
    layer.save_own_variables(store)
    twin.load_own_variables(store)
    wanted, got = (
        ops.convert_to_numpy(each(zeros, training=True)) for each in (layer, twin)
    )
    np.testing.assert_array_equal(got, wanted)
    assert abs(wanted).max() > 0


@pytest.mark.parametrize("reference", ["0", "1"])
@pytest.mark.parametrize("shape", [(2, 32, 16, 32), (2, 4, 33, 17, 3)])
def test_noise_is_drawn_for_every_value(monkeypatch, shape, reference):
    monkeypatch.setenv("KERAS_MOCOGAN_REFERENCE", reference)
    layer = LayerFactory(seed=0).noise(0.5, "noise")
    first, second = (
        ops.convert_to_numpy(layer(np.zeros(shape, "float32"), training=True))
        for _ in range(2)
    )
    z = first.ravel() / 0.5
    # Moments of a normal distribution, to five standard errors.
    for power, moment, variance in ((1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96)):
        assert abs((z**power).mean() - moment) < 5 * (variance / z.size) ** 0.5, power
    assert 3.5 < abs(z).max() < 6
    # No pixel is like another, or like its neighbor, or like itself in another call.
    pixels = z.reshape(-1, shape[-1])
    assert len(np.unique(pixels, axis=0)) == len(pixels)
    half = z.size // 2
    limit = 5 / half**0.5
    for lag in (1, shape[-1], half):
        assert abs(np.mean(z[:-lag] * z[lag:])) < limit, lag
    assert abs(np.mean(first * second)) / 0.25 < limit
