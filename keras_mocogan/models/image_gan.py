"""A GAN in its simplest form: one generator of frames against one discriminator."""

from typing import Any

import keras
import numpy.typing as npt

from keras_mocogan.models.base import VideoGAN
from keras_mocogan.networks.base import ClipGenerator
from keras_mocogan.networks.clip_generators import join_codes
from keras_mocogan.networks.image_generator import ImageGenerator
from keras_mocogan.sampling.single_latent import LatentSampling
from keras_mocogan.training.inputs import ClipSpec


@keras.saving.register_keras_serializable(package="keras_mocogan")
class ImageGAN(LatentSampling, VideoGAN):
    """MoCoGAN's G_I and D_I alone, trained on frames.

    Section 3.1 of the paper starts here: z ~ N(0, I) becomes a frame, and D_I learns to
    tell it from a real one. The model takes the same data as MoCoGAN and uses single
    frames of it; pictures are clips of one frame, `images[:, None]`.

    Args:
        image_size: int or (height, width) in pixels, multiples of 16 from 32 to 256.
        channels: 1 to 4.
        latent_dim: Size of z.
        image_generator: G_I: None for the paper's, a dictionary of options of
            `ImageGenerator`, or a `keras.Model` from `(n, latent_dim)` to `(n, height,
            width, channels)` in [-1, 1].
        image_discriminator: D_I: None, options of `ImageDiscriminator`, or a
            `keras.Model` from frames to logits `(n, ...)`.
        seed: Integer that fixes initial weights and the noise of training, or None.
        **kwargs: `name` and `dtype` of `keras.Model`.

    Raises:
        ValueError: If sizes or networks do not fit.

    Example:

    ```python
    model = km.ImageGAN(image_size=64)
    model.compile()
    model.fit(images[:, None], batch_size=32, epochs=1)
    ```
    """

    network_slots = ("image_generator", "image_discriminator")
    num_classes = 0
    clip_frames = 1

    def __init__(
        self,
        image_size: int | tuple[int, int] = 64,
        channels: int = 3,
        latent_dim: int = 100,
        image_generator: dict[str, Any] | keras.Model | None = None,
        image_discriminator: dict[str, Any] | keras.Model | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(ClipSpec(image_size, channels, 1, 0), seed=seed, **kwargs)
        self.image_generator = self.fill_slot(
            "image_generator",
            ImageGenerator,
            {"latent_dim": latent_dim, **self.frame_settings()},
            (latent_dim,),
            self.frame_shape(),
        )
        self._set_networks(
            (self.image_generator,), image_discriminator=self.make_image_discriminator()
        )

    def make_clip_generator(self) -> ClipGenerator:
        """Clips of one frame."""
        inputs, code = join_codes(self.latent_dim, 0)
        clips = self.image_generator(code)[:, None]
        return ClipGenerator(inputs, {"clips": clips}, name="clip_generator")

    def decode(
        self, latent: npt.ArrayLike, labels: npt.ArrayLike | None = None
    ) -> npt.NDArray[Any]:
        """Frames `(n, height, width, channels)`; see `LatentSampling.decode`."""
        return super().decode(latent, labels)[:, 0]

    def generate(self, *args: Any, **kwargs: Any) -> npt.NDArray[Any]:
        """Frames `(n, height, width, channels)`; see `LatentSampling.generate`."""
        return super().generate(*args, **kwargs)[:, 0]
