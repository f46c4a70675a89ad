"""The networks of a Keras model, as a server calls them."""

import keras
import numpy as np

from keras_mocogan.backend import kernels
from keras_mocogan.export.model_facts import facts_of
from keras_mocogan.sampling import latents


class KerasNetworks:
    """A `MoCoGAN`, `VGAN` or `TGAN` of this process' backend.

    Args:
        model: The model.

    Raises:
        ValueError: If it is none of these.
    """

    def __init__(self, model: keras.Model) -> None:
        if not hasattr(model, "frame_shape") or getattr(model, "clip_frames", 1) == 1:
            raise ValueError(
                "`model` must be a MoCoGAN, a VGAN or a TGAN. Received: a "
                f"{type(model).__name__}."
            )
        self.facts = facts_of(model)
        self._model = model
        self._clip_generator = model.clip_generator()

    def on_cpu(self) -> bool:
        """Whether the backend computes on a CPU."""
        return kernels.on_cpu()

    def motion(self, path: dict[str, np.ndarray]) -> np.ndarray:
        """Motion paths `(n, frames, motion_dim)`; see `SavedNetworks.motion`."""
        return self._model.motion_generator.predict_on_batch(self._coded(path))

    def clips(self, codes: dict[str, np.ndarray]) -> np.ndarray:
        """float32 clips in [-1, 1]; see `SavedNetworks.clips`."""
        return self._clip_generator.predict_on_batch(self._coded(codes))["clips"]

    def _coded(self, codes):
        codes = dict(codes)
        if "label" in codes:
            labels = codes.pop("label")
            codes["category"] = latents.one_hot(labels, self.facts.num_classes)
        return codes
