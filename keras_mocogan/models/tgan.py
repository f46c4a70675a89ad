"""TGAN: a temporal generator over an image generator."""

import keras

from keras_mocogan.checks import check_at_least
from keras_mocogan.networks.clip_generators import (
    SlowFastImageGenerator,
    TemporalGenerator,
)
from keras_mocogan.networks.layer_factory import LayerFactory
from keras_mocogan.networks.video_discriminators import ClipDiscriminator
from keras_mocogan.sampling.single_latent import LatentSampling
from keras_mocogan.training.adversarial_model import AdversarialModel, Generated
from keras_mocogan.training.inputs import ClipSpec


@keras.saving.register_keras_serializable(package="keras_mocogan")
class TGAN(LatentSampling, AdversarialModel):
    """Generates videos by a temporal generator over an image generator.

    Saito, Matsumoto and Saito, "Temporal Generative Adversarial Nets with Singular
    Value Clipping", ICCV 2017. G_0 turns a latent vector z_0, even in [-1, 1), into
    one vector z_1(t) for each frame, and G_1 draws each frame of [z_0, z_1(t)]. A
    discriminator of 3D convolutions judges clips whole. `compile` takes the paper's
    training where nothing else is given; `fit` is that of `MoCoGAN`.

    With classes a one-hot code stands beside z_0, and the discriminator has MoCoGAN's
    Q head.

    Args:
        image_size: Side of the square frames in pixels, a multiple of 16 from 32 to
            256.
        channels: 1 to 4.
        clip_frames: Frames of a clip: 4, 8, or a multiple of 16; 16 in the paper.
        latent_dim: Size of z_0; 100 in the paper.
        motion_dim: Size of z_1(t); 100 in the paper.
        num_classes: Number of classes, 0 for none.
        generator_filters: Channels of G_1's last hidden level; 32 in the paper.
        discriminator_filters: Channels of the discriminator's first level; 64.
        instance_noise, discriminator_normalization: As of `MoCoGAN`.
        seed: Integer that fixes initial weights and the noise of training, or None.
        **kwargs: `name` and `dtype` of `keras.Model`.

    Raises:
        ValueError: If sizes do not fit.
    """

    latent_distribution = "uniform"

    def __init__(
        self,
        image_size=64,
        channels=3,
        clip_frames=16,
        latent_dim=100,
        motion_dim=100,
        num_classes=0,
        generator_filters=32,
        discriminator_filters=64,
        instance_noise=0.0,
        discriminator_normalization="batch",
        seed=None,
        **kwargs,
    ):
        check_at_least(1, latent_dim=latent_dim, motion_dim=motion_dim)
        spec = ClipSpec(image_size, channels, clip_frames, num_classes)
        super().__init__(spec, seed=seed, **kwargs)
        self._remember(
            image_size=image_size,
            channels=channels,
            clip_frames=clip_frames,
            latent_dim=latent_dim,
            motion_dim=motion_dim,
            num_classes=num_classes,
            generator_filters=generator_filters,
            discriminator_filters=discriminator_filters,
            instance_noise=instance_noise,
            discriminator_normalization=discriminator_normalization,
            seed=seed,
        )
        self._make_networks()

    def _make_networks(self):
        make = LayerFactory(self.seed)
        common = {"clip_frames": self.clip_frames, "dtype": self.dtype_policy.name}
        frame = {"image_size": self.image_size, "channels": self.channels}
        vectors = {
            "latent_dim": self.latent_dim + self.num_classes,
            "motion_dim": self.motion_dim,
            "filters": self.generator_filters,
        }
        self.temporal_generator = TemporalGenerator(
            seed=make.next_seed(), **vectors, **common
        )
        self.image_generator = SlowFastImageGenerator(
            seed=make.next_seed(), **vectors, **frame, **common
        )
        discriminator = ClipDiscriminator(
            num_classes=self.num_classes,
            filters=self.discriminator_filters,
            instance_noise=self.instance_noise,
            normalization=self.discriminator_normalization,
            seed=make.next_seed(),
            **frame,
            **common,
        )
        self._set_networks(
            (self.temporal_generator, self.image_generator),
            video_discriminator=discriminator,
        )

    # === Training ===

    def compile(
        self,
        *positional,
        loss="wasserstein",
        weight_constraint="singular_value_clipping",
        **kwargs,
    ):
        """Configures training as `MoCoGAN.compile` does, with the paper's defaults.

        RMSProp at 5e-5, the Wasserstein loss, singular value clipping. The paper's
        baseline is `weight_constraint="weight_clipping"`; with
        `discriminator_normalization="none"` a `gradient_penalty=10` and
        `weight_constraint=None` can take its place.
        """
        super().compile(
            *positional, loss=loss, weight_constraint=weight_constraint, **kwargs
        )

    @staticmethod
    def default_optimizer():
        """RMSProp as the paper sets it, learning rate 5e-5."""
        return keras.optimizers.RMSprop(5e-5)

    def generate_clips(self, n, training):
        """Draws one vector for each frame, and the frames of these."""
        codes, labels = self.draw_codes(n)
        return Generated(self.make_samples(codes, training)["samples"], labels)

    def make_samples(self, codes, training=False):
        """Clips of `[z_0; class]` codes."""
        path = self.temporal_generator(codes, training=training)
        vectors = {"slow": codes, "fast": path}
        return {"samples": self.image_generator(vectors, training=training)}

    # === Sampling ===

    def draw_samples(self, codes):
        """The same in NumPy."""
        path = self.temporal_generator.predict_on_batch(codes)
        vectors = {"slow": codes, "fast": path}
        return {"samples": self.image_generator.predict_on_batch(vectors)}
