"""The clips of one step: what is generated, and what the discriminators see."""

from typing import NamedTuple


class GeneratedClips(NamedTuple):
    """What a generator makes in one step.

    Attributes:
        clips: float32 `(n, clip_frames, height, width, channels)` in [-1, 1].
        labels: int32 `(n,)`, or None without classes.
        penalty: Scalar that is added to the generator's loss.
        contents: float32 `(n, content_dim)`, or None if clips have no content.
        reconstructed: float32 `(n, height, width, channels)`, the first generated
            frames, if contents were encoded from images; otherwise None.
    """

    clips: object
    labels: object = None
    penalty: object = 0.0
    contents: object = None
    reconstructed: object = None


class RealFakeBatch(NamedTuple):
    """What the discriminators see in one step.

    Clips are float32 `(batch, clip_frames, height, width, channels)` in [-1, 1],
    frames `(batch * image_frames, height, width, channels)`, labels integers
    `(batch,)` or None, contents `(batch, content_dim)` or None. `images` are the first
    frames of the real clips before any augmentation, and `reconstructed` what a model
    with an encoder makes of them, or None. `disordered_clips` are the real clips with
    their frames out of order, or None. `step` counts the discriminators' steps from 0.
    """

    real_clips: object
    real_frames: object
    real_labels: object
    fake_clips: object = None
    fake_frames: object = None
    fake_labels: object = None
    fake_contents: object = None
    images: object = None
    reconstructed: object = None
    disordered_clips: object = None
    step: object = 0
