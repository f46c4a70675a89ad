"""The package trains as the published code does, by its arithmetic in plain PyTorch.

`tools/peer_torch.py` is that arithmetic: PyTorch's own layers, their first weights and
`torch.optim.Adam`. Given this package's weights and the same random numbers, it has to
come to the same losses, gradients and weights.
"""

import numpy as np
import pytest
import torch
from keras import ops
from testing import both_discriminators, random_clips
from torch_twin import batch_norms, copy_weights, peer_torch, to_numpy, weight_pairs

import keras_mocogan as km
from keras_mocogan.layers.instance_noise import InstanceNoise
from keras_mocogan.training.rng import StepRandom

BATCH, STEPS, CLASSES, SIZE, FRAMES, FILTERS = 3, 3, 2, 32, 16, 4
RATE = 2e-4


def drawn(kind, place, step, shape):
    """Standard normal numbers of one draw of one step, float32."""
    random = np.random.default_rng([kind, place, step])
    return random.standard_normal(shape, "float32")


def chosen(place, step, shape, end):
    return np.random.default_rng([2, place, step]).integers(0, end, shape, "int32")


class Replaying(km.MoCoGAN):
    """A model whose random numbers are functions of the step and their place in it."""

    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.rng = ReplayedRandom(self.seed_generator)

    def adversarial_step(self, data):
        # Read here: JAX differentiates in a scope that does not hold it.
        self.rng.begin(ops.cast(self.optimizer.iterations, "int32"))
        InstanceNoise.rng = self.rng
        return super().adversarial_step(data)


class ReplayedRandom(StepRandom):
    def begin(self, step):
        self.place, self.noise_place, self.step_made = 0, 0, step

    def normal(self, shape):
        shape = (BATCH, *shape[1:])
        return self.of_this_step(lambda step: drawn(1, self.place, step, shape))

    def integers(self, shape, end):
        shape = (BATCH, *shape[1:])
        return self.of_this_step(lambda step: chosen(self.place, step, shape, end))

    def of_this_step(self, draw):
        self.place += 1
        values = np.stack([draw(step) for step in range(STEPS)])
        return ops.take(ops.convert_to_tensor(values), self.step_made, axis=0)


def replayed_noise(layer, shape):
    """`InstanceNoise._noise`, for the model that is in a step."""
    rng = InstanceNoise.rng
    place, shape = rng.noise_place, (BATCH, *shape[1:])
    rng.noise_place += 1
    values = [layer.stddev * drawn(3, place, step, shape) for step in range(STEPS)]
    return ops.take(ops.convert_to_tensor(np.stack(values)), rng.step_made, axis=0)


class ReplayingGenerator(peer_torch.Generator):
    """Draws what `Replaying` draws, and judges frames of the videos that it judges."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.kept, self.step_made = None, 0

    def begin_step(self):
        self.place, self.noise_place = 0, 0

    def normal(self, *shape):
        self.place += 1
        return torch.from_numpy(drawn(1, self.place, self.step_made, shape))

    def integers(self, shape, end):
        self.place += 1
        return torch.from_numpy(chosen(self.place, self.step_made, shape, end)).long()

    def draw_labels(self, n):
        if self.kept is None:
            self.wanted = self.integers((n,), self.num_classes)
        return self.wanted

    def latents(self, n, frames, labels=None):
        content = self.normal(n, peer_torch.CONTENT)[:, None].expand(n, frames, -1)
        noise, state = self.normal(n, frames, 10), self.normal(n, 10)[None]
        code = torch.nn.functional.one_hot(labels, self.num_classes).float()
        code = code[:, None].expand(n, frames, self.num_classes)
        if self.category_input == "motion":
            motion, _ = self.gru(torch.cat([code, noise], dim=2), state)
            return torch.cat([content, motion], dim=2)
        return torch.cat([content, self.gru(noise, state)[0], code], dim=2)

    def videos(self, n, frames, labels=None):
        if self.kept is None:
            self.kept = super().videos(n, frames, labels)
            return self.kept
        kept, self.kept = self.kept, None
        return kept

    def images(self, n, frames, labels=None):
        videos = self.videos(n, frames, labels)
        if self.place == 4:  # the fifth draw of a step is that of the real frames
            self.place += 1
        return videos[torch.arange(n), :, self.integers((n, 1), frames)[:, 0]]


def real_images(generator, videos):
    """The real frames that `Replaying` hands to D_I: its fifth draw."""
    index = chosen(5, generator.step_made, (BATCH, 1), FRAMES)[:, 0].astype("int64")
    return videos[torch.arange(BATCH), :, torch.from_numpy(index)]


class RecordingAdam(km.Adam):
    """Adam that keeps the last gradients as variables, which jit hands out."""

    def build(self, variables):
        super().build(variables)
        self.gradients = [
            self.add_variable_from_reference(v, name="gradient") for v in variables
        ]

    def apply(self, grads, trainable_variables=None):
        for kept, gradient in zip(self.gradients, grads, strict=True):
            kept.assign(gradient)
        return super().apply(grads, trainable_variables)


@pytest.mark.once
@pytest.mark.parametrize("category_input", ["frame", "motion"])
def test_first_weights_follow_pytorchs_rules(category_input):
    sizes = {"image_generator": {"filters": 8}, "seed": 1}
    sizes |= both_discriminators(filters=8)
    model = km.MoCoGAN(
        image_size=SIZE, num_classes=CLASSES, category_input=category_input, **sizes
    )
    torch.manual_seed(1)
    peer = peer_torch.Peer(
        SIZE, 8, 0.0, num_classes=CLASSES, category_input=category_input
    )
    checked = 0
    for pairs in weight_pairs(model, peer).values():
        for name, variable, layout, parameter in pairs:
            ours, theirs = layout(to_numpy(variable)), parameter.detach().numpy()
            assert ours.shape == theirs.shape, name
            if name.endswith(("gamma", "beta")):
                np.testing.assert_array_equal(ours, theirs, name)
                continue
            # Uniform: two samples' deviations differ by 0.63 / sqrt(n) of themselves.
            tolerance = 5 * 0.63 / ours.size**0.5
            assert ours.std() == pytest.approx(theirs.std(), rel=tolerance), name
            assert abs(ours).max() == pytest.approx(abs(theirs).max(), rel=0.2), name
            assert abs(ours.mean()) < 5 * ours.std() / ours.size**0.5, name
            checked += 1
    assert checked == 4 + 5 + 4 + 5


def replaying_pair(category_input, instance_noise):
    """A model of this package and the plain one, with the same weights."""
    model = Replaying(
        image_size=SIZE,
        num_classes=CLASSES,
        category_input=category_input,
        image_generator={"filters": FILTERS},
        **both_discriminators(filters=FILTERS, instance_noise=instance_noise),
        seed=3,
    )
    names = ("generator", "image_discriminator", "video_discriminator")
    settings = {"beta_1": 0.5, "beta_2": 0.999, "epsilon": 1e-8}
    model.compile(
        **{f"{name}_optimizer": RecordingAdam(RATE, **settings) for name in names}
    )
    peer = peer_torch.Peer(
        SIZE, FILTERS, instance_noise, num_classes=CLASSES, weight_decay=0.0
    )
    peer.generator = ReplayingGenerator(SIZE, FILTERS, CLASSES, category_input)
    peer.optimizers[2] = torch.optim.Adam(
        peer.generator.parameters(), RATE, betas=(0.5, 0.999)
    )
    copy_weights(model, peer)
    return model, peer


def real_batch(step):
    return random_clips(BATCH, FRAMES, SIZE, seed=step), np.arange(BATCH) % CLASSES


def train_peer(peer, monkeypatch):
    """Losses of each step, and the gradients of the first by parameter."""
    generator, gradients, losses = peer.generator, {}, []

    def noise_like(x):
        place = generator.noise_place
        generator.noise_place += 1
        values = drawn(3, place, generator.step_made, (BATCH, *x.shape[2:], x.shape[1]))
        return torch.from_numpy(np.moveaxis(values, -1, 1).copy())

    def keep(optimizer, *_):
        for parameter in optimizer.param_groups[0]["params"]:
            gradients.setdefault(parameter, parameter.grad.numpy().copy())

    monkeypatch.setattr(peer_torch.torch, "randn_like", noise_like)
    for optimizer in peer.optimizers:
        optimizer.register_step_pre_hook(keep)
    for step in range(STEPS):
        generator.step_made = step
        generator.begin_step()
        videos, labels = real_batch(step)
        videos = torch.from_numpy(np.moveaxis(videos, -1, 1) / 127.5 - 1).float()
        losses.append(
            peer.step(videos, torch.from_numpy(labels), real_images(generator, videos))
        )
    return losses, gradients


@pytest.mark.slow
@pytest.mark.parametrize(
    ("category_input", "instance_noise", "reference"),
    [("frame", 0.1, "1"), ("motion", 0.0, "0")],
    ids=["with noise, the plain way", "without noise, the fast way"],
)
def test_three_steps_are_the_published_arithmetic(
    monkeypatch, category_input, instance_noise, reference
):
    monkeypatch.setenv("KERAS_MOCOGAN_REFERENCE", reference)
    monkeypatch.setattr(InstanceNoise, "_noise", replayed_noise)
    model, peer = replaying_pair(category_input, instance_noise)
    pairs = weight_pairs(model, peer)
    first = {
        phase: [to_numpy(v) for _, v, _, _ in found] for phase, found in pairs.items()
    }
    wanted_losses, wanted_gradients = train_peer(peer, monkeypatch)
    for step in range(STEPS):
        model.reset_metrics()
        logs = model.train_on_batch(*real_batch(step), return_dict=True)
        names = ("image_discriminator", "video_discriminator", "generator")
        losses = [logs[f"{name}_loss"] for name in names]
        tolerance = 1e-5 if step == 0 else 1e-3  # Adam divides by small numbers
        np.testing.assert_allclose(losses, wanted_losses[step][:3], rtol=tolerance)
        if step == 0:
            for phase, found in pairs.items():
                check_gradients(model.optimizer[phase], found, wanted_gradients)
    for phase, found in pairs.items():
        for (name, variable, layout, parameter), before in zip(
            found, first[phase], strict=True
        ):
            moved = layout(to_numpy(variable)) - layout(before)
            wanted = parameter.detach().numpy() - layout(before)
            assert np.linalg.norm(wanted) > 0, name
            difference = np.linalg.norm(moved - wanted) / np.linalg.norm(wanted)
            assert difference < 0.02, f"{name}: {difference}"
    for ours, theirs in batch_norms(model, peer):
        np.testing.assert_allclose(
            to_numpy(ours.moving_mean), theirs.running_mean, atol=1e-4
        )
        # PyTorch averages the unbiased variance, of 48 values and more here.
        np.testing.assert_allclose(
            to_numpy(ours.moving_variance), theirs.running_var, rtol=0.03
        )


def check_gradients(optimizer, pairs, wanted):
    learning = map(id, optimizer._trainable_variables)
    kept = dict(zip(learning, optimizer.gradients, strict=True))
    for name, variable, layout, parameter in pairs:
        got = layout(to_numpy(kept[id(variable)]))
        norm = np.linalg.norm(wanted[parameter])
        assert norm > 0, name
        assert np.linalg.norm(got - wanted[parameter]) < 1e-4 * norm, name
