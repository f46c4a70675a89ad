"""D_I with heads on features of a pretrained network."""

import numpy as np
import pytest
from keras import ops
from testing import random_clips, tiny_model, to_float, values

import keras_mocogan as km
from keras_mocogan.backend import input_gradients
from keras_mocogan.networks.discriminator_blocks import of_groups, weighed_alike
from keras_mocogan.training.penalties import r1

CLIPS = to_float(random_clips(3, 4))
FRAMES = CLIPS[:, 0]
NAME = "efficientnet_lite0"
OF_FEATURES = 3 * 4 * 4  # a map of 4x4 logits for each of three maps of features


def make(**options):
    return km.ImageDiscriminator(
        32, filters=2, normalization="none", seed=0, features=NAME, **options
    )


def judge(network, frames):
    scores = network(ops.convert_to_tensor(frames), training=False)
    scores = scores if isinstance(scores, dict) else {"logits": scores}
    return {name: ops.convert_to_numpy(x) for name, x in scores.items()}


def test_judges_weigh_the_same():
    judges = [np.array([[1.0, 2.0, 3.0, 4.0]]), np.array([[5.0]]), np.ones((1, 6))]
    found = ops.convert_to_numpy(weighed_alike(judges))
    assert found.shape == (1, 36)
    np.testing.assert_allclose(found.mean(), (2.5 + 5 + 1) / 3, rtol=1e-6)
    rows = of_groups(np.arange(24.0).reshape(4, 2, 3, 1), 2)
    assert tuple(rows.shape) == (2, 12)


@pytest.mark.parametrize("variant, own", [("patch", 4), ("full", 1)])
def test_half_of_the_logits_are_those_of_a_network_without(variant, own):
    network = make(variant=variant)
    logits = judge(network, FRAMES)["logits"]
    assert logits.shape == (3, 2 * OF_FEATURES)
    alone = km.ImageDiscriminator(32, filters=2, normalization="none", variant=variant)
    known = {weight.path: weight for weight in network.weights}
    for weight in alone.weights:
        weight.assign(known[weight.path])
    wanted = judge(alone, FRAMES)["logits"].reshape(3, own)
    copies = logits[:, :OF_FEATURES].reshape(3, -1, own)
    np.testing.assert_allclose(
        copies, np.broadcast_to(wanted[:, None], copies.shape), atol=1e-5
    )


@pytest.mark.parametrize("fusion, judges", [("early", 2), ("late", 3)])
def test_frames_that_are_judged_together(fusion, judges):
    network = make(frames=2, fusion=fusion)
    logits = judge(network, CLIPS[:, :2])["logits"]
    assert logits.shape == (3, judges * 2 * OF_FEATURES)
    # The last are those of each frame's features, whatever the other frame is.
    other = CLIPS[:, :2].copy()
    other[:, 1] = CLIPS[:, 3]
    of_other = judge(network, other)["logits"]
    first = slice(-2 * OF_FEATURES, -OF_FEATURES)
    np.testing.assert_allclose(logits[:, first], of_other[:, first], atol=1e-5)
    assert abs(logits[:, -OF_FEATURES:] - of_other[:, -OF_FEATURES:]).max() > 1e-3


def test_codes_see_the_features_too():
    network = make(frames=2, fusion="late")
    kernel = network.get_layer("code").weights[0]
    assert tuple(kernel.shape) == (8 + 3 * 64, 64)  # 4 * filters, and three maps


def test_the_heads_learn_and_the_features_stay():
    model = tiny_model(
        image_discriminator={"features": NAME, "normalization": "none"},
        video_discriminator={"normalization": "none"},
    )
    model.compile(r1_weight=1.0)
    network = model.image_discriminator
    frozen = network.get_layer("pretrained_features")
    before, heads = values(frozen.weights), values(network.weights)
    model.train_on_batch(random_clips(2, 4), np.array([0, 1]))
    for was, now in zip(before, values(frozen.weights), strict=True):
        np.testing.assert_array_equal(was, now)
    learned = {
        weight.path
        for weight, was, now in zip(
            network.weights, heads, values(network.weights), strict=True
        )
        if abs(was - now).max() > 0
    }
    assert {"features_0_head/kernel", "features_2_last/kernel"} <= learned


def test_frames_get_gradients_through_the_features():
    network = make()

    def of_features(frames):
        return ops.sum(network(frames, training=False)[:, OF_FEATURES:])

    gradients = input_gradients(of_features, ops.convert_to_tensor(FRAMES))
    assert (abs(ops.convert_to_numpy(gradients)).max(axis=(1, 2, 3)) > 1e-5).all()


def penalties(size):
    """R1 of a D_I with features, and of one with the same weights and without."""
    options = {"filters": 2, "normalization": "none", "seed": 0}
    network = km.ImageDiscriminator(size, features=NAME, **options)
    alone = km.ImageDiscriminator(size, **options)
    known = {weight.path: weight for weight in network.weights}
    for weight in alone.weights:
        weight.assign(known[weight.path])
    frames = ops.convert_to_tensor(to_float(random_clips(3, 1, size))[:, 0])
    return [float(r1(judge, frames)) for judge in (network, alone)]


def test_penalties_take_features_of_enlarged_frames_for_constants():
    found, alone = penalties(32)
    assert alone > 1e-6
    # The patches are half of the mean logit, so its slope is half of theirs.
    np.testing.assert_allclose(found, alone / 4, rtol=1e-4)


def test_penalties_reach_features_of_other_frames():
    found, alone = penalties(64)
    assert found > 2 * alone / 4


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="channels=4. Give `features='none'`"):
        make(channels=4)
    assert km.ImageDiscriminator(32, channels=4, features="none").built
    with pytest.raises(ValueError, match="`features`.*efficientnet_lite0.*'vgg'"):
        km.ImageDiscriminator(32, features="vgg")
