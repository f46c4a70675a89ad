"""What a model's own networks read in a clip: its content and its class."""

from typing import NamedTuple

import keras
import numpy as np
from keras import ops

from keras_mocogan.networks.image_discriminator import (
    frames_together,
    recovers_content,
)
from keras_mocogan.projection.distance import windows
from keras_mocogan.sampling import latents
from keras_mocogan.training.inputs import to_model_range
from keras_mocogan.training.scoring import with_others

# A class is tried if it is at least so likely as this share of the likeliest one.
_LIKELY = 0.1


class Reading(NamedTuple):
    """What was read in some clips.

    Attributes:
        contents: float32 `(n, content_dim)`, or None if no network reads contents.
        classes: float32 probabilities `(n, num_classes)`, or None if nothing was read.
    """

    contents: np.ndarray | None
    classes: np.ndarray | None

    def likely(self, n: int, num_classes: int) -> list[np.ndarray]:
        """The classes of each of `n` clips that are worth a trial, likeliest first."""
        if self.classes is None:
            return [np.arange(num_classes)] * n
        ordered = [np.argsort(-row, kind="stable") for row in self.classes]
        pairs = zip(self.classes, ordered, strict=True)
        return [order[row[order] >= _LIKELY * row.max()] for row, order in pairs]


def read(model: keras.Model, videos: np.ndarray, batch_size: int) -> Reading:
    """Reads contents and classes, with whatever trained networks a model has.

    Contents come from the image encoder, or from a D_I that recovers them, whose
    answers for all frames of a clip are averaged. Classes come from D_V's Q.

    Args:
        model: A `MoCoGAN`.
        videos: `(n, frames, height, width, channels)`, uint8 or floats in [-1, 1].
        batch_size: Clips that are read at once.

    Returns:
        `Reading`.

    References:
        Chen and others, "InfoGAN", NIPS 2016, on a network that recovers latents from
        what was generated.
    """
    readers = _reads_contents(model), _reads_classes(model, videos.shape[1])
    slices = [videos[i : i + batch_size] for i in range(0, len(videos), batch_size)]
    return Reading(
        *(
            None if reader is None else np.concatenate([reader(x) for x in slices])
            for reader in readers
        )
    )


def _reads_contents(model):
    """A function from videos to contents, or None."""
    if model.image_encoder is not None:
        return lambda videos: model.encode(videos[:, 0])
    judge = _trained(model, "image_discriminator")
    if judge is None or not recovers_content(judge):
        return None

    def contents(videos):
        frames = with_others(to_model_range(videos), frames_together(judge))
        found = _predict(judge, frames)["content"]
        return found.reshape(*videos.shape[:2], -1).mean(axis=1)

    return contents


def _reads_classes(model, frames):
    """A function from videos to probabilities of classes, or None."""
    judge = _trained(model, "video_discriminator")
    if judge is None or not model.num_classes or frames < model.clip_frames:
        return None

    def classes(videos):
        shown = windows(to_model_range(videos), model.clip_frames)
        logits = _predict(judge, shown)["category_logits"]
        found = ops.convert_to_numpy(ops.softmax(logits))
        return found.reshape(len(videos), -1, model.num_classes).mean(axis=1)

    return classes


def _predict(judge, samples):
    """Name -> NumPy array of each output."""
    # With sizes padded to powers of two, few have to be compiled.
    padded = latents.pad_rows(ops.convert_to_numpy(samples))
    found = judge.predict_on_batch(padded)
    return {name: np.asarray(x)[: len(samples)] for name, x in found.items()}


def _trained(model, slot):
    """A network, or None: some presets come without discriminators."""
    untrained = slot in getattr(model, "untrained_slots", ())
    return None if untrained else getattr(model, slot)
