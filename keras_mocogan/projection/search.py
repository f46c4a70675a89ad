"""The search for latents: a model whose weights are the latents of some clips."""

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_mocogan import backend
from keras_mocogan.projection import distance
from keras_mocogan.training.adam import Adam
from keras_mocogan.training.inputs import to_model_range


class Search(backend.TrainStep, keras.Model):
    """Moves the latents of a batch of clips until the model draws these clips.

    It is a `keras.Model` so that Keras compiles its step as it compiles a training's.
    Each clip is a row, and no row depends on another.

    Args:
        model: A `MoCoGAN`.
        latents: Name -> shape `(rows, ...)`: `"content"` and either `"motion"`, a free
            path, or `"noise"` and `"state"`, from which R_M makes the path.
        learning_rate: Adam's, or a schedule.
        prior_weight: Weight of the mean square of content, noise and state.
        feature_networks: See `distance.feature_networks`; none for pixels alone.
        feature_weight: Weight of the distance of their features.
    """

    def __init__(
        self,
        model: keras.Model,
        latents: dict[str, tuple[int, ...]],
        learning_rate: Any,
        prior_weight: float,
        feature_networks: list[keras.Model],
        feature_weight: float,
    ) -> None:
        super().__init__(dtype="float32")
        # As attributes, their weights are part of the state that JAX's step is given.
        self.drawing_network = model.clip_generator()
        self.motion_generator = model.motion_generator
        self.category_input = model.category_input
        self.feature_networks = feature_networks
        self.feature_weight, self.prior_weight = feature_weight, prior_weight
        self.latents = {
            name: self.add_weight(shape=shape, initializer="zeros", name=name)
            for name, shape in latents.items()
        }
        rows = latents["content"][0]
        self.distances = self.add_weight(
            shape=(rows,), initializer="zeros", trainable=False, name="distances"
        )
        self.built = True
        self.compile(optimizer=Adam(learning_rate))
        self.optimizer.build(list(self.latents.values()))
        self._fresh = [ops.convert_to_numpy(v.value) for v in self.optimizer.variables]

    @property
    def metrics(self):
        return []

    def run(
        self, starts: dict[str, np.ndarray], data: dict[str, Any], steps: int, bar: Any
    ) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Searches from given latents.

        Args:
            starts: Name -> latents to begin with.
            data: `"videos"`, uint8 or floats in [-1, 1], and, if R_M or G_I is given a
                class here, `"category"`, one-hot codes.
            steps: Number of steps.
            bar: A `keras.utils.Progbar`, which is moved by a step for each.

        Returns:
            The latents after the last step, and each row's distance in that step.
        """
        for name, value in starts.items():
            self.latents[name].assign(value)
        for variable, value in zip(self.optimizer.variables, self._fresh, strict=True):
            variable.assign(value)
        data = {name: ops.convert_to_tensor(x) for name, x in data.items()}
        for _ in range(steps):
            logs = self.train_on_batch(data, return_dict=True)
            bar.add(1, [("distance", logs["distance"])])
        found = {k: ops.convert_to_numpy(v.value) for k, v in self.latents.items()}
        return found, ops.convert_to_numpy(self.distances.value)

    def adversarial_step(self, data: Any) -> dict[str, Any]:
        """One step of Adam on the latents; the name is the one `TrainStep` calls."""
        data, variables = data[0], list(self.latents.values())
        (_, rows), gradients = backend.value_and_gradients(
            self, lambda: self._loss(data), variables
        )
        with backend.no_gradient():
            self.optimizer.apply(gradients, variables)
            self.distances.assign(rows)
            return {"distance": ops.mean(rows)}

    def _loss(self, data):
        """The sum over rows, so that each moves as if it were alone; and distances."""
        clips = self._draw(data.get("category"))
        targets = to_model_range(data["videos"])
        rows = distance.pixel_distance(clips, targets)
        if self.feature_networks:
            features = distance.feature_distance(self.feature_networks, clips, targets)
            rows = rows + self.feature_weight * features
        return ops.sum(rows + self.prior_weight * self._prior()), rows

    def _draw(self, category):
        """Clips from the latents; the class goes where the model wants it."""
        latents = {n: v.value for n, v in self.latents.items()}
        held = {} if category is None else {"category": category}
        codes = {"content": latents["content"]}
        codes |= held if self.category_input == "frame" else {}
        if "motion" in latents:
            codes["motion"] = latents["motion"]
        else:
            path = {name: latents[name] for name in ("noise", "state")}
            path |= held if self.category_input == "motion" else {}
            codes["motion"] = self.motion_generator(path, training=False)
        return self.drawing_network(codes, training=False)["clips"]

    def _prior(self):
        """Mean squares of what is drawn from N(0, I), summed: `(rows,)`."""
        total = 0.0
        for name, latent in self.latents.items():
            if name != "motion":
                squares = ops.square(latent.value)
                axes = list(range(1, len(latent.shape)))
                total = total + ops.mean(squares, axis=axes)
        return total
