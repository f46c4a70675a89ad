"""MoCoGAN: content and motion, drawn separately and decoded together."""

from typing import Any

import keras
from keras import ops

from keras_mocogan.checks import check_at_least
from keras_mocogan.models.base import VideoGAN
from keras_mocogan.models.image_to_video import ImageToVideo
from keras_mocogan.networks.content_motion import make_content_motion_generator
from keras_mocogan.networks.image_generator import ImageGenerator
from keras_mocogan.networks.motion_generator import MotionGenerator
from keras_mocogan.networks.video_discriminators import VideoDiscriminator
from keras_mocogan.sampling.content_motion import ContentMotionSampling
from keras_mocogan.training.inputs import ClipSpec
from keras_mocogan.training.step_clips import GeneratedClips


@keras.saving.register_keras_serializable(package="keras_mocogan")
class MoCoGAN(ImageToVideo, ContentMotionSampling, VideoGAN):
    """Generates videos from a content vector and a path of motion vectors.

    Tulyakov, Liu, Yang and Kautz, "MoCoGAN: Decomposing Motion and Content for Video
    Generation", CVPR 2018. A clip has one content vector z_C ~ N(0, I) and a path
    z_M(1), ..., z_M(K) that the GRU R_M draws from noise and an optional class; G_I
    turns each [z_C; z_M(k)] into a frame. D_I judges one frame of a clip, D_V
    `clip_frames` consecutive ones and, through its Q head, names the class.

    Args:
        image_size: int or (height, width) in pixels, multiples of 16 from 32 to 256.
        channels: 1 to 4.
        clip_frames: T, the frames that D_V judges, at least 4; 16 in the paper.
        num_frames: K, the frames that a step generates; one random window of T of
            them is judged. None means `clip_frames`.
        content_dim: d_C, size of the content vector.
        motion_dim: d_M, size of a motion vector.
        noise_dim: Size of R_M's noise; None means `motion_dim`.
        num_classes: Number of classes of motion, 0 for none.
        category_input: `"motion"`, the paper's: the class goes into R_M. `"frame"`:
            into G_I, the weaker variant in the ablation, and the published code's.
        image_frames: Frames of each clip that D_I judges in a step; 1 in the paper.
            G_I learns about a frame that D_I does not see only through D_V, so a few
            more frames make small batches go further.
        motion_generator: R_M: None for the paper's, a dictionary of options of
            `MotionGenerator`, or a `keras.Model` from `{"noise": (n, frames,
            noise_dim), "state": (n, motion_dim)}`, with classes in the motion and
            `"category": (n, num_classes)`, to `(n, frames, motion_dim)`.
        image_generator: G_I: None, options of `ImageGenerator`, or a `keras.Model`
            from `(n, content_dim + motion_dim)`, and `num_classes` more with classes
            in the frame, to `(n, height, width, channels)` in [-1, 1]. With
            `{"modulation_dim": "content"}` the content scales and shifts G_I's
            channels, and the motion alone enters its first layer.
        image_discriminator: D_I: None, options of `ImageDiscriminator`, or a
            `keras.Model` from frames to logits `(n, ...)`; False leaves it out, as in
            the paper's ablation. With `{"frames": 2}`, or a functional model from
            `(n, 2, height, width, channels)`, it judges pairs of frames of one clip,
            `image_frames` pairs for each clip, and so sees what changes within a clip;
            `{"frames": 2, "fusion": "late"}` sees it better. With `{"features":
            "efficientnet_lite0"}` it judges features of a pretrained network too.
            With `{"content_dim": "content"}` it recovers contents; see `content_weight`
            of `compile`. A functional model of your own can do that too, if it returns
            a dictionary of `"logits"` and `"content"` `(n, content_dim)`.
        video_discriminator: D_V: None, options of `VideoDiscriminator`, or a
            `keras.Model` from `(n, clip_frames, height, width, channels)` to a
            dictionary of `"logits"` `(n, ...)` and, with classes,
            `"category_logits"` `(n, num_classes)`.
        image_encoder: E_C, which makes the model one from images to videos; see
            `animate`. None leaves it out. Otherwise options of `ImageEncoder`, of which
            there may be none (`{}`), or a `keras.Model` from images `(n, height, width,
            channels)` in [-1, 1] to contents `(n, content_dim)`. Training then takes
            all contents from first frames of real clips and draws none, and
            `generate` should be given contents too.
        seed: Integer that fixes initial weights and the noise of training, or None.
        **kwargs: `name` and `dtype` of `keras.Model`.

    Raises:
        ValueError: If sizes or networks do not fit, or `category_input` is unknown.

    Example:

    ```python
    model = km.MoCoGAN(image_size=64, num_classes=2, image_generator={"filters": 32})
    model.compile()
    model.fit(videos, labels, batch_size=8, epochs=1)
    km.video.write_gif("videos.gif", model.generate(16))
    ```
    """

    network_slots = (
        "motion_generator",
        "image_generator",
        "image_encoder",
        "image_discriminator",
        "video_discriminator",
    )

    def __init__(
        self,
        image_size: int | tuple[int, int] = 64,
        channels: int = 3,
        clip_frames: int = 16,
        num_frames: int | None = None,
        content_dim: int = 50,
        motion_dim: int = 10,
        noise_dim: int | None = None,
        num_classes: int = 0,
        category_input: str = "motion",
        image_frames: int = 1,
        motion_generator: dict[str, Any] | keras.Model | None = None,
        image_generator: dict[str, Any] | keras.Model | None = None,
        image_discriminator: dict[str, Any] | keras.Model | bool | None = None,
        video_discriminator: dict[str, Any] | keras.Model | None = None,
        image_encoder: dict[str, Any] | keras.Model | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        check_at_least(1, content_dim=content_dim)
        check_at_least(4, clip_frames=clip_frames)
        _check_num_frames(
            clip_frames if num_frames is None else num_frames, clip_frames
        )
        _check_category_input(category_input)
        spec = ClipSpec(image_size, channels, clip_frames, num_classes)
        super().__init__(spec, image_frames, seed, **kwargs)
        if num_frames is None:
            self.num_frames = clip_frames
        if noise_dim is None:
            self.noise_dim = motion_dim
        self._motion_classes = num_classes if category_input == "motion" else 0
        self._frame_classes = num_classes - self._motion_classes
        self.motion_generator = self._make_motion_generator()
        self.image_generator = self._make_image_generator()
        video_discriminator = self.make_video_discriminator(VideoDiscriminator)
        judge = (
            None if image_discriminator is False else self.make_image_discriminator()
        )
        self._set_networks(
            (self.motion_generator, self.image_generator),
            judge,
            video_discriminator,
            None if image_encoder is None else self.make_image_encoder(),
        )

    # === Networks ===

    def _make_motion_generator(self):
        settings = {
            "motion_dim": self.motion_dim,
            "noise_dim": self.noise_dim,
            "num_classes": self._motion_classes,
        }
        inputs = {"noise": (None, self.noise_dim), "state": (self.motion_dim,)}
        if self._motion_classes:
            inputs["category"] = (self._motion_classes,)
        path = (None, self.motion_dim)
        return self.fill_slot(
            "motion_generator", MotionGenerator, settings, inputs, path
        )

    def _make_image_generator(self):
        self._size_by_content("image_generator", "modulation_dim")
        width = self.content_dim + self.motion_dim + self._frame_classes
        settings = {"latent_dim": width, **self.frame_settings()}
        return self.fill_slot(
            "image_generator", ImageGenerator, settings, (width,), self.frame_shape()
        )

    def make_image_discriminator(self) -> keras.Model:
        """D_I, which may also recover contents from frames."""
        self._size_by_content("image_discriminator", "content_dim")
        return super().make_image_discriminator()

    def _size_by_content(self, slot, option):
        """Replaces an option given as "content" by the content vector's size."""
        given = self.arguments[slot]
        if isinstance(given, dict) and given.get(option) == "content":
            self.arguments[slot] = {**given, option: self.content_dim}

    def make_clip_generator(self) -> keras.Model:
        """G_I on every [content; motion] of a clip."""
        return make_content_motion_generator(
            self.image_generator,
            self.content_dim,
            self.motion_dim,
            self._frame_classes,
        )

    # === Training ===

    def draw_latents(self, n: Any) -> tuple[dict[str, Any], dict[str, Any], Any]:
        """Draws what stays the same through a clip, R_M's inputs, and the labels.

        With an encoder, no content is drawn.
        """
        codes, path, labels = {}, {}, None
        if self.num_classes:
            labels, category = self.rng.category(n, self.num_classes)
            held = path if self.category_input == "motion" else codes
            held["category"] = category
        if self.image_encoder is None:
            codes["content"] = self.rng.normal((n, self.content_dim))
        path["noise"] = self.rng.normal((n, self.num_frames, self.noise_dim))
        path["state"] = self.rng.normal((n, self.motion_dim))
        return codes, path, labels

    def generate_clips(
        self, n: Any, training: bool, images: Any = None
    ) -> GeneratedClips:
        """Generates K frames a clip and decodes one random window of T of them."""
        codes, path, labels = self.draw_latents(n)
        motion = self.motion_generator(path, training=training)
        if self.image_encoder is not None:
            codes["content"] = self.image_encoder(images, training=training)
            return self._reconstructing(codes, motion, labels, training)
        codes["motion"] = self.rng.window(motion, self.clip_frames)
        parts = self.clip_generator()(codes, training=training)
        return GeneratedClips(parts["clips"], labels, contents=codes["content"])

    def _reconstructing(self, codes, motion, labels, training):
        """Clips that begin with an image, and their first frames, judged or not."""
        window, first = self.rng.window(motion, self.clip_frames), None
        if self.num_frames > self.clip_frames:  # the window may begin later
            window, first = ops.concatenate([motion[:, :1], window], axis=1), 1
        codes["motion"] = window
        frames = self.clip_generator()(codes, training=training)["clips"]
        # What D_I recovers is told the contents, but must not move them: the encoder
        # could give one content to all images.
        contents = ops.stop_gradient(codes["content"])
        return GeneratedClips(
            frames[:, first:], labels, contents=contents, reconstructed=frames[:, 0]
        )


def _check_num_frames(num_frames, clip_frames):
    check_at_least(1, num_frames=num_frames)
    if num_frames < clip_frames:
        raise ValueError(
            f"`num_frames` must be at least clip_frames={clip_frames}: the generated "
            "videos must hold at least one window that the video discriminator judges. "
            f"Received: num_frames={num_frames}."
        )


def _check_category_input(category_input):
    if category_input not in ("motion", "frame"):
        raise ValueError(
            "`category_input` must be 'motion' (the class goes into R_M, as in the "
            "paper) or 'frame' (into G_I). Received: "
            f"category_input={category_input!r}."
        )
