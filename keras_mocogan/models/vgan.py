"""VGAN: a moving foreground in front of a background that stands still."""

from typing import Any

import keras
import numpy.typing as npt
from keras import ops

from keras_mocogan.checks import check_at_least, is_number
from keras_mocogan.models.base import VideoGAN
from keras_mocogan.networks.base import ClipGenerator
from keras_mocogan.networks.clip_generators import (
    Composition,
    ForegroundGenerator,
    join_codes,
)
from keras_mocogan.networks.image_generator import ImageGenerator
from keras_mocogan.networks.video_discriminators import ClipDiscriminator
from keras_mocogan.sampling.single_latent import LatentSampling
from keras_mocogan.training.inputs import ClipSpec
from keras_mocogan.video import to_uint8


@keras.saving.register_keras_serializable(package="keras_mocogan")
class VGAN(LatentSampling, VideoGAN):
    """Generates videos as a masked foreground in front of a static background.

    Vondrick, Pirsiavash and Torralba, "Generating Videos with Scene Dynamics", NIPS
    2016. A clip is m * f + (1 - m) * b. The foreground f and the mask m come from one
    stream of 3D convolutions; the background b, one picture for the whole clip, comes
    from a 2D stream. Both start from the same latent vector z ~ N(0, I). One
    discriminator judges whole clips. `compile` and `fit` are those of `MoCoGAN`.

    With classes, which the paper does not have, a one-hot code is appended to z, and
    the discriminator has MoCoGAN's Q head.

    Args:
        image_size: int or (height, width) in pixels, multiples of 16 from 32 to 256.
        channels: 1 to 4.
        clip_frames: Frames of a clip: 4, 8, or a multiple of 16; 32 in the paper.
        latent_dim: Size of z; 100 in the paper.
        num_classes: Number of classes; 0, the paper's, for none.
        mask_sparsity: Weight of the mean of the mask in the generator's loss; 0.1
            in the paper. It makes the background show as much as it can.
        foreground_generator: None for the paper's stream, a dictionary of options of
            `ForegroundGenerator`, or a `keras.Model` from codes `(n, latent_dim +
            num_classes)` to a dictionary of `"foreground"` `(n, clip_frames, height,
            width, channels)` in [-1, 1] and `"mask"`, of one channel, in [0, 1].
        background_generator: None, options of `ImageGenerator`, or a `keras.Model`
            from the same codes to `(n, height, width, channels)` in [-1, 1].
        video_discriminator: None, options of `ClipDiscriminator`, or a `keras.Model`
            as of `MoCoGAN`.
        seed: Integer that fixes initial weights and the noise of training, or None.
        **kwargs: `name` and `dtype` of `keras.Model`.

    Raises:
        ValueError: If sizes or networks do not fit or `mask_sparsity` is negative.

    Example:

    ```python
    model = km.VGAN(image_size=64, clip_frames=16)
    model.compile()
    model.fit(videos, batch_size=8, epochs=1)
    parts = model.generate(4, return_parts=True)
    ```
    """

    network_slots = (
        "foreground_generator",
        "background_generator",
        "video_discriminator",
    )

    def __init__(
        self,
        image_size: int | tuple[int, int] = 64,
        channels: int = 3,
        clip_frames: int = 32,
        latent_dim: int = 100,
        num_classes: int = 0,
        mask_sparsity: float = 0.1,
        foreground_generator: dict[str, Any] | keras.Model | None = None,
        background_generator: dict[str, Any] | keras.Model | None = None,
        video_discriminator: dict[str, Any] | keras.Model | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        check_at_least(1, latent_dim=latent_dim)
        if not is_number(mask_sparsity) or mask_sparsity < 0:
            raise ValueError(
                "`mask_sparsity` must be 0 or more. Received: "
                f"mask_sparsity={mask_sparsity!r}."
            )
        spec = ClipSpec(image_size, channels, clip_frames, num_classes)
        super().__init__(spec, seed=seed, **kwargs)
        width = latent_dim + num_classes
        frame = self.frame_shape()
        settings = {"latent_dim": width, **self.frame_settings()}
        self.foreground_generator = self.fill_slot(
            "foreground_generator",
            ForegroundGenerator,
            {"clip_frames": clip_frames, **settings},
            (width,),
            {
                "foreground": (clip_frames, *frame),
                "mask": (clip_frames, *frame[:2], 1),
            },
        )
        # Compared layer by layer, the paper's background stream is MoCoGAN's G_I.
        self.background_generator = self.fill_slot(
            "background_generator",
            ImageGenerator,
            {"name": "background_generator", **settings},
            (width,),
            frame,
        )
        self._set_networks(
            (self.foreground_generator, self.background_generator),
            video_discriminator=self.make_video_discriminator(ClipDiscriminator),
        )

    def make_clip_generator(self) -> ClipGenerator:
        """m * f + (1 - m) * b, and its parts."""
        inputs, code = join_codes(self.latent_dim, self.num_classes)
        streams = self.foreground_generator(code)
        background = self.background_generator(code)
        compose = Composition(dtype="float32", name="clips")
        clips = compose([streams["foreground"], streams["mask"], background])
        parts = {"clips": clips, "background": background}
        parts |= {name: streams[name] for name in ("foreground", "mask")}
        return ClipGenerator(inputs, parts, name="clip_generator")

    def clip_penalty(self, parts: dict[str, Any]) -> Any:
        """The mask's sparsity, which makes the background show as much as it can."""
        return self.mask_sparsity * ops.mean(parts["mask"])

    # === Sampling ===

    def generate(
        self,
        n: int,
        num_frames: int | None = None,
        labels: npt.ArrayLike | None = None,
        latent: npt.ArrayLike | None = None,
        seed: int | None = None,
        return_parts: bool = False,
    ) -> npt.NDArray[Any] | dict[str, npt.NDArray[Any]]:
        """Generates videos; see `LatentSampling.generate`.

        Args:
            n, num_frames, labels, latent, seed: As there.
            return_parts: Whether to return the parts of the videos too.

        Returns:
            uint8 videos `(n, frames, height, width, channels)`; with `return_parts` a
            dictionary of uint8 arrays: `"videos"`, `"foreground"` of the same shape,
            `"mask"` with one channel (255 where the foreground shows), and
            `"background"` `(n, height, width, channels)`.
        """
        codes = self._codes_to_generate(n, num_frames, labels, latent, seed)
        parts = self._decode(codes)
        if not return_parts:
            return to_uint8(parts["clips"])
        return {
            "videos": to_uint8(parts["clips"]),
            "foreground": to_uint8(parts["foreground"]),
            "mask": to_uint8(2 * parts["mask"] - 1),
            "background": to_uint8(parts["background"]),
        }
