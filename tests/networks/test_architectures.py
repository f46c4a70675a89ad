"""VGAN's and TGAN's networks against their papers' tables."""

import keras
import numpy as np
import pytest

import keras_mocogan as km
from keras_mocogan.networks.clip_generators import (
    ForegroundGenerator,
    TemporalGenerator,
    TGANImageGenerator,
)
from keras_mocogan.networks.layer_factory import temporal_doublings
from keras_mocogan.utils.image_sizes import sides

pytestmark = pytest.mark.once


def trainable(network):
    return sum(int(np.prod(v.shape)) for v in network.trainable_variables)


def test_vgans_foreground():
    # 100 to 2x4x4x512; gamma and beta after each hidden level; kernels of 4x4x4; the
    # foreground's and the mask's convolutions, of which the mask's has a bias.
    k = 4 * 4 * 4
    wanted = 100 * 2 * 4 * 4 * 512 + 2 * 512
    wanted += k * 512 * 256 + 2 * 256 + k * 256 * 128 + 2 * 128 + k * 128 * 64 + 2 * 64
    wanted += k * 64 * 3 + k * 64 * 1 + 1
    assert wanted == 12_666_753
    assert trainable(ForegroundGenerator()) == wanted


def test_vgans_background():
    # 100 to 4x4x512, kernels of 4x4: 512, 256, 128, 64, 3.
    k = 4 * 4
    wanted = 100 * 4 * 4 * 512 + 2 * 512
    wanted += k * 512 * 256 + 2 * 256 + k * 256 * 128 + 2 * 128 + k * 128 * 64 + 2 * 64
    wanted += k * 64 * 3
    assert wanted == 3_576_704
    assert trainable(km.VGAN().background_generator) == wanted


@pytest.mark.parametrize(("frames", "head"), [(32, 2 * 4 * 4), (16, 1 * 4 * 4)])
def test_the_discriminator_of_both(frames, head):
    # 64, 128, 256, 512 with kernels of 4x4x4, gamma and beta except in the first, and
    # one logit over what is left: 2x4x4 of VGAN's 32 frames, 4x4 of TGAN's 16.
    k = 4 * 4 * 4
    wanted = k * 3 * 64 + k * 64 * 128 + 2 * 128 + k * 128 * 256 + 2 * 256
    wanted += k * 256 * 512 + 2 * 512 + head * 512
    assert wanted == {32: 11_040_512, 16: 11_032_320}[frames]
    assert trainable(km.ClipDiscriminator(clip_frames=frames)) == wanted


def test_tgans_temporal_generator():
    # Kernel 1 to 512, then kernel 4 to 256, 128, 128 and 100; gamma and beta between.
    wanted = 100 * 512 + 2 * 512 + 4 * 512 * 256 + 2 * 256 + 4 * 256 * 128 + 2 * 128
    wanted += 4 * 128 * 128 + 2 * 128 + 4 * 128 * 100
    assert wanted == 825_344
    assert trainable(TemporalGenerator()) == wanted


def test_tgans_image_generator():
    # Two linear layers of 100 to 4x4x256 units, each with gamma and beta; kernels of
    # 4x4: 256, 128, 64, 32; 3x3 to 3, with a bias.
    k = 4 * 4
    wanted = 2 * (100 * 4 * 4 * 256 + 2 * 4 * 4 * 256)
    wanted += k * 512 * 256 + 2 * 256 + k * 256 * 128 + 2 * 128 + k * 128 * 64 + 2 * 64
    wanted += k * 64 * 32 + 2 * 32 + 9 * 32 * 3 + 3
    assert wanted == 3_622_691
    assert trainable(TGANImageGenerator()) == wanted


@pytest.mark.parametrize("frames", [4, 8, 16, 32])
def test_levels_double_from_the_seed_to_the_clip(frames):
    doublings = temporal_doublings(frames)
    assert len(doublings) == 4
    assert max(1, frames // 16) * np.prod(doublings) == frames


@pytest.mark.parametrize("model", [km.VGAN, km.TGAN])
@pytest.mark.parametrize(
    ("size", "frames", "channels"),
    [
        (32, 4, 3),
        (32, 32, 1),
        (48, 8, 2),
        (64, 16, 3),
        (96, 16, 4),
        ((48, 32), 4, 3),
        ((32, 64), 16, 1),
    ],
)
def test_shapes_and_ranges(model, size, frames, channels):
    options = {name: {"filters": 1} for name in model.network_slots}
    model = model(size, channels, frames, **options)
    videos = model.decode(20 * model.sample_latent(2, seed=0))
    assert videos.shape == (2, frames, *sides(size), channels)
    assert -1 <= videos.min() < videos.max() <= 1
    logits = model.video_discriminator(videos)["logits"]
    assert logits.shape == (2, 1, 1, 1, 1)


def test_image_gan_is_g_i_and_d_i():
    model = km.ImageGAN(latent_dim=60)
    assert trainable(model.image_generator) == trainable(km.ImageGenerator(60))
    assert trainable(model.image_discriminator) == trainable(km.ImageDiscriminator())


@pytest.mark.parametrize(
    "network",
    [ForegroundGenerator, TemporalGenerator, TGANImageGenerator],
)
def test_networks_are_serializable(network):
    small = network(latent_dim=3, filters=2, clip_frames=4, seed=1)
    config = keras.saving.serialize_keras_object(small)
    twin = keras.saving.deserialize_keras_object(config)
    assert twin.get_config() == small.get_config()
    for a, b in zip(small.weights, twin.weights, strict=True):
        np.testing.assert_array_equal(a, b)
