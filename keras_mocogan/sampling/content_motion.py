"""Sampling: contents, motion paths, and videos made from both."""

import numpy as np
import numpy.typing as npt

from keras_mocogan.checks import check_at_least
from keras_mocogan.sampling import latents
from keras_mocogan.sampling.decoding import decode
from keras_mocogan.video import to_uint8

# Frames that are decoded at once: this bounds the memory of long videos.
_SLICE_FRAMES = 256


class ContentMotionSampling:
    """The sampling methods of a model with a `motion_generator`.

    Its clip generator takes `"content"`, `"motion"` and, if the class goes into the
    frames, `"category"`.

    Latents are drawn on the host with NumPy, separately from the noise of training, so
    that one seed gives the same result on every backend.
    """

    def sample_content(self, n: int, seed: int | None = None) -> np.ndarray:
        """Draws content vectors z_C ~ N(0, I), float32 `(n, content_dim)`.

        Args:
            n: Number of clips.
            seed: Integer, or None for new vectors at every call. Clip `i` of a seed is
                the same for every `n` and on every backend.
        """
        check_at_least(1, n=n)
        return latents.sample_content(n, self.content_dim, seed)

    def sample_motion(
        self,
        n: int,
        num_frames: int | None = None,
        labels: npt.ArrayLike | None = None,
        seed: int | None = None,
    ) -> np.ndarray:
        """Draws motion paths: R_M's output for fresh noise.

        Args:
            n: Number of paths.
            num_frames: Their length, which may be any; None means the model's
                `num_frames`. A longer path of the same seed continues the shorter one.
            labels: Class of each path, an integer or `(n,)` integers; None draws
                them. Must be None without classes, or if the class goes into the
                frames.
            seed: Integer, or None for new paths at every call.

        Returns:
            float32 array of shape `(n, num_frames, motion_dim)`.

        Raises:
            ValueError: If a number or a label does not fit.

        Example:

        ```python
        model = km.MoCoGAN.from_preset("shapes")
        motion = model.sample_motion(2, num_frames=16, labels=[0, 1], seed=0)
        videos = model.generate(2, motion=motion)  # (2, 16, 64, 64, 3)
        ```
        """
        num_frames = self.num_frames if num_frames is None else num_frames
        check_at_least(1, n=n, num_frames=num_frames)
        path = {
            "noise": latents.sample_noise(n, num_frames, self.noise_dim, seed),
            "state": latents.sample_state(n, self.motion_dim, seed),
        }
        if self.num_classes and self.category_input == "motion":
            labels = self._labels(n, labels, seed)
            path["category"] = latents.one_hot(labels, self.num_classes)
        elif labels is not None:
            raise ValueError(
                "`labels` must be None: no class goes into this model's motion "
                f"(num_classes={self.num_classes}, "
                f"category_input={self.category_input!r}). Received: "
                f"labels={labels!r:.100}."
            )
        # With sizes padded to powers of two, few have to be compiled. A step of R_M
        # does not depend on later ones.
        path = {
            name: latents.pad_rows(a, min(2, a.ndim - 1)) for name, a in path.items()
        }
        return self.motion_generator.predict_on_batch(path)[:n, :num_frames]

    def decode(
        self,
        content: npt.ArrayLike,
        motion: npt.ArrayLike,
        labels: npt.ArrayLike | None = None,
    ) -> np.ndarray:
        """Decodes given contents and motion paths to videos.

        Args:
            content: `(n, content_dim)`, or one row for all.
            motion: `(n, frames, motion_dim)`, or one path for all.
            labels: Classes of the videos if `category_input="frame"`, otherwise None.

        Returns:
            float32 NumPy videos `(n, frames, height, width, channels)` in [-1, 1].

        Raises:
            ValueError: If shapes or labels do not fit.

        Example:

        ```python
        model = km.MoCoGAN.from_preset("shapes")
        content = model.sample_content(2, seed=0)
        motion = model.sample_motion(2, seed=0)
        videos = model.decode(content, motion)  # float32 (2, 8, 64, 64, 3)
        ```
        """
        n = max(len(np.atleast_1d(content)), len(np.atleast_1d(motion)))
        held = self._held_codes(n, content, labels)
        motion = latents.rows(motion, n, (None, self.motion_dim), "motion")
        return self._decode(held, motion, lambda frames: frames)

    def generate(
        self,
        n: int,
        num_frames: int | None = None,
        labels: npt.ArrayLike | None = None,
        content: npt.ArrayLike | None = None,
        motion: npt.ArrayLike | None = None,
        seed: int | None = None,
    ) -> np.ndarray:
        """Generates videos.

        Args:
            n: Number of videos.
            num_frames: Length of each; None means the model's `num_frames`. Any length
                will do, because frames are decoded in slices.
            labels: Class of each video, an integer or `(n,)` integers; None draws
                them.
            content: `(n, content_dim)`, or one row for all; None draws them.
            motion: `(n, frames, motion_dim)`, or one path for all; None draws them.
            seed: Integer: one saved model and one seed give the same videos on
                every backend, within float tolerance. None: new videos at every call.

        Returns:
            uint8 NumPy videos `(n, num_frames, height, width, channels)`.

        Raises:
            ValueError: If shapes, numbers or labels do not fit.

        Example:

        ```python
        model = km.MoCoGAN.from_preset("shapes")
        videos = model.generate(4, 12, labels=1, seed=0)  # (4, 12, 64, 64, 3)
        ```
        """
        check_at_least(1, n=n)
        frame_labels = None
        if self.num_classes and self.category_input == "frame":
            frame_labels, labels = self._labels(n, labels, seed), None
        if motion is None:
            motion = self.sample_motion(n, num_frames, labels, seed)
        else:
            _check_given_motion(motion, num_frames, labels)
        if content is None:
            content = self.sample_content(n, seed)
        held = self._held_codes(n, content, frame_labels)
        motion = latents.rows(motion, n, (None, self.motion_dim), "motion")
        return self._decode(held, motion, to_uint8)

    def preview_videos(
        self,
        columns: int = 8,
        rows: int = 4,
        seed: int | None = 0,
        num_frames: int | None = None,
        content: npt.ArrayLike | None = None,
    ) -> np.ndarray:
        """Videos for a grid: each column has one content, each row one motion.

        With classes, the rows take them in turn.

        Args:
            columns: Number of contents.
            rows: Number of motions.
            seed: Integer that fixes both, or None for new ones at every call.
            num_frames: Frames of each video; `None` means the model's.
            content: The columns' contents, `(columns, content_dim)`; None draws them.

        Returns:
            uint8 videos `(rows * columns, frames, height, width, channels)`, row by
            row: the first `columns` videos share the first motion.
        """
        check_at_least(1, columns=columns, rows=rows)
        labels = np.arange(rows) % self.num_classes if self.num_classes else None
        if content is None:
            content = self.sample_content(columns, seed)
        content = latents.rows(content, columns, (self.content_dim,), "content")
        content = np.tile(content, (rows, 1))
        frame_labels = None
        if labels is not None and self.category_input == "frame":
            frame_labels, labels = np.repeat(labels, columns), None
        motion = self.sample_motion(rows, num_frames, labels, seed)
        motion = np.repeat(motion, columns, axis=0)
        return to_uint8(self.decode(content, motion, frame_labels))

    def _held_codes(self, n, content, labels):
        """What stays the same through each clip: a dictionary of float32 `(n, ...)`."""
        codes = {"content": latents.rows(content, n, (self.content_dim,), "content")}
        if self.num_classes and self.category_input == "frame":
            if labels is None:
                raise ValueError(
                    f"`labels` must be integers from 0 to {self.num_classes - 1}: this "
                    "model's frames depend on the class (category_input='frame'). "
                    "Received: labels=None."
                )
            labels = self._labels(n, labels)
            codes["category"] = latents.one_hot(labels, self.num_classes)
        elif labels is not None:
            raise ValueError(
                "`labels` must be None: this model's frames do not depend on a class. "
                f"Received: labels={labels!r:.100}. Pass a class of motion to "
                "`sample_motion`."
            )
        return codes

    def _decode(self, held, motion, finish):
        n, num_frames = motion.shape[:2]
        # Every frame is a clip of its own: slices are the same for clips of any length.
        clip, frame = np.divmod(np.arange(n * num_frames), num_frames)
        codes = {name: code[clip] for name, code in held.items()}
        codes["motion"] = motion[clip, frame][:, None]
        parts = decode(self.clip_generator(), codes, _SLICE_FRAMES, finish)
        clips = parts["clips"]
        return clips.reshape(n, num_frames, *clips.shape[2:])

    def _labels(self, n, labels, seed=None):
        if labels is None:
            return latents.sample_labels(n, self.num_classes, seed)
        return latents.check_labels(labels, n, self.num_classes)


def _check_given_motion(motion, num_frames, labels):
    if num_frames is not None and np.shape(motion)[1:2] != (num_frames,):
        raise ValueError(
            "`num_frames` must be None, or the length of the `motion` given. Received: "
            f"num_frames={num_frames}, motion of shape {np.shape(motion)}. Leave "
            "num_frames out."
        )
    if labels is not None:
        raise ValueError(
            "`labels` must be None if `motion` is given: the class is part of it. "
            f"Received: labels={labels!r:.100}. Pass labels to `sample_motion` instead."
        )
