"""The stages of a search: several starts, then the best one, then a free path."""

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_mocogan.projection.distance import pixel_distance
from keras_mocogan.projection.search import Search
from keras_mocogan.projection.starts import Starts
from keras_mocogan.sampling import latents
from keras_mocogan.training.inputs import to_model_range

# R_M's inputs are drawn from N(0, I); its motion vectors are smaller.
_FREE_SHARE = 0.25


class Stages:
    """Searches for batches of clips of one size; each stage is compiled once.

    First, for an eighth of the steps, all starts are followed; then the best of each
    clip. Starts whose content was read in the clip are near it already: they are only
    compared, which takes no steps. R_M's inputs are searched for, because they move all
    frames together. With free motions, single frames got lost until the path was nearly
    right; a path is therefore freed only for the second half of the steps.

    Args:
        model: A `MoCoGAN`.
        size: Clips in a batch, starts for each, and frames.
        motion: `"free"` or `"reachable"`.
        steps: Steps of all stages together, at least 4.
        learning_rate: Adam's; after the first stage it falls to zero, and again, from
            a quarter, when the path is free.
        follow: Whether the starts are followed first, or only compared.
        **loss: What the loss is made of; see `Search`.
    """

    def __init__(
        self,
        model: keras.Model,
        size: tuple[int, int, int],
        motion: str,
        steps: int,
        learning_rate: float,
        follow: bool,
        **loss: Any,
    ) -> None:
        self.model, self.steps = model, steps
        rows, self.starts, frames = size
        content = {"content": (model.content_dim,)}
        free = {**content, "motion": (frames, model.motion_dim)}
        reachable = {
            **content,
            "noise": (frames, model.noise_dim),
            "state": (model.motion_dim,),
        }

        def stage(count, rows, latents, rate):
            shapes = {name: (rows, *shape) for name, shape in latents.items()}
            return Search(model, shapes, rate, **loss), count

        def falling(rate, count):
            return keras.optimizers.schedules.CosineDecay(rate, count)

        trial, half = steps // 8, steps // 2
        # A single start is followed from the beginning by the next stage.
        trial = max(1, trial) if follow and self.starts > 1 else 0
        self.first = None
        if trial:
            self.first = stage(trial, rows * self.starts, reachable, learning_rate)
        rest = (half if motion == "free" else steps) - trial
        self.others = [stage(rest, rows, reachable, falling(learning_rate, rest))]
        if motion == "free":
            rest = steps - half
            rate = falling(_FREE_SHARE * learning_rate, rest)
            self.others.append(stage(rest, rows, free, rate))

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
            The best `"content"` and `"motion"`, each `(batch_size, ...)`, and the
            classes, `(batch_size,)` or None.
        """
        found, labels = self._best(videos, starts, bar)
        data = self._data(videos, labels)
        for search, steps in self.others:
            if "motion" in search.latents:
                found = self._with_path(found, labels)
            found, _ = search.run(found, data, steps, bar)
        if "motion" not in found:
            found = self._with_path(found, labels)
        return found, labels

    def compare(
        self,
        given: dict[str, np.ndarray],
        labels: np.ndarray | None,
        videos: np.ndarray,
    ) -> np.ndarray:
        """How far what the model draws is from videos, without moving anything.

        Args:
            given: `"content"`, `"noise"` and `"state"`, each `(rows, ...)`.
            labels: Classes `(rows,)`, or None without classes.
            videos: A clip for each row, uint8 or floats in [-1, 1].

        Returns:
            `pixel_distance`, float32 `(rows,)`.
        """
        in_frames = labels is not None and self.model.category_input == "frame"
        drawn = self.model.decode(
            **self._with_path(given, labels), labels=labels if in_frames else None
        )
        drawn = ops.convert_to_tensor(drawn)
        return ops.convert_to_numpy(pixel_distance(drawn, to_model_range(videos)))

    def _best(self, videos, starts, bar):
        """Latents and classes of the best start of each clip."""
        n, tried = len(videos), self.starts
        given = {k: x.reshape(-1, *x.shape[2:]) for k, x in starts.latents.items()}
        labels = None if starts.labels is None else starts.labels.reshape(-1)
        if tried == 1:
            return given, labels
        repeated = videos.repeat(tried, axis=0)
        if self.first is None:
            distances = self.compare(given, labels, repeated)
        else:
            search, steps = self.first
            data = self._data(repeated, labels)
            given, distances = search.run(given, data, steps, bar)
        best = np.arange(n) * tried + distances.reshape(n, tried).argmin(axis=1)
        found = {name: x[best] for name, x in given.items()}
        return found, None if labels is None else labels[best]

    def _data(self, videos, labels):
        if labels is None:
            return {"videos": videos}
        return {"videos": videos, "category": self._codes(labels)}

    def _codes(self, labels):
        return latents.one_hot(labels, self.model.num_classes)

    def _with_path(self, found, labels):
        """The content, and the path that R_M makes of the other latents."""
        path = {name: found[name] for name in ("noise", "state")}
        if labels is not None and self.model.category_input == "motion":
            path["category"] = self._codes(labels)
        motion = self.model.motion_generator.predict_on_batch(path)
        return {"content": found["content"], "motion": motion}
