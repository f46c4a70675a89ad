"""What the four networks have in common."""

import keras

from keras_mocogan import freezing


class Network(keras.Model):
    """A functional model that remembers the arguments it was made with."""

    def __init__(self, inputs, outputs, config, name):
        super().__init__(inputs=inputs, outputs=outputs, name=name)
        if config["dtype"] is not None:
            self.dtype_policy = keras.dtype_policies.get(config["dtype"])
        self._arguments = dict(config, dtype=self.dtype_policy.name)

    def get_config(self):
        frozen = freezing.frozen_names([self])
        kept = {"frozen": frozen} if frozen else {}
        return {**self._arguments, "name": self.name, **kept}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        config = dict(config)
        frozen = config.pop("frozen", ())
        network = cls(**config)
        freezing.freeze([network], frozen)
        return network


def check_normalization(normalization, known):
    if normalization not in known:
        raise ValueError(
            f"normalization={normalization!r} is unknown: "
            f"{' or '.join(map(repr, known))} is wanted."
        )
