"""MoCoGAN: content and motion, drawn apart and decoded together."""

import keras
from keras import ops

from keras_mocogan.checks import check_at_least
from keras_mocogan.networks.generators import ImageGenerator, MotionGenerator
from keras_mocogan.networks.image_discriminator import ImageDiscriminator
from keras_mocogan.networks.layer_factory import LayerFactory
from keras_mocogan.networks.video_discriminators import VideoDiscriminator
from keras_mocogan.sampling.content_motion import ContentMotionSampling
from keras_mocogan.training.adversarial_model import AdversarialModel, Generated
from keras_mocogan.training.inputs import ClipSpec


@keras.saving.register_keras_serializable(package="keras_mocogan")
class MoCoGAN(ContentMotionSampling, AdversarialModel):
    """Generates videos from a content vector and a path of motion vectors.

    Tulyakov, Liu, Yang and Kautz, "MoCoGAN: Decomposing Motion and Content for Video
    Generation", CVPR 2018. A clip has one content vector z_C ~ N(0, I) and a path
    z_M(1), ..., z_M(K) that the GRU R_M draws from noise and an optional class; G_I
    turns each [z_C; z_M(k)] into a frame. D_I judges one frame of a clip, D_V
    `clip_frames` consecutive ones and, through its Q head, names the class.

    Args:
        image_size: Side of the square frames in pixels, a multiple of 16 from 32 to
            256.
        channels: 1 to 4.
        clip_frames: T, the frames that D_V judges, at least 4; 16 in the paper.
        num_frames: K, the frames that a step generates, of which one random window
            of T is judged; None means `clip_frames`.
        content_dim: d_C, size of the content vector.
        motion_dim: d_M, size of a motion vector.
        noise_dim: Size of R_M's noise; None means `motion_dim`.
        num_classes: Number of classes of motion, 0 for none.
        category_input: `"motion"`, the paper's: the class goes into R_M. `"frame"`:
            into G_I, the weaker variant of the ablation and of the published code.
        content_input: `"concatenation"`, the paper's: G_I's first layer takes
            [content; motion]. `"modulation"`: the content scales and shifts G_I's
            channels instead, and the motion alone enters its first layer; short
            trainings then keep a thing's looks while it moves. See `ImageGenerator`.
        palette_size: With "modulation", the number of colours that a content has and
            frames are painted with; 0, the paper's, for freely drawn frames. See
            `ImageGenerator`.
        generator_filters: Channels of G_I's last hidden level.
        generator_normalization: `"batch"`, the paper's, `"synchronized_batch"` or
            `"group"`; see `ImageGenerator`.
        discriminator_filters: Channels of the first level of D_I and D_V.
        image_discriminator: False leaves D_I out, as in the ablation.
        image_discriminator_variant: `"patch"` or `"full"`; see `ImageDiscriminator`.
        image_frames: Frames of each clip that D_I judges in a step; 1 in the paper.
            A frame that D_I does not see teaches G_I only through D_V, so a few more
            make small batches go further.
        video_discriminator_levels: 4 or 3; see `VideoDiscriminator`.
        instance_noise: Standard deviation of the noise before every convolution of
            the discriminators, in training alone.
        discriminator_normalization: `"batch"`, the paper's, or
            `"synchronized_batch"`; or `"none"` or `"spectral"`, of which the penalties
            of `compile` want one. See `VideoDiscriminator`.
        seed: Integer that fixes initial weights and the noise of training, or None.
        **kwargs: `name` and `dtype` of `keras.Model`.

    Raises:
        ValueError: If sizes do not fit, or `category_input` or `content_input` is
            unknown.
    """

    def __init__(
        self,
        image_size=64,
        channels=3,
        clip_frames=16,
        num_frames=None,
        content_dim=50,
        motion_dim=10,
        noise_dim=None,
        num_classes=0,
        category_input="motion",
        content_input="concatenation",
        palette_size=0,
        generator_filters=64,
        generator_normalization="batch",
        discriminator_filters=64,
        image_discriminator=True,
        image_discriminator_variant="patch",
        image_frames=1,
        video_discriminator_levels=4,
        instance_noise=0.0,
        discriminator_normalization="batch",
        seed=None,
        **kwargs,
    ):
        num_frames = clip_frames if num_frames is None else num_frames
        check_at_least(1, content_dim=content_dim)
        check_at_least(4, clip_frames=clip_frames)
        _check_num_frames(num_frames, clip_frames)
        _check_category_input(category_input)
        _check_content_input(content_input)
        super().__init__(
            ClipSpec(image_size, channels, clip_frames, num_classes),
            image_frames,
            seed,
            **kwargs,
        )
        self._remember(
            image_size=image_size,
            channels=channels,
            clip_frames=clip_frames,
            num_frames=num_frames,
            content_dim=content_dim,
            motion_dim=motion_dim,
            noise_dim=motion_dim if noise_dim is None else noise_dim,
            num_classes=num_classes,
            category_input=category_input,
            content_input=content_input,
            palette_size=palette_size,
            generator_filters=generator_filters,
            generator_normalization=generator_normalization,
            discriminator_filters=discriminator_filters,
            image_discriminator_variant=image_discriminator_variant,
            image_frames=image_frames,
            video_discriminator_levels=video_discriminator_levels,
            instance_noise=instance_noise,
            discriminator_normalization=discriminator_normalization,
            seed=seed,
        )
        # The attribute of this name is the network.
        self._arguments["image_discriminator"] = bool(image_discriminator)
        self._make_networks(bool(image_discriminator))

    def _make_networks(self, with_image_discriminator):
        make = LayerFactory(self.seed)
        frame = {"image_size": self.image_size, "channels": self.channels}
        common = {"dtype": self.dtype_policy.name}
        judge = {
            **frame,
            **common,
            "filters": self.discriminator_filters,
            "instance_noise": self.instance_noise,
            "normalization": self.discriminator_normalization,
        }
        classes = self.num_classes
        self.motion_generator = MotionGenerator(
            self.motion_dim,
            self.noise_dim,
            classes if self.category_input == "motion" else 0,
            seed=make.next_seed(),
            **common,
        )
        self.image_generator = ImageGenerator(
            self.content_dim
            + self.motion_dim
            + (classes if self.category_input == "frame" else 0),
            filters=self.generator_filters,
            normalization=self.generator_normalization,
            palette_size=self.palette_size,
            modulation_dim=(
                self.content_dim if self.content_input == "modulation" else 0
            ),
            seed=make.next_seed(),
            **frame,
            **common,
        )
        video_discriminator = VideoDiscriminator(
            clip_frames=self.clip_frames,
            num_classes=classes,
            levels=self.video_discriminator_levels,
            seed=make.next_seed(),
            **judge,
        )
        image_discriminator = None
        if with_image_discriminator:
            image_discriminator = ImageDiscriminator(
                variant=self.image_discriminator_variant,
                seed=make.next_seed(),
                **judge,
            )
        self._set_networks(
            (self.motion_generator, self.image_generator),
            image_discriminator,
            video_discriminator,
        )

    # === Training ===

    def generate_clips(self, n, training):
        """Generates K frames a clip and decodes one random window of T of them."""
        labels = None
        if self.num_classes:
            labels = self.draw_integers((n,), self.num_classes)
        content = self.draw_normal((n, self.content_dim))
        path = {
            "noise": self.draw_normal((n, self.num_frames, self.noise_dim)),
            "state": self.draw_normal((n, self.motion_dim)),
        }
        frame_codes = [content]
        if labels is not None:
            code = ops.one_hot(labels, self.num_classes, dtype="float32")
            if self.category_input == "motion":
                path["category"] = code
            else:
                frame_codes.append(code)
        motion = self.motion_generator(path, training=training)
        motion = self.random_window(motion, self.clip_frames)
        # (n, T, d_C + d_M), then one row a frame for G_I
        held = [
            ops.repeat(code[:, None], self.clip_frames, axis=1) for code in frame_codes
        ]
        latent = ops.concatenate([held[0], motion, *held[1:]], axis=-1)
        latent = ops.reshape(latent, (-1, latent.shape[-1]))
        frames = self.image_generator(latent, training=training)
        clips = ops.reshape(frames, (-1, self.clip_frames, *frames.shape[1:]))
        return Generated(clips, labels)


def _check_num_frames(num_frames, clip_frames):
    check_at_least(1, num_frames=num_frames)
    if num_frames < clip_frames:
        raise ValueError(
            f"num_frames={num_frames} is shorter than clip_frames={clip_frames}: the "
            "generated videos must hold at least one window that the video "
            "discriminator judges."
        )


def _check_category_input(category_input):
    if category_input not in ("motion", "frame"):
        raise ValueError(
            f"category_input={category_input!r} is unknown: 'motion' (the class goes "
            "into R_M, as in the paper) or 'frame' (into G_I) is wanted."
        )


def _check_content_input(content_input):
    if content_input not in ("concatenation", "modulation"):
        raise ValueError(
            f"content_input={content_input!r} is unknown: 'concatenation' (with the "
            "motion, as in the paper) or 'modulation' (of G_I's channels) is wanted."
        )
