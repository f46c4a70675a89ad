"""A search from several starts, of which the best one goes on alone."""

from typing import Any

import keras
import numpy as np

from keras_mocogan.projection.search import Search
from keras_mocogan.projection.starts import Starts
from keras_mocogan.sampling import latents

# The first stage has one in this many steps.
_TRIAL_SHARE = 8


class TwoStages:
    """Searches for batches of clips of one size; both stages are compiled once.

    Args:
        model: A `MoCoGAN`.
        starts: `Starts` of all clips, for their shapes.
        batch_size: Clips in a batch.
        steps: Steps of both stages together, at least 2.
        learning_rate: Of the first stage; in the second it falls to zero.
        **loss: What the loss is made of; see `Search`.
    """

    def __init__(
        self,
        model: keras.Model,
        starts: Starts,
        batch_size: int,
        steps: int,
        learning_rate: float,
        **loss: Any,
    ) -> None:
        self.model = model
        self.trials = starts.latents["content"].shape[1]
        self.steps = steps
        self.trial_steps = max(1, steps // _TRIAL_SHARE)
        falling = keras.optimizers.schedules.CosineDecay(
            learning_rate, steps - self.trial_steps
        )
        shapes = {name: x.shape[2:] for name, x in starts.latents.items()}

        def search(rows, rate):
            wanted = {name: (rows, *shape) for name, shape in shapes.items()}
            return Search(model, wanted, rate, **loss)

        self.first = search(batch_size * self.trials, learning_rate)
        self.last = search(batch_size, falling)

    def run(
        self, videos: np.ndarray, starts: Starts, bar: Any
    ) -> tuple[dict[str, np.ndarray], np.ndarray | None]:
        """Searches for one batch.

        Args:
            videos: `(batch_size, frames, height, width, channels)`, uint8 or floats in
                [-1, 1].
            starts: `Starts` of these clips.
            bar: `keras.utils.Progbar`.

        Returns:
            The best latents, name -> `(batch_size, ...)`, and the classes that they
            began with, `(batch_size,)` or None.
        """
        n, trials = len(videos), self.trials
        given = {k: x.reshape(-1, *x.shape[2:]) for k, x in starts.latents.items()}
        labels = None if starts.labels is None else starts.labels.reshape(-1)
        data = self._data(videos.repeat(trials, axis=0), labels)
        found, distances = self.first.run(given, data, self.trial_steps, bar)
        best = np.arange(n) * trials + distances.reshape(n, trials).argmin(axis=1)
        given = {name: x[best] for name, x in found.items()}
        labels = None if labels is None else labels[best]
        rest = self.steps - self.trial_steps
        found, _ = self.last.run(given, self._data(videos, labels), rest, bar)
        return found, labels

    def _data(self, videos, labels):
        frame = self.model.category_input == "frame"
        if labels is None or not (frame or "noise" in self.first.latents):
            return {"videos": videos}
        category = latents.one_hot(labels, self.model.num_classes)
        return {"videos": videos, "category": category}
