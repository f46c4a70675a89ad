"""Sampling from models that make each sample of one latent vector."""

import numpy as np
from keras import ops

from keras_mocogan.checks import check_at_least
from keras_mocogan.sampling import latents
from keras_mocogan.video import to_uint8

# Samples that are decoded at once: bounds the memory.
_SLICE = 16


class LatentSampling:
    """The sampling methods of VGAN, TGAN and ImageGAN.

    A subclass has `latent_dim` and `num_classes`, and defines `make_samples` and
    `draw_samples`. Latents are drawn on the host with NumPy, apart from the noise of
    training, so that one seed gives one result on every backend.
    """

    # Of the latent vectors: "normal", N(0, I), or "uniform", even in [-1, 1).
    latent_distribution = "normal"

    def make_samples(self, codes, training=False):
        """The generator as part of the step: tensors in, `{"samples": ...}` out."""
        raise NotImplementedError

    def draw_samples(self, codes):
        """What the generator makes of `[latent; class]` codes.

        Args:
            codes: float32 `(n, latent_dim + num_classes)`.

        Returns:
            Dictionary of float32 NumPy arrays, n rows each: `"samples"`, in [-1, 1],
            and the parts that they are made of, if any.
        """
        raise NotImplementedError

    def sample_latent(self, n, seed=None):
        """Draws latent vectors, float32 `(n, latent_dim)`.

        Args:
            n: Number of vectors.
            seed: Integer, or None for others at every call. Vector `i` of a seed is
                the same whatever `n`, on every backend.
        """
        check_at_least(1, n=n)
        if self.latent_distribution == "uniform":
            return latents.sample_uniform(n, self.latent_dim, seed)
        return latents.sample_content(n, self.latent_dim, seed)

    def draw_codes(self, n):
        """Draws codes for the step, from the model's own seed generator.

        Returns:
            The codes, float32 `(n, latent_dim + num_classes)`, and the labels, int32
            `(n,)` or None without classes.
        """
        if self.latent_distribution == "uniform":
            latent = self.draw_uniform((n, self.latent_dim), -1.0, 1.0)
        else:
            latent = self.draw_normal((n, self.latent_dim))
        if not self.num_classes:
            return latent, None
        labels = self.draw_integers((n,), self.num_classes)
        one_hot = ops.one_hot(labels, self.num_classes, dtype="float32")
        return ops.concatenate([latent, one_hot], axis=-1), labels

    def decode(self, latent, labels=None):
        """Makes the samples of given latent vectors.

        Args:
            latent: `(n, latent_dim)`.
            labels: Class of each, an integer or `(n,)` integers, where the model has
                classes; else None.

        Returns:
            float32 NumPy videos `(n, frames, height, width, channels)` in [-1, 1];
            frames `(n, height, width, channels)` of `ImageGAN`.

        Raises:
            ValueError: If shapes or labels do not fit.
        """
        return self._decode(self._codes(latent, labels))["samples"]

    def generate(self, n, num_frames=None, labels=None, latent=None, seed=None):
        """Generates samples.

        Args:
            n: Number of samples.
            num_frames: None; these models make clips of one length. It is taken so
                that they can stand where a MoCoGAN does.
            labels: Class of each, an integer or `(n,)` integers; None draws them.
            latent: `(n, latent_dim)`, or one row for all; None draws them.
            seed: Integer: one saved model and one seed give the same samples on
                every backend, to float tolerance. None: others at every call.

        Returns:
            uint8 NumPy videos `(n, frames, height, width, channels)`; frames
            `(n, height, width, channels)` of `ImageGAN`.

        Raises:
            ValueError: If shapes, lengths or labels do not fit.
        """
        codes = self._codes_to_generate(n, num_frames, labels, latent, seed)
        return to_uint8(self._decode(codes)["samples"])

    def preview_videos(self, columns=8, rows=4, seed=0):
        """Videos for a grid: with classes, rows take them in turn.

        Returns:
            uint8 videos `(rows * columns, frames, height, width, channels)`, row by
            row.
        """
        labels = None
        if self.num_classes:
            labels = np.repeat(np.arange(rows) % self.num_classes, columns)
        samples = self.generate(rows * columns, labels=labels, seed=seed)
        return samples if samples.ndim == 5 else samples[:, None]

    def _codes_to_generate(self, n, num_frames, labels, latent, seed):
        check_at_least(1, n=n)
        if num_frames not in (None, self.clip_frames):
            raise ValueError(
                f"num_frames={num_frames} came, but {type(self).__name__} makes clips "
                f"of {self.clip_frames} frames alone; leave it out, or build the model "
                "with another clip_frames."
            )
        if latent is None:
            latent = self.sample_latent(n, seed)
        if labels is None and self.num_classes:
            labels = latents.sample_labels(n, self.num_classes, seed)
        latent = latents.rows(latent, n, (self.latent_dim,), "latent")
        return self._codes(latent, labels)

    def _codes(self, latent, labels):
        n = len(np.atleast_1d(latent))
        latent = latents.rows(latent, n, (self.latent_dim,), "latent")
        if not self.num_classes:
            if labels is not None:
                raise ValueError(
                    "labels were given, but the model was built with num_classes=0; "
                    "leave them out."
                )
            return latent
        if labels is None:
            raise ValueError(
                "This model's samples depend on the class: pass labels, integers 0 to "
                f"{self.num_classes - 1}."
            )
        labels = latents.check_labels(labels, n, self.num_classes)
        code = latents.one_hot(labels, self.num_classes)
        return np.concatenate([latent, code], axis=-1)

    def _decode(self, codes):
        parts = []
        for start in range(0, len(codes), _SLICE):
            some = codes[start : start + _SLICE]
            # Padded to a power of two, few batch sizes have to be compiled.
            padded = latents.pad_rows(some)
            drawn = self.draw_samples(padded)
            parts.append({name: part[: len(some)] for name, part in drawn.items()})
        return {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}
