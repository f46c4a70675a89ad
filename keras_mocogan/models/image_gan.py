"""A GAN in its plainest form: one generator of frames against one discriminator."""

import keras

from keras_mocogan.networks.generators import ImageGenerator
from keras_mocogan.networks.image_discriminator import ImageDiscriminator
from keras_mocogan.networks.layer_factory import LayerFactory
from keras_mocogan.sampling.single_latent import LatentSampling
from keras_mocogan.training.adversarial_model import AdversarialModel, Generated
from keras_mocogan.training.inputs import ClipSpec


@keras.saving.register_keras_serializable(package="keras_mocogan")
class ImageGAN(LatentSampling, AdversarialModel):
    """MoCoGAN's G_I and D_I alone, trained on frames.

    What section 3.1 of the paper begins from: z ~ N(0, I) becomes a frame, and D_I
    learns to tell it from a real one. It takes what MoCoGAN takes, of which it looks
    at single frames; pictures are clips of one frame, `images[:, None]`.

    Args:
        image_size: Side of the square frames in pixels, a multiple of 16 from 32 to
            256.
        channels: 1 to 4.
        latent_dim: Size of z.
        generator_filters: Channels of G_I's last hidden level.
        discriminator_filters: Channels of D_I's first level.
        instance_noise, discriminator_normalization: As of `MoCoGAN`.
        seed: Integer that fixes initial weights and the noise of training, or None.
        **kwargs: `name` and `dtype` of `keras.Model`.
    """

    num_classes = 0
    clip_frames = 1

    def __init__(
        self,
        image_size=64,
        channels=3,
        latent_dim=100,
        generator_filters=64,
        discriminator_filters=64,
        instance_noise=0.0,
        discriminator_normalization="batch",
        seed=None,
        **kwargs,
    ):
        super().__init__(ClipSpec(image_size, channels, 1, 0), seed=seed, **kwargs)
        self._remember(
            image_size=image_size,
            channels=channels,
            latent_dim=latent_dim,
            generator_filters=generator_filters,
            discriminator_filters=discriminator_filters,
            instance_noise=instance_noise,
            discriminator_normalization=discriminator_normalization,
            seed=seed,
        )
        make, common = LayerFactory(seed), {"dtype": self.dtype_policy.name}
        frame = {"image_size": image_size, "channels": channels}
        self.image_generator = ImageGenerator(
            latent_dim,
            filters=generator_filters,
            seed=make.next_seed(),
            **frame,
            **common,
        )
        discriminator = ImageDiscriminator(
            filters=discriminator_filters,
            instance_noise=instance_noise,
            normalization=discriminator_normalization,
            seed=make.next_seed(),
            **frame,
            **common,
        )
        self._set_networks((self.image_generator,), image_discriminator=discriminator)

    def generate_clips(self, n, training):
        """Draws clips of one frame."""
        codes, _ = self.draw_codes(n)
        return Generated(self.make_samples(codes, training)["samples"][:, None])

    def make_samples(self, codes, training=False):
        """Frames of latent vectors."""
        return {"samples": self.image_generator(codes, training=training)}

    def draw_samples(self, codes):
        """The same in NumPy."""
        return {"samples": self.image_generator.predict_on_batch(codes)}
