"""A plain MoCoGAN in eager PyTorch, with which this package is compared.

It follows the paper's table 6 and the facts about how the published code trains, and is
written as a PyTorch user would write it: modules, `randn`, `backward`, `Adam`. The
video discriminator is the deeper one, with 64-128-256-512 channels. Layers have
PyTorch's initial weights. A step judges as many images as videos, real and generated
ones in separate calls. The generator draws both for the discriminators, and both again
for itself. `backward` differentiates everything that the loss depends on.

`benchmark.py --peer=torch` measures its speed, `compare_learning.py` what it learns,
and a test compares its arithmetic with the package's, step for step.
"""

import contextlib

import torch
from torch import nn
from torch.nn import functional as F

CONTENT, MOTION = 50, 10
WEIGHT_DECAY = 1e-5  # L2 in the gradient


class Noise(nn.Module):
    """Adds Gaussian noise, drawn for every value, in training."""

    def __init__(self, sigma):
        super().__init__()
        self.sigma = sigma

    def forward(self, x):
        return x + self.sigma * torch.randn_like(x) if self.training else x


class Generator(nn.Module):
    """R_M and G_I; `category_input` is `"motion"` or `"frame"`."""

    def __init__(self, size, filters, num_classes=0, category_input="frame"):
        super().__init__()
        self.num_classes, self.category_input = num_classes, category_input
        extra = {"motion": 0, "frame": 0, category_input: num_classes}
        self.gru = nn.GRU(MOTION + extra["motion"], MOTION, batch_first=True)
        layers, before = [], CONTENT + MOTION + extra["frame"]
        for level, multiple in enumerate((8, 4, 2, 1)):
            kernel, stride, padding = (4, 2, 1) if level else (size // 16, 1, 0)
            after = multiple * filters
            layers += [
                nn.ConvTranspose2d(before, after, kernel, stride, padding, bias=False),
                nn.BatchNorm2d(after),
                nn.ReLU(True),
            ]
            before = after
        layers += [nn.ConvTranspose2d(before, 3, 4, 2, 1, bias=False), nn.Tanh()]
        self.frame = nn.Sequential(*layers)

    def latents(self, n, frames, labels=None):
        """`(n, frames, [content; motion; class])`."""
        noise, state = torch.randn(n, frames, MOTION), torch.randn(1, n, MOTION)
        content = torch.randn(n, 1, CONTENT).expand(n, frames, CONTENT)
        if labels is None:
            return torch.cat([content, self.gru(noise, state)[0]], dim=2)
        code = F.one_hot(labels, self.num_classes).float()[:, None]
        code = code.expand(n, frames, self.num_classes)
        if self.category_input == "motion":
            motion, _ = self.gru(torch.cat([code, noise], dim=2), state)
            return torch.cat([content, motion], dim=2)
        return torch.cat([content, self.gru(noise, state)[0], code], dim=2)

    def videos(self, n, frames, labels=None):
        z = self.latents(n, frames, labels)
        x = self.frame(z.reshape(n * frames, -1, 1, 1))
        return x.view(n, frames, *x.shape[1:]).transpose(1, 2)

    def images(self, n, frames, labels=None):
        z = self.latents(n, frames, labels)
        z = z[torch.arange(n), torch.randint(frames, (n,))]
        return self.frame(z[:, :, None, None])

    def draw_labels(self, n):
        return torch.randint(self.num_classes, (n,)) if self.num_classes else None


def image_discriminator(filters, sigma):
    """D_I, the patch variant, with noise before each convolution."""
    layers, before = [], 3
    for level, after in enumerate((filters, 2 * filters, 4 * filters)):
        layers += [*noise(sigma), nn.Conv2d(before, after, 4, 2, 1, bias=False)]
        if level:
            layers.append(nn.BatchNorm2d(after))
        layers.append(nn.LeakyReLU(0.2, inplace=True))
        before = after
    head = nn.Conv2d(before, 1, 4, 2, 1, bias=False)
    return nn.Sequential(*layers, *noise(sigma), head)


def video_discriminator(size, filters, sigma, num_classes=0):
    """D_V with Q: a logit, then the class logits; no noise before its head."""
    layers, before = [], 3
    for level, multiple in enumerate((1, 2, 4, 8)):
        after = multiple * filters
        conv = nn.Conv3d(before, after, 4, (1, 2, 2), (0, 1, 1), bias=False)
        layers += [*noise(sigma), conv]
        if level:
            layers.append(nn.BatchNorm3d(after))
        layers.append(nn.LeakyReLU(0.2, inplace=True))
        before = after
    side = min(4, size // 16)
    head = nn.Conv3d(before, 1 + num_classes, (4, side, side), bias=False)
    return nn.Sequential(*layers, head)


def noise(sigma):
    return [Noise(sigma)] if sigma else []


class Peer:
    """The networks, their optimizers, and one training step."""

    def __init__(
        self,
        size,
        filters,
        sigma,
        bfloat16=False,
        num_classes=0,
        category_input="frame",
        weight_decay=WEIGHT_DECAY,
        seed=0,
    ):
        torch.manual_seed(seed)
        self.bfloat16 = bfloat16
        self.generator = Generator(size, filters, num_classes, category_input)
        self.judge_images = image_discriminator(filters, sigma)
        self.judge_videos = video_discriminator(size, filters, sigma, num_classes)
        self.optimizers = [
            torch.optim.Adam(
                network.parameters(),
                2e-4,
                betas=(0.5, 0.999),
                weight_decay=weight_decay,
            )
            for network in self.networks()
        ]

    def networks(self):
        """D_I, D_V and the generators, in the order in which they learn."""
        return self.judge_images, self.judge_videos, self.generator

    def _precision(self):
        if not self.bfloat16:
            return contextlib.nullcontext()
        return torch.autocast("cpu", torch.bfloat16)

    def step(self, videos, labels=None, images=None):
        """One step on `(n, 3, frames, size, size)` in [-1, 1].

        Args:
            labels: int64 `(n,)`, with classes.
            images: Real frames `(n, 3, size, size)`; None takes one from each video.

        Returns:
            The losses of D_I, D_V and the generators; with classes also the share of
            generated videos in which Q saw the class that was asked for.
        """
        n, length = len(videos), videos.shape[2]
        if images is None:
            images = videos[torch.arange(n), :, torch.randint(length, (n,))]
        generator = self.generator
        losses = [
            self._teach(0, images, generator.images, length),
            self._teach(1, videos, generator.videos, length, labels),
        ]
        self.optimizers[2].zero_grad()
        with self._precision():
            wanted = generator.draw_labels(n)
            scores = self.judge_videos(generator.videos(n, length, wanted)).float()
            images = generator.images(n, length, generator.draw_labels(n))
            loss = F.softplus(-self.judge_images(images).float()).mean()
            loss = loss + F.softplus(-scores[:, 0]).mean()
            loss = loss + category_loss(scores, wanted)
        loss.backward()
        self.optimizers[2].step()
        losses = [each.item() for each in (*losses, loss)]
        if wanted is not None:
            guesses = scores[:, 1:].mean((2, 3, 4)).argmax(1)
            losses.append((guesses == wanted).float().mean().item())
        return losses

    def _teach(self, index, real, generate, length, labels=None):
        judge = self.networks()[index]
        self.optimizers[index].zero_grad()
        with self._precision():
            real_scores = judge(real).float()
            fake = generate(len(real), length, self.generator.draw_labels(len(real)))
            fake_scores = judge(fake.detach()).float()
            loss = F.softplus(-real_scores[:, 0]).mean()
            loss = loss + F.softplus(fake_scores[:, 0]).mean()
            loss = loss + category_loss(real_scores, labels)
        loss.backward()
        self.optimizers[index].step()
        return loss

    @torch.no_grad()
    def sample(self, n, frames, labels=None):
        """uint8 videos `(n, frames, size, size, 3)`, in evaluation mode."""
        self.generator.eval()
        with self._precision():
            videos = self.generator.videos(n, frames, labels)
        self.generator.train()
        videos = ((videos.float() + 1) * 127.5).round().to(torch.uint8)
        return videos.permute(0, 2, 3, 4, 1).numpy()


def category_loss(scores, labels):
    if labels is None:
        return 0.0
    return F.cross_entropy(scores[:, 1:].mean((2, 3, 4)), labels)
