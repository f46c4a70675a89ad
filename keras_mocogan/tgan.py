"""TGAN: a temporal generator over an image generator."""

import keras
from keras import layers, ops

from keras_mocogan import convolutions
from keras_mocogan.adversarial import AdversarialModel, Generated
from keras_mocogan.discriminators import ClipDiscriminator
from keras_mocogan.inputs import ClipSpec
from keras_mocogan.latent_sampling import LatentSampling
from keras_mocogan.layers import (
    LayerFactory,
    check_at_least,
    check_video_size,
    temporal_doublings,
)
from keras_mocogan.network import Network


@keras.saving.register_keras_serializable(package="keras_mocogan")
class TemporalGenerator(Network):
    """TGAN's G_0: turns a latent vector into one vector for each frame.

    Transposed 1D convolutions of 16 (from one step), 8, 4 and 4 times `filters`
    channels and at last `motion_dim`, kernel 4 and stride 2 but in the first, ReLU
    and batch normalization between, tanh at the end (paper, table 1). Clips of 4 or 8
    frames leave the first levels undoubled; longer ones than 16 start from more steps.

    It maps codes `(batch, latent_dim)` to float32 `(batch, clip_frames, motion_dim)`
    in [-1, 1].

    Args:
        latent_dim: Size of a code, classes included.
        motion_dim: Size of a frame's vector; 100 in the paper.
        clip_frames: 4, 8, or a multiple of 16; 16 in the paper.
        filters: The paper's channels are of 32.
        seed: Integer that fixes the initial weights, or None.
        dtype: dtype policy, or None for Keras' global one.
        name: Name of the network.
    """

    def __init__(
        self,
        latent_dim=100,
        motion_dim=100,
        clip_frames=16,
        filters=32,
        seed=None,
        dtype=None,
        name="temporal_generator",
    ):
        check_at_least(1, latent_dim=latent_dim, motion_dim=motion_dim, filters=filters)
        doublings = temporal_doublings(clip_frames)

        # === Functional model ===
        make = LayerFactory(seed, dtype)
        code = keras.Input((latent_dim,), name="code")
        shape = (max(1, clip_frames // 16), 16 * filters)
        # A transposed convolution of a single step is a dense layer.
        x = make.dense(shape[0] * shape[1], "deconv_0")(code)
        x = layers.Reshape(shape, dtype=dtype, name="steps")(x)
        widths = (8 * filters, 4 * filters, 4 * filters, motion_dim)
        for level, (width, step) in enumerate(zip(widths, doublings, strict=True)):
            x = make.relu(f"relu_{level}")(make.batch_norm(f"norm_{level}")(x))
            x = make.conv(
                layers.Conv1DTranspose,
                width,
                4 if step == 2 else 1,
                f"deconv_{level + 1}",
                strides=step,
                padding="same",
            )(x)
        path = layers.Activation("tanh", dtype="float32", name="path")(x)

        # === Config ===
        config = {
            "latent_dim": latent_dim,
            "motion_dim": motion_dim,
            "clip_frames": clip_frames,
            "filters": filters,
            "seed": seed,
            "dtype": dtype,
        }
        super().__init__(code, path, config, name)


@keras.saving.register_keras_serializable(package="keras_mocogan")
class SlowFastImageGenerator(Network):
    """TGAN's G_1: draws every frame of the clip's vector and of the frame's own.

    The slow vector z_0 and the fast one z_1(t) each go through a linear layer to
    `(image_size / 16, image_size / 16, 8 * filters)`; joined, through transposed
    convolutions of kernel 4 and stride 2 with 8, 4, 2 and 1 times `filters` channels
    and a convolution of kernel 3; ReLU and batch normalization between, tanh at the
    end (paper, table 1).

    It maps a dictionary of `"slow"` `(batch, latent_dim)` and `"fast"` `(batch,
    clip_frames, motion_dim)` to clips `(batch, clip_frames, image_size, image_size,
    channels)` in [-1, 1].

    Args:
        latent_dim: Size of the slow vector, classes included.
        motion_dim: Size of a fast one.
        image_size: Side of a frame in pixels, a multiple of 16 from 32 to 256.
        channels: 1 to 4.
        clip_frames: Frames of a clip.
        filters: Channels of the last hidden level; the paper's are 32.
        seed: Integer that fixes the initial weights, or None.
        dtype: dtype policy, or None for Keras' global one.
        name: Name of the network.
    """

    def __init__(
        self,
        latent_dim=100,
        motion_dim=100,
        image_size=64,
        channels=3,
        clip_frames=16,
        filters=32,
        seed=None,
        dtype=None,
        name="image_generator",
    ):
        check_video_size(image_size, channels)
        check_at_least(1, latent_dim=latent_dim, motion_dim=motion_dim, filters=filters)

        # === Functional model ===
        make = LayerFactory(seed, dtype)
        side = image_size // 16
        seed_shape = (side, side, 8 * filters)
        inputs = {
            "slow": keras.Input((latent_dim,), name="slow"),
            "fast": keras.Input((clip_frames, motion_dim), name="fast"),
        }

        def to_seed(vector, name):
            x = make.dense(side * side * 8 * filters, f"{name}_dense")(vector)
            return make.relu(f"{name}_relu")(make.batch_norm(f"{name}_norm")(x))

        slow = to_seed(inputs["slow"], "slow")  # once a clip, not once a frame
        slow = ops.repeat(slow[:, None], clip_frames, axis=1)
        fast = to_seed(inputs["fast"], "fast")
        seeds = [ops.reshape(part, (-1, *seed_shape)) for part in (slow, fast)]
        x = layers.Concatenate(dtype=dtype, name="seed")(seeds)
        for level, multiple in enumerate((8, 4, 2, 1), start=1):
            x = make.conv(
                convolutions.Conv2DTranspose,
                multiple * filters,
                4,
                f"deconv_{level}",
                strides=2,
                padding="same",
            )(x)
            x = make.relu(f"relu_{level}")(make.batch_norm(f"norm_{level}")(x))
        last = {"padding": "same", "use_bias": True}
        x = make.conv(layers.Conv2D, channels, 3, "conv", **last)(x)
        frames = layers.Activation("tanh", dtype="float32", name="frames")(x)
        shape = (-1, clip_frames, image_size, image_size, channels)
        clips = ops.reshape(frames, shape)

        # === Config ===
        config = {
            "latent_dim": latent_dim,
            "motion_dim": motion_dim,
            "image_size": image_size,
            "channels": channels,
            "clip_frames": clip_frames,
            "filters": filters,
            "seed": seed,
            "dtype": dtype,
        }
        super().__init__(inputs, clips, config, name)


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
