"""Sampling from models that make each sample from one latent vector."""

from typing import Any

import numpy as np
import numpy.typing as npt

from keras_mocogan.checks import check_at_least
from keras_mocogan.sampling import latents
from keras_mocogan.sampling.decoding import decode, with_time
from keras_mocogan.video import to_uint8

# Samples that are decoded at once: this bounds the memory.
_SLICE = 16


class LatentSampling:
    """The sampling methods of VGAN, TGAN and ImageGAN.

    A subclass has `latent_dim` and `num_classes`; its clip generator takes `"latent"`
    and, with classes, `"category"`. Latents are drawn on the host with NumPy,
    separately from the noise of training, so that one seed gives the same result on
    every backend.
    """

    # The latent vectors' distribution: "normal", N(0, I), or "uniform" in [-1, 1).
    latent_distribution = "normal"

    def sample_latent(self, n: int, seed: int | None = None) -> np.ndarray:
        """Draws latent vectors, float32 `(n, latent_dim)`.

        Args:
            n: Number of vectors.
            seed: Integer, or None for new vectors at every call. Vector `i` of a seed
                is the same for every `n` and on every backend.
        """
        check_at_least(1, n=n)
        if self.latent_distribution == "uniform":
            return latents.sample_uniform(n, self.latent_dim, seed)
        return latents.sample_content(n, self.latent_dim, seed)

    def draw_latents(self, n: Any) -> tuple[dict[str, Any], Any]:
        """Draws latents for the step, from the model's own seed generator.

        Returns:
            Dictionary of the clip generator's inputs, and the labels, int32 `(n,)`, or
            None without classes.
        """
        if self.latent_distribution == "uniform":
            codes = {"latent": self.rng.uniform((n, self.latent_dim), -1.0, 1.0)}
        else:
            codes = {"latent": self.rng.normal((n, self.latent_dim))}
        labels = None
        if self.num_classes:
            labels, codes["category"] = self.rng.category(n, self.num_classes)
        return codes, labels

    def decode(
        self, latent: npt.ArrayLike, labels: npt.ArrayLike | None = None
    ) -> np.ndarray:
        """Decodes given latent vectors to samples.

        Args:
            latent: `(n, latent_dim)`.
            labels: Class of each, an integer or `(n,)` integers, if the model has
                classes; otherwise None.

        Returns:
            float32 NumPy videos `(n, frames, height, width, channels)` in [-1, 1].

        Raises:
            ValueError: If shapes or labels do not fit.
        """
        return self._decode(self._codes(latent, labels))["clips"]

    def generate(
        self,
        n: int,
        num_frames: int | None = None,
        labels: npt.ArrayLike | None = None,
        latent: npt.ArrayLike | None = None,
        seed: int | None = None,
    ) -> np.ndarray:
        """Generates samples.

        Args:
            n: Number of samples.
            num_frames: None or the model's `clip_frames`: these models make clips of
                one length. The argument lets them take the place of a MoCoGAN.
            labels: Class of each, an integer or `(n,)` integers; None draws them.
            latent: `(n, latent_dim)`, or one row for all; None draws them.
            seed: Integer: one saved model and one seed give the same samples on
                every backend, within float tolerance. None: new ones at every call.

        Returns:
            uint8 NumPy videos `(n, frames, height, width, channels)`.

        Raises:
            ValueError: If shapes, lengths or labels do not fit.
        """
        codes = self._codes_to_generate(n, num_frames, labels, latent, seed)
        return to_uint8(self._decode(codes)["clips"])

    def preview_videos(
        self,
        columns: int = 8,
        rows: int = 4,
        seed: int | None = 0,
        num_frames: int | None = None,
    ) -> np.ndarray:
        """Videos for a grid; with classes, the rows take them in turn.

        Args:
            columns: Videos in a row.
            rows: Number of rows.
            seed: Integer that fixes the latents, or None for new ones at every call.
            num_frames: Frames of each video; `None` means the model's.

        Returns:
            uint8 videos `(rows * columns, frames, height, width, channels)`, row by
            row.
        """
        check_at_least(1, columns=columns, rows=rows)
        labels = None
        if self.num_classes:
            labels = np.repeat(np.arange(rows) % self.num_classes, columns)
        return with_time(self.generate(rows * columns, num_frames, labels, seed=seed))

    def _codes_to_generate(self, n, num_frames, labels, latent, seed):
        check_at_least(1, n=n)
        if num_frames not in (None, self.clip_frames):
            other = ", or build the model with another clip_frames"
            if self.clip_frames == 1:  # an ImageGAN, which has no such argument
                other = ""
            raise ValueError(
                f"`num_frames` must be None or {self.clip_frames}: this "
                f"{type(self).__name__} makes clips of that length only. Received: "
                f"num_frames={num_frames}. Leave it out{other}."
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
                    "`labels` must be None: the model was built with num_classes=0. "
                    f"Received: labels={labels!r:.100}. Leave them out."
                )
            return {"latent": latent}
        if labels is None:
            raise ValueError(
                f"`labels` must be integers from 0 to {self.num_classes - 1}: this "
                "model's samples depend on the class. Received: labels=None."
            )
        labels = latents.check_labels(labels, n, self.num_classes)
        return {"latent": latent, "category": latents.one_hot(labels, self.num_classes)}

    def _decode(self, codes):
        return decode(self.clip_generator(), codes, _SLICE)
