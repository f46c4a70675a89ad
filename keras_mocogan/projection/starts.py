"""Where searches begin: contents and inputs of R_M, as the model has them."""

from typing import NamedTuple

import keras
import numpy as np

from keras_mocogan.sampling import latents


class Starts(NamedTuple):
    """Latents by clip and trial.

    Attributes:
        latents: `"content"`, `"noise"` and `"state"` -> float32 `(n, trials, ...)`.
        labels: int32 classes `(n, trials)`, or None if the model has no classes.
    """

    latents: dict[str, np.ndarray]
    labels: np.ndarray | None

    def of(self, rows: np.ndarray) -> "Starts":
        """Those of some clips, given by their numbers."""
        labels = None if self.labels is None else self.labels[rows]
        return Starts({name: x[rows] for name, x in self.latents.items()}, labels)


def draw_starts(
    model: keras.Model,
    size: tuple[int, int, int],
    labels: np.ndarray | None,
    seed: int | None,
    images: np.ndarray | None = None,
) -> Starts:
    """Draws where the searches for each clip begin.

    Args:
        model: A `MoCoGAN`.
        size: Clips, trials for each, and frames.
        labels: Class of each clip, `(n,)`; None takes all classes in turn.
        seed: Integer, or None for new starts.
        images: First frames of the clips, which a model with an encoder takes their
            contents from; None draws the contents.

    Returns:
        `Starts`. Those of one clip do not depend on the number of clips.
    """
    n, trials, frames = size
    count = n * trials
    classes = None
    if model.num_classes:
        classes = np.arange(count, dtype="int32") % trials % model.num_classes
        if labels is not None:
            classes = np.repeat(labels, trials)
    if images is None:
        content = model.sample_content(count, seed)
    else:
        content = np.repeat(model.encode(images), trials, axis=0)
    drawn = {
        "content": content,
        "noise": latents.sample_noise(count, frames, model.noise_dim, seed),
        "state": latents.sample_state(count, model.motion_dim, seed),
    }
    return Starts(
        {name: x.reshape(n, trials, *x.shape[1:]) for name, x in drawn.items()},
        None if classes is None else classes.reshape(n, trials),
    )
