"""A plain MoCoGAN in eager PyTorch: what `benchmark.py --peer=torch` measures against.

Written from the paper's table 6, with the deeper video discriminator of 64-128-256-512
channels, the way a PyTorch user would write it: modules, `randn`, `backward`, `Adam`.
A step judges as many images as videos; the generator draws both for the
discriminators and both again for itself; `backward` differentiates everything that
the loss depends on.
"""

import contextlib

import torch
from torch import nn
from torch.nn import functional as F

CONTENT, MOTION = 50, 10


class Noise(nn.Module):
    def __init__(self, sigma):
        super().__init__()
        self.sigma = sigma

    def forward(self, x):
        return x + self.sigma * torch.randn_like(x) if self.sigma else x


class Generator(nn.Module):
    """R_M and G_I."""

    def __init__(self, size, filters):
        super().__init__()
        self.gru = nn.GRU(MOTION, MOTION, batch_first=True)
        layers, before = [], CONTENT + MOTION
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

    def latents(self, n, frames):
        noise = torch.randn(n, frames, MOTION)
        motion, _ = self.gru(noise, torch.randn(1, n, MOTION))
        content = torch.randn(n, 1, CONTENT).expand(n, frames, CONTENT)
        return torch.cat([content, motion], dim=2)

    def videos(self, n, frames):
        z = self.latents(n, frames)
        x = self.frame(z.reshape(n * frames, -1, 1, 1))
        return x.view(n, frames, *x.shape[1:]).transpose(1, 2)

    def images(self, n, frames):
        z = self.latents(n, frames)
        z = z[torch.arange(n), torch.randint(frames, (n,))]
        return self.frame(z[:, :, None, None])


def image_discriminator(filters, sigma):
    layers, before = [], 3
    for level, after in enumerate((filters, 2 * filters, 4 * filters)):
        layers += [Noise(sigma), nn.Conv2d(before, after, 4, 2, 1, bias=False)]
        if level:
            layers.append(nn.BatchNorm2d(after))
        layers.append(nn.LeakyReLU(0.2, inplace=True))
        before = after
    return nn.Sequential(*layers, Noise(sigma), nn.Conv2d(before, 1, 4, 2, 1))


def video_discriminator(size, filters, sigma):
    layers, before = [], 3
    for level, multiple in enumerate((1, 2, 4, 8)):
        after = multiple * filters
        conv = nn.Conv3d(before, after, 4, (1, 2, 2), (0, 1, 1), bias=False)
        layers += [Noise(sigma), conv]
        if level:
            layers.append(nn.BatchNorm3d(after))
        layers.append(nn.LeakyReLU(0.2, inplace=True))
        before = after
    side = min(4, size // 16)
    head = nn.Conv3d(before, 1, (4, side, side), bias=False)
    return nn.Sequential(*layers, Noise(sigma), head)


class Peer:
    """The networks, their optimizers, and one training step."""

    def __init__(self, size, filters, sigma, bfloat16=False):
        torch.manual_seed(0)
        self.bfloat16 = bfloat16
        self.generator = Generator(size, filters)
        self.judge_images = image_discriminator(filters, sigma)
        self.judge_videos = video_discriminator(size, filters, sigma)
        self.optimizers = [
            torch.optim.Adam(network.parameters(), 2e-4, betas=(0.5, 0.999))
            for network in (self.judge_images, self.judge_videos, self.generator)
        ]

    def _precision(self):
        if not self.bfloat16:
            return contextlib.nullcontext()
        return torch.autocast("cpu", torch.bfloat16)

    def step(self, videos):
        """One step on `(n, 3, frames, size, size)` in [-1, 1]; its losses."""
        n, length = len(videos), videos.shape[2]
        frames = videos[torch.arange(n), :, torch.randint(length, (n,))]
        generator = self.generator
        losses = [
            self._teach(0, self.judge_images, frames, generator.images, length),
            self._teach(1, self.judge_videos, videos, generator.videos, length),
        ]
        self.optimizers[2].zero_grad()
        with self._precision():
            images = self.judge_images(generator.images(n, length))
            clips = self.judge_videos(generator.videos(n, length))
            loss = (
                F.softplus(-images.float()).mean() + F.softplus(-clips.float()).mean()
            )
        loss.backward()
        self.optimizers[2].step()
        return [each.item() for each in (*losses, loss)]

    def _teach(self, index, judge, real, generate, length):
        self.optimizers[index].zero_grad()
        with self._precision():
            fake = generate(len(real), length).detach()
            real_loss = F.softplus(-judge(real).float()).mean()
            loss = real_loss + F.softplus(judge(fake).float()).mean()
        loss.backward()
        self.optimizers[index].step()
        return loss

    @torch.no_grad()
    def sample(self, n, frames):
        """uint8 videos `(n, frames, size, size, 3)`."""
        self.generator.eval()
        with self._precision():
            videos = self.generator.videos(n, frames)
        videos = ((videos.float() + 1) * 127.5).round().to(torch.uint8)
        return videos.permute(0, 2, 3, 4, 1).numpy()
