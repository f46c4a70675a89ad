"""TGAN: a temporal generator over an image generator."""

from typing import Any

import keras

from keras_mocogan.checks import check_at_least
from keras_mocogan.models.base import VideoGAN
from keras_mocogan.networks.base import ClipGenerator
from keras_mocogan.networks.clip_generators import (
    TemporalGenerator,
    TGANImageGenerator,
    join_codes,
)
from keras_mocogan.networks.video_discriminators import ClipDiscriminator
from keras_mocogan.sampling.single_latent import LatentSampling
from keras_mocogan.training.inputs import ClipSpec


@keras.saving.register_keras_serializable(package="keras_mocogan")
class TGAN(LatentSampling, VideoGAN):
    """Generates videos with a temporal generator and an image generator.

    Saito, Matsumoto and Saito, "Temporal Generative Adversarial Nets with Singular
    Value Clipping", ICCV 2017. G_0 turns a latent vector z_0, uniform in [-1, 1), into
    one vector z_1(t) for each frame, and G_1 draws each frame from [z_0, z_1(t)]. A
    discriminator of 3D convolutions judges whole clips. `compile` uses the paper's
    training unless something else is given; `fit` is that of `MoCoGAN`.

    With classes, a one-hot code is appended to z_0, and the discriminator has MoCoGAN's
    Q head.

    Args:
        image_size: int or (height, width) in pixels, multiples of 16 from 32 to 256.
        channels: 1 to 4.
        clip_frames: Frames of a clip: 4, 8, or a multiple of 16; 16 in the paper.
        latent_dim: Size of z_0; 100 in the paper.
        motion_dim: Size of z_1(t); 100 in the paper.
        num_classes: Number of classes, 0 for none.
        temporal_generator: G_0: None for the paper's, a dictionary of options of
            `TemporalGenerator`, or a `keras.Model` from codes `(n, latent_dim +
            num_classes)` to `(n, clip_frames, motion_dim)`.
        image_generator: G_1: None, options of `TGANImageGenerator`, or a `keras.Model`
            from `{"slow": (n, latent_dim + num_classes), "fast": (n, clip_frames,
            motion_dim)}` to `(n, clip_frames, height, width, channels)` in [-1, 1].
        video_discriminator: None, options of `ClipDiscriminator`, or a `keras.Model`
            as of `MoCoGAN`.
        seed: Integer that fixes initial weights and the noise of training, or None.
        **kwargs: `name` and `dtype` of `keras.Model`.

    Raises:
        ValueError: If sizes or networks do not fit.

    Example:

    ```python
    model = km.TGAN(image_size=64, temporal_generator={"filters": 16})
    model.compile()
    model.fit(videos, batch_size=8, epochs=1)
    ```
    """

    network_slots = ("temporal_generator", "image_generator", "video_discriminator")
    latent_distribution = "uniform"

    def __init__(
        self,
        image_size: int | tuple[int, int] = 64,
        channels: int = 3,
        clip_frames: int = 16,
        latent_dim: int = 100,
        motion_dim: int = 100,
        num_classes: int = 0,
        temporal_generator: dict[str, Any] | keras.Model | None = None,
        image_generator: dict[str, Any] | keras.Model | None = None,
        video_discriminator: dict[str, Any] | keras.Model | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        check_at_least(1, latent_dim=latent_dim, motion_dim=motion_dim)
        spec = ClipSpec(image_size, channels, clip_frames, num_classes)
        super().__init__(spec, seed=seed, **kwargs)
        width, path = latent_dim + num_classes, (clip_frames, motion_dim)
        settings = {
            "latent_dim": width,
            "motion_dim": motion_dim,
            "clip_frames": clip_frames,
        }
        self.temporal_generator = self.fill_slot(
            "temporal_generator", TemporalGenerator, settings, (width,), path
        )
        self.image_generator = self.fill_slot(
            "image_generator",
            TGANImageGenerator,
            {**settings, **self.frame_settings()},
            {"slow": (width,), "fast": path},
            (clip_frames, *self.frame_shape()),
        )
        self._set_networks(
            (self.temporal_generator, self.image_generator),
            video_discriminator=self.make_video_discriminator(ClipDiscriminator),
        )

    def make_clip_generator(self) -> ClipGenerator:
        """G_1, of the code and of G_0's path."""
        inputs, code = join_codes(self.latent_dim, self.num_classes)
        vectors = {"slow": code, "fast": self.temporal_generator(code)}
        parts = {"clips": self.image_generator(vectors)}
        return ClipGenerator(inputs, parts, name="clip_generator")

    # === Training ===

    def compile(
        self,
        *positional: Any,
        loss: Any = "wasserstein",
        weight_constraint: Any = "singular_value_clipping",
        **kwargs: Any,
    ) -> None:
        """Configures training as `MoCoGAN.compile` does, with the paper's defaults.

        These are RMSProp at 5e-5, the Wasserstein loss and singular value clipping. The
        paper's baseline is `weight_constraint="weight_clipping"`. Another choice is
        `gradient_penalty=10` with `weight_constraint=None`, for a model with
        `video_discriminator={"normalization": "none"}`.
        """
        super().compile(
            *positional, loss=loss, weight_constraint=weight_constraint, **kwargs
        )

    @staticmethod
    def default_optimizer() -> keras.optimizers.Optimizer:
        """RMSProp with the paper's learning rate, 5e-5."""
        return keras.optimizers.RMSprop(5e-5)
