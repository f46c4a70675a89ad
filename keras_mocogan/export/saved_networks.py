"""The networks of a SavedModel, as a server calls them."""

import os
from pathlib import Path

import numpy as np

from keras_mocogan.export.model_facts import read_facts


class SavedNetworks:
    """What `export_saved_model` wrote, loaded with TensorFlow.

    Args:
        folder: The SavedModel's folder.

    Raises:
        ValueError: If it was not written by `export_saved_model`.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.facts = read_facts(Path(folder))
        import tensorflow as tf

        self._loaded = tf.saved_model.load(str(folder))  # owns the variables
        self._signatures = self._loaded.signatures

    def on_cpu(self) -> bool:
        """Whether TensorFlow computes on a CPU."""
        import tensorflow as tf

        return not tf.config.list_logical_devices("GPU")

    def motion(self, path: dict[str, np.ndarray]) -> np.ndarray:
        """Motion paths `(n, frames, motion_dim)`.

        Args:
            path: `noise`, `state`, and `label` if classes go into the motion.
        """
        return self._signatures["motion"](**path)["motion"].numpy()

    def clips(self, codes: dict[str, np.ndarray]) -> np.ndarray:
        """float32 clips `(n, frames, height, width, channels)` in [-1, 1].

        Args:
            codes: `content` and `motion` `(n, frames, motion_dim)`, or `latent`; and
                `label` if classes go there.
        """
        return self._signatures["decode"](**codes)["videos"].numpy()
