"""D_I with late fusion: frames judged one by one, then compared."""

import keras
import numpy as np
import pytest
from keras import ops
from testing import random_clips, to_float, values

import keras_mocogan as km

CLIPS = to_float(random_clips(3, 4))  # three clips of four frames
FRAMES = CLIPS[:, :2]
# A frame of 32 pixels has 2x2 patches.
PATCHES = 2 * 2 * 2


def make(frames=2, **options):
    return km.ImageDiscriminator(
        32, filters=2, frames=frames, fusion="late", seed=0, **options
    )


def judge(network, frames):
    scores = network(ops.convert_to_tensor(frames), training=False)
    return {name: ops.convert_to_numpy(x) for name, x in scores.items()}


def test_half_of_the_logits_are_those_of_each_frame_alone():
    network = make(normalization="none")
    scores = judge(network, FRAMES)
    assert scores["logits"].shape == (3, 2 * PATCHES)
    assert scores["same_clip_logits"].shape == (3, 1)
    copies = np.repeat(scores["same_clip_logits"], PATCHES, axis=1)
    np.testing.assert_array_equal(scores["logits"][:, PATCHES:], copies)
    # A network of single frames with the same weights.
    single = km.ImageDiscriminator(32, filters=2, normalization="none")
    known = {weight.path: weight for weight in network.weights}
    for weight in single.weights:
        weight.assign(known[weight.path])
    alone = ops.convert_to_numpy(single(FRAMES.reshape(-1, 32, 32, 3)))
    np.testing.assert_allclose(
        scores["logits"][:, :PATCHES], alone.reshape(3, PATCHES), atol=1e-5
    )


@pytest.mark.parametrize("frames", [2, 3])
def test_frames_are_compared_by_mean_and_spread_of_their_codes(frames):
    network = make(frames, normalization="none")
    samples = CLIPS[:, :frames]
    pooled = keras.Model(network.input, network.get_layer("code").input)
    x = ops.convert_to_numpy(pooled(samples)).reshape(3, frames, -1)

    def dense(x, layer):
        kernel, bias = values(layer.weights)
        return x @ kernel + bias

    def leaky(y):
        return np.where(y > 0, y, 0.2 * y)

    scores = judge(network, samples)
    codes = leaky(dense(x, network.get_layer("code")))
    np.testing.assert_allclose(scores["codes"], codes, rtol=1e-4, atol=1e-5)
    mean = codes.mean(axis=1)
    spread = abs(codes - mean[:, None]).mean(axis=1)
    comparison = network.get_layer("comparison")
    joined = np.concatenate([mean, spread], axis=-1)
    compared = leaky(dense(joined, comparison.get_layer("compared")))
    wanted = dense(compared, comparison.get_layer("same_clip"))
    found = scores["same_clip_logits"]
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)


def test_the_order_of_frames_does_not_matter_to_the_comparison():
    network = make(3)
    one, other = (
        judge(network, CLIPS[:, order])["same_clip_logits"]
        for order in ([0, 1, 2], [2, 0, 1])
    )
    np.testing.assert_allclose(one, other, atol=1e-5)
    assert abs(one).max() > 1e-3


def test_contents_are_recovered_from_all_frames_together():
    network = make(content_dim=4)
    once = judge(network, FRAMES)["content"]
    assert once.shape == (3, 4)
    single = [judge(network, np.repeat(FRAMES[:, i : i + 1], 2, 1)) for i in range(2)]
    wanted = sum(scores["content"] for scores in single) / 2
    np.testing.assert_allclose(once, wanted, atol=1e-5)


def test_single_frames_cannot_be_compared():
    with pytest.raises(ValueError, match="`fusion` must be 'early' for single frames"):
        km.ImageDiscriminator(32, fusion="late")
