"""What the four networks have in common."""

import keras

from keras_mocogan import backend
from keras_mocogan.training.freezing import KeepsFrozen


class Network(KeepsFrozen, backend.KeepsState, keras.Model):
    """A functional model that remembers the arguments it was made with."""

    def __init__(self, inputs, outputs, config, name):
        super().__init__(inputs=inputs, outputs=outputs, name=name)
        if config["dtype"] is not None:
            self.dtype_policy = keras.dtype_policies.get(config["dtype"])
        self._arguments = dict(config, dtype=self.dtype_policy.name)

    def networks(self):
        """What may be frozen as a whole: itself, a tuple."""
        return (self,)

    def get_config(self):
        return {**self._arguments, "name": self.name, **self.frozen_config()}


def check_normalization(normalization, known):
    if normalization not in known:
        raise ValueError(
            f"normalization={normalization!r} is unknown: "
            f"{' or '.join(map(repr, known))} is wanted."
        )
