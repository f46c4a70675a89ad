"""Each network beside its twin in plain PyTorch, written from the papers' tables."""

import numpy as np
import pytest
import torch
from keras import ops
from torch.nn import functional as F

import keras_mocogan as km
from keras_mocogan.networks.clip_generators import (
    ForegroundGenerator,
    TemporalGenerator,
    TGANImageGenerator,
)
from keras_mocogan.utils.image_sizes import sides

pytestmark = pytest.mark.once

N, CODE, FILTERS = 3, 5, 2
every_shape = pytest.mark.parametrize(
    "size", [32, (48, 32), (32, 48)], ids=["square", "tall", "wide"]
)


def grid(size):
    """Height and width of the coarsest level, a sixteenth of the frame's."""
    return tuple(side // 16 for side in sides(size))


def tensor(values):
    return torch.from_numpy(np.array(values, "float32"))


class Twin:
    """PyTorch's operations with the weights of a network; channels come first.

    The network's weights are drawn anew, batch statistics too, so that nothing is 0
    or 1 by chance.
    """

    def __init__(self, network):
        self.network, random = network, np.random.default_rng(0)
        for variable in network.weights:
            if "seed" in variable.path:
                continue
            values = random.standard_normal(variable.shape)
            if variable.name in ("kernel", "recurrent_kernel"):
                values = values / np.prod(variable.shape[:-1]) ** 0.5
            if variable.name in ("gamma", "moving_variance"):
                values = 1 + values**2
            variable.assign(values.astype("float32"))

    def weights(self, layer):
        found = self.network.get_layer(layer).weights
        return {w.name: tensor(ops.convert_to_numpy(w.value)) for w in found}

    def dense(self, x, layer):
        w = self.weights(layer)
        return x @ w["kernel"] + w.get("bias", 0.0)

    def conv(self, x, layer, stride, padding):
        w = self.weights(layer)
        kernel = torch.movedim(w["kernel"], (-1, -2), (0, 1))
        conv = {4: F.conv2d, 5: F.conv3d}[x.ndim]
        return conv(x, kernel, w.get("bias"), stride, padding)

    def deconv(self, x, layer, stride, padding):
        w = self.weights(layer)
        # Keras keeps (window, out, in), PyTorch (in, out, window).
        kernel = torch.movedim(w["kernel"], (-1, -2), (0, 1))
        deconv = {3: F.conv_transpose1d, 4: F.conv_transpose2d, 5: F.conv_transpose3d}
        return deconv[x.ndim](x, kernel, w.get("bias"), stride, padding)

    def norm(self, x, layer):
        w = self.weights(layer)
        statistics = w["moving_mean"], w["moving_variance"]
        return F.batch_norm(x, *statistics, w["gamma"], w["beta"], False, 0.1, 1e-5)

    def relu_norm(self, x, level):
        return F.relu(self.norm(x, f"norm_{level}"))

    def judge(self, x, strides, paddings):
        """Convolutions with LeakyReLU, batch normalization but in the first."""
        for level, (stride, padding) in enumerate(zip(strides, paddings, strict=True)):
            x = self.conv(x, f"conv_{level}", stride, padding)
            if level:
                x = self.norm(x, f"norm_{level}")
            x = F.leaky_relu(x, 0.2)
        return x


def first(x):
    """Channels last to channels first, or back."""
    return torch.movedim(x, -1, 1)


def last(x):
    return torch.movedim(x, 1, -1)


def seed(x, *shape):
    return first(x.reshape(len(x), *shape))


def drawn(*shape):
    return np.random.default_rng(1).standard_normal(shape).astype("float32")


def check(network, inputs, wanted):
    found = network(inputs, training=False)
    if not isinstance(wanted, dict):
        found, wanted = {"": found}, {"": wanted}
    assert set(found) == set(wanted)
    for name, value in wanted.items():
        got, value = ops.convert_to_numpy(found[name]), value.detach().numpy()
        assert got.shape == value.shape
        assert abs(value).std() > 1e-3  # not the same everywhere
        np.testing.assert_allclose(got, value, atol=1e-5 * max(1, abs(value).max()))


def test_motion_generator():
    network = km.MotionGenerator(4, 3, num_classes=2)
    twin = Twin(network)
    w = twin.weights("gru")
    gru = torch.nn.GRU(5, 4, batch_first=True)

    def gates(x):  # update, reset, new: PyTorch begins with the reset gate
        update, reset, new = x.chunk(3, dim=-1)
        return torch.cat([reset, update, new], -1)

    state = {
        "weight_ih_l0": gates(w["kernel"]).T,
        "weight_hh_l0": gates(w["recurrent_kernel"]).T,
        "bias_ih_l0": gates(w["bias"][0]),
        "bias_hh_l0": gates(w["bias"][1]),
    }
    gru.load_state_dict(state)
    inputs = {
        "noise": drawn(N, 6, 3),
        "state": drawn(N, 4),
        "category": np.eye(2, dtype="float32")[[0, 1, 1]],
    }
    category = tensor(inputs["category"])[:, None].expand(N, 6, 2)
    sequence = torch.cat([category, tensor(inputs["noise"])], -1)
    check(network, inputs, gru(sequence, tensor(inputs["state"])[None])[0])


@every_shape
def test_image_generator(size):
    network = km.ImageGenerator(CODE, size, filters=FILTERS)
    twin, latent = Twin(network), drawn(N, CODE)
    x = seed(twin.dense(tensor(latent), "dense"), *grid(size), 8 * FILTERS)
    x = twin.relu_norm(x, 0)
    for level in (1, 2, 3):
        x = twin.relu_norm(twin.deconv(x, f"deconv_{level}", 2, 1), level)
    check(network, latent, last(torch.tanh(twin.deconv(x, "deconv_4", 2, 1))))


@every_shape
@pytest.mark.parametrize("variant", ["patch", "full"])
def test_image_discriminator(variant, size):
    network = km.ImageDiscriminator(size, filters=FILTERS, variant=variant)
    twin, frames = Twin(network), drawn(N, *sides(size), 3)
    levels = 3 if variant == "patch" else 4
    x = twin.judge(first(tensor(frames)), [2] * levels, [1] * levels)
    head = (2, 1) if variant == "patch" else (1, 0)
    check(network, frames, last(twin.conv(x, "head", *head)))


@every_shape
@pytest.mark.parametrize("levels", [3, 4])
def test_video_discriminator(levels, size):
    options = {"clip_frames": 16, "num_classes": 2, "levels": levels}
    network = km.VideoDiscriminator(size, filters=FILTERS, **options)
    twin, clips = Twin(network), drawn(N, 16, *sides(size), 3)
    x = twin.judge(first(tensor(clips)), [(1, 2, 2)] * levels, [(0, 1, 1)] * levels)
    head = ((1, 2, 2), (0, 1, 1)) if levels == 3 else (1, 0)
    scores = last(twin.conv(x, "head", *head))
    check(network, clips, split(scores))


def split(scores):
    return {
        "logits": scores[..., :1],
        "category_logits": scores[..., 1:].mean((1, 2, 3)),
    }


# The strides in time of a clip's four levels, from the seed to the clip.
TIMES = {4: (1, 1, 2, 2), 8: (1, 2, 2, 2), 16: (2, 2, 2, 2), 32: (2, 2, 2, 2)}


def in_time(step):
    """Stride and padding of a level that doubles, or halves, space and maybe time."""
    return (step, 2, 2), (int(step == 2), 1, 1)


@every_shape
@pytest.mark.parametrize("frames", [8, 32])
def test_clip_discriminator(frames, size):
    network = km.ClipDiscriminator(size, 3, frames, num_classes=2, filters=FILTERS)
    twin, clips = Twin(network), drawn(N, frames, *sides(size), 3)
    levels = [in_time(step) for step in reversed(TIMES[frames])]
    x = twin.judge(first(tensor(clips)), *zip(*levels, strict=True))
    check(network, clips, split(last(twin.conv(x, "head", 1, 0))))


@every_shape
@pytest.mark.parametrize("frames", [4, 32])
def test_foreground_generator(frames, size):
    network = ForegroundGenerator(CODE, size, 3, frames, FILTERS)
    twin, code = Twin(network), drawn(N, CODE)
    shape = (max(1, frames // 16), *grid(size), 8 * FILTERS)
    x = twin.relu_norm(seed(twin.dense(tensor(code), "dense"), *shape), 0)
    *steps, final = TIMES[frames]
    for level, step in enumerate(steps, start=1):
        x = twin.relu_norm(twin.deconv(x, f"deconv_{level}", *in_time(step)), level)
    foreground = twin.deconv(x, "foreground_deconv", *in_time(final))
    mask = twin.deconv(x, "mask_deconv", *in_time(final))
    wanted = {
        "foreground": last(torch.tanh(foreground)),
        "mask": last(torch.sigmoid(mask)),
    }
    check(network, code, wanted)


@pytest.mark.parametrize("frames", [8, 16])
def test_temporal_generator(frames):
    network = TemporalGenerator(CODE, 4, frames, FILTERS)
    twin, code = Twin(network), drawn(N, CODE)
    x = seed(twin.dense(tensor(code), "deconv_0"), max(1, frames // 16), 16 * FILTERS)
    for level, step in enumerate(TIMES[frames]):
        x = twin.relu_norm(x, level)
        x = twin.deconv(x, f"deconv_{level + 1}", step, int(step == 2))
    check(network, code, last(torch.tanh(x)))


@every_shape
def test_tgan_image_generator(size):
    network = TGANImageGenerator(CODE, 4, size, 3, 4, FILTERS)
    twin = Twin(network)
    inputs = {"slow": drawn(N, CODE), "fast": drawn(N, 4, 4)}

    def to_seed(name):
        x = twin.dense(tensor(inputs[name]), f"{name}_dense").flatten(0, -2)
        return F.relu(twin.norm(x, f"{name}_norm"))

    slow = to_seed("slow").repeat_interleave(4, 0)
    parts = [seed(x, *grid(size), 8 * FILTERS) for x in (slow, to_seed("fast"))]
    x = torch.cat(parts, 1)
    for level in (1, 2, 3, 4):
        x = twin.relu_norm(twin.deconv(x, f"deconv_{level}", 2, 1), level)
    frames = last(torch.tanh(twin.conv(x, "conv", 1, 1)))
    check(network, inputs, frames.reshape(N, 4, *sides(size), 3))
