"""Where searches begin: contents and inputs of R_M, as the model has them."""

from typing import NamedTuple

import keras
import numpy as np

from keras_mocogan.projection.reading import Reading
from keras_mocogan.sampling import latents


class Starts(NamedTuple):
    """Latents by clip and trial.

    Attributes:
        latents: `"content"`, `"noise"` and `"state"` -> float32 `(n, trials, ...)`.
        labels: int32 classes `(n, trials)`, or None if the model has no classes.
    """

    latents: dict[str, np.ndarray]
    labels: np.ndarray | None

    @property
    def trials(self) -> int:
        """Starts of each clip."""
        return self.latents["content"].shape[1]

    def of(self, rows: np.ndarray) -> "Starts":
        """Those of some clips, given by their numbers."""
        labels = None if self.labels is None else self.labels[rows]
        return Starts({name: x[rows] for name, x in self.latents.items()}, labels)


def draw_starts(
    model: keras.Model,
    size: tuple[int, int, int],
    labels: np.ndarray | None,
    seed: int | None,
    reading: Reading,
) -> Starts:
    """Draws where the searches for each clip begin.

    Args:
        model: A `MoCoGAN`.
        size: Clips, starts for each, and frames.
        labels: Class of each clip, `(n,)`; None takes the likely ones in turn, and
            then there are at least so many starts.
        seed: Integer, or None for new starts.
        reading: What was read in the clips. Contents that were not read are drawn.

    Returns:
        `Starts`. Those of one clip do not depend on later ones, unless one of these has
        more likely classes than there are trials: then all clips have more.
    """
    n, trials, frames = size
    classes = None
    if labels is not None:
        classes = np.repeat(labels[:, None], trials, axis=1)
    elif model.num_classes:
        likely = reading.likely(n, model.num_classes)
        trials = max(trials, *map(len, likely))
        classes = np.stack([np.resize(some, trials) for some in likely])
    count = n * trials
    if reading.contents is None:
        content = model.sample_content(count, seed)
    else:
        content = np.repeat(reading.contents, trials, axis=0)
    drawn = {
        "content": content,
        "noise": latents.sample_noise(count, frames, model.noise_dim, seed),
        "state": latents.sample_state(count, model.motion_dim, seed),
    }
    return Starts(
        {name: x.reshape(n, trials, *x.shape[1:]) for name, x in drawn.items()},
        None if classes is None else classes.astype("int32"),
    )
