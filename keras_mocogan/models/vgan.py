"""VGAN: a moving foreground before a background that stands still."""

import keras
from keras import ops

from keras_mocogan.checks import check_at_least
from keras_mocogan.networks.clip_generators import ForegroundGenerator
from keras_mocogan.networks.generators import ImageGenerator
from keras_mocogan.networks.layer_factory import LayerFactory
from keras_mocogan.networks.video_discriminators import ClipDiscriminator
from keras_mocogan.sampling.single_latent import LatentSampling
from keras_mocogan.training.adversarial_model import AdversarialModel, Generated
from keras_mocogan.training.inputs import ClipSpec
from keras_mocogan.video import to_uint8


@keras.saving.register_keras_serializable(package="keras_mocogan")
class VGAN(LatentSampling, AdversarialModel):
    """Generates videos as a masked foreground before a static background.

    Vondrick, Pirsiavash and Torralba, "Generating Videos with Scene Dynamics", NIPS
    2016. A clip is m * f + (1 - m) * b: foreground f and mask m come from one stream
    of 3D convolutions, the background b, one picture for the whole clip, from a 2D
    stream, both from the same latent vector z ~ N(0, I). One discriminator judges
    clips whole. `compile` and `fit` are those of `MoCoGAN`.

    With classes, which the paper does not have, a one-hot code stands beside z, and
    the discriminator has MoCoGAN's Q head.

    Args:
        image_size: Side of the square frames in pixels, a multiple of 16 from 32 to
            256.
        channels: 1 to 4.
        clip_frames: Frames of a clip: 4, 8, or a multiple of 16; 32 in the paper.
        latent_dim: Size of z; 100 in the paper.
        num_classes: Number of classes, 0, the paper's, for none.
        mask_sparsity: Weight of the mean of the mask in the generator's loss; 0.1
            in the paper. It makes the background do what it can.
        generator_filters: Channels of each stream's last hidden level.
        discriminator_filters: Channels of the discriminator's first level.
        instance_noise, discriminator_normalization: As of `MoCoGAN`.
        seed: Integer that fixes initial weights and the noise of training, or None.
        **kwargs: `name` and `dtype` of `keras.Model`.

    Raises:
        ValueError: If sizes do not fit or `mask_sparsity` is negative.
    """

    def __init__(
        self,
        image_size=64,
        channels=3,
        clip_frames=32,
        latent_dim=100,
        num_classes=0,
        mask_sparsity=0.1,
        generator_filters=64,
        discriminator_filters=64,
        instance_noise=0.0,
        discriminator_normalization="batch",
        seed=None,
        **kwargs,
    ):
        check_at_least(1, latent_dim=latent_dim)
        if not mask_sparsity >= 0:
            raise ValueError(
                f"mask_sparsity={mask_sparsity!r} does not fit: 0 or more is wanted."
            )
        spec = ClipSpec(image_size, channels, clip_frames, num_classes)
        super().__init__(spec, seed=seed, **kwargs)
        self._remember(
            image_size=image_size,
            channels=channels,
            clip_frames=clip_frames,
            latent_dim=latent_dim,
            num_classes=num_classes,
            mask_sparsity=mask_sparsity,
            generator_filters=generator_filters,
            discriminator_filters=discriminator_filters,
            instance_noise=instance_noise,
            discriminator_normalization=discriminator_normalization,
            seed=seed,
        )
        self._make_networks()

    def _make_networks(self):
        make = LayerFactory(self.seed)
        frame = {"image_size": self.image_size, "channels": self.channels}
        common = {**frame, "dtype": self.dtype_policy.name}
        stream = {
            **common,
            "latent_dim": self.latent_dim + self.num_classes,
            "filters": self.generator_filters,
        }
        self.foreground_generator = ForegroundGenerator(
            clip_frames=self.clip_frames, seed=make.next_seed(), **stream
        )
        # Table by table the paper's background stream is MoCoGAN's G_I.
        self.background_generator = ImageGenerator(
            seed=make.next_seed(), name="background_generator", **stream
        )
        discriminator = ClipDiscriminator(
            clip_frames=self.clip_frames,
            num_classes=self.num_classes,
            filters=self.discriminator_filters,
            instance_noise=self.instance_noise,
            normalization=self.discriminator_normalization,
            seed=make.next_seed(),
            **common,
        )
        self._set_networks(
            (self.foreground_generator, self.background_generator),
            video_discriminator=discriminator,
        )

    # === Training ===

    def generate_clips(self, n, training):
        """Composes clips; the mask's sparsity is the generator's penalty."""
        codes, labels = self.draw_codes(n)
        parts = self.make_samples(codes, training)
        penalty = self.mask_sparsity * ops.mean(parts["mask"])
        return Generated(parts["samples"], labels, penalty)

    def make_samples(self, codes, training=False):
        """Clips, and the parts that they are composed of."""
        streams = self.foreground_generator(codes, training=training)
        background = self.background_generator(codes, training=training)
        return _compose(streams, background)

    # === Sampling ===

    def draw_samples(self, codes):
        """The same in NumPy."""
        streams = self.foreground_generator.predict_on_batch(codes)
        background = self.background_generator.predict_on_batch(codes)
        return _compose(streams, background)

    def generate(
        self,
        n,
        num_frames=None,
        labels=None,
        latent=None,
        seed=None,
        return_parts=False,
    ):
        """Generates videos; see `LatentSampling.generate`.

        Args:
            n, num_frames, labels, latent, seed: As there.
            return_parts: Whether to return what the videos are composed of too.

        Returns:
            uint8 videos `(n, frames, height, width, channels)`; with `return_parts` a
            dictionary of uint8 arrays: `"videos"`, `"foreground"` of the same shape,
            `"mask"` with one channel (255 where the foreground is seen), and
            `"background"` `(n, height, width, channels)`.
        """
        codes = self._codes_to_generate(n, num_frames, labels, latent, seed)
        parts = self._decode(codes)
        if not return_parts:
            return to_uint8(parts["samples"])
        return {
            "videos": to_uint8(parts["samples"]),
            "foreground": to_uint8(parts["foreground"]),
            "mask": to_uint8(2 * parts["mask"] - 1),
            "background": to_uint8(parts["background"]),
        }


def _compose(streams, background):
    """m * f + (1 - m) * b, of tensors or NumPy arrays, and its parts."""
    mask = streams["mask"]
    clips = mask * streams["foreground"] + (1 - mask) * background[:, None]
    return {"samples": clips, "background": background, **streams}
