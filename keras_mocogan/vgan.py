"""VGAN: a moving foreground before a background that stands still."""

import keras
from keras import layers, ops

from keras_mocogan import convolutions
from keras_mocogan.adversarial import AdversarialModel, Generated
from keras_mocogan.discriminators import ClipDiscriminator
from keras_mocogan.generators import ImageGenerator
from keras_mocogan.inputs import ClipSpec
from keras_mocogan.latent_sampling import LatentSampling
from keras_mocogan.layers import (
    LayerFactory,
    check_at_least,
    check_video_size,
    temporal_doublings,
)
from keras_mocogan.network import Network
from keras_mocogan.video import to_uint8


@keras.saving.register_keras_serializable(package="keras_mocogan")
class ForegroundGenerator(Network):
    """VGAN's foreground stream: what moves, and where it hides the background.

    Transposed 3D convolutions of kernel 4 and stride 2 with 8 (from a seed of
    `(clip_frames / 16, image_size / 16, image_size / 16)`), 4, 2 and 1 times `filters`
    channels, ReLU and batch normalization between; from the last of them the
    foreground (tanh) and the mask (sigmoid), each by a convolution of its own. Clips
    of 4 or 8 frames start from one frame, which the first levels do not double.

    It maps codes `(batch, latent_dim)` to a dictionary of float32 tensors:
    `"foreground"` `(batch, clip_frames, image_size, image_size, channels)` in [-1, 1]
    and `"mask"`, the same with one channel in [0, 1].

    Args:
        latent_dim: Size of a code, classes included.
        image_size: Side of a frame in pixels, a multiple of 16 from 32 to 256.
        channels: 1 to 4.
        clip_frames: 4, 8, or a multiple of 16; 32 in the paper.
        filters: Channels of the last hidden level; the paper's are 64.
        seed: Integer that fixes the initial weights, or None.
        dtype: dtype policy, or None for Keras' global one.
        name: Name of the network.
    """

    def __init__(
        self,
        latent_dim=100,
        image_size=64,
        channels=3,
        clip_frames=32,
        filters=64,
        seed=None,
        dtype=None,
        name="foreground_generator",
    ):
        check_video_size(image_size, channels)
        check_at_least(1, latent_dim=latent_dim, filters=filters)
        doublings = temporal_doublings(clip_frames)

        # === Functional model ===
        make = LayerFactory(seed, dtype)
        side = image_size // 16
        shape = (max(1, clip_frames // 16), side, side, 8 * filters)
        code = keras.Input((latent_dim,), name="code")
        x = make.dense(shape[0] * side * side * shape[3], "dense")(code)
        x = layers.Reshape(shape, dtype=dtype, name="seed")(x)
        x = make.relu("relu_0")(make.batch_norm("norm_0")(x))
        deconv = convolutions.Conv3DTranspose
        levels = zip((4, 2, 1), doublings[:3], strict=True)
        for level, (multiple, step) in enumerate(levels, start=1):
            x = make.strided(deconv, multiple * filters, step, f"deconv_{level}")(x)
            x = make.relu(f"relu_{level}")(make.batch_norm(f"norm_{level}")(x))
        foreground = make.strided(deconv, channels, doublings[3], "foreground_deconv")
        mask = make.strided(deconv, 1, doublings[3], "mask_deconv", use_bias=True)
        tanh = layers.Activation("tanh", dtype="float32", name="foreground")
        sigmoid = layers.Activation("sigmoid", dtype="float32", name="mask")
        streams = {"foreground": tanh(foreground(x)), "mask": sigmoid(mask(x))}

        # === Config ===
        config = {
            "latent_dim": latent_dim,
            "image_size": image_size,
            "channels": channels,
            "clip_frames": clip_frames,
            "filters": filters,
            "seed": seed,
            "dtype": dtype,
        }
        super().__init__(code, streams, config, name)


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
