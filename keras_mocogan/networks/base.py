"""What all networks have in common."""

from typing import Any

import keras

from keras_mocogan import backend
from keras_mocogan.networks.freezing import KeepsFrozen
from keras_mocogan.utils.arguments import KeepsArguments
from keras_mocogan.utils.image_sizes import check_image_size


class Network(
    KeepsArguments, KeepsFrozen, backend.KeepsState, keras.Model, keeps_arguments=False
):
    """A functional model that remembers the arguments it was made with.

    The constructor of a subclass takes `dtype` and `name` among its arguments, and
    passes on the inputs and outputs of its functional graph.
    """

    def __init__(self, inputs: Any, outputs: Any) -> None:
        given = self.arguments
        if "image_size" in given:
            given["image_size"] = check_image_size(given["image_size"])
        super().__init__(inputs=inputs, outputs=outputs, name=given["name"])
        if given["dtype"] is not None:
            self.dtype_policy = keras.dtype_policies.get(given["dtype"])

    def networks(self) -> tuple[keras.Model, ...]:
        """The networks that may be frozen as a whole: itself, in a tuple."""
        return (self,)

    @classmethod
    def from_config(cls, config, custom_objects=None):
        # What is frozen is named by the network, which may have another name now.
        names = [name.partition("/") for name in config.get("frozen", ())]
        own = config.get("name", names[0][0] if names else None)
        frozen = [f"{own}{slash}{layer}" for _, slash, layer in names]
        return super().from_config({**config, "frozen": frozen}, custom_objects)

    def get_config(self):
        own = {"dtype": self.dtype_policy.name, "name": self.name}
        return {**self.arguments, **own, **self.frozen_config()}


class ClipGenerator(backend.KeepsState, keras.Model):
    """The functional model from a system's latents to its clips.

    It maps a dictionary of latents to a dictionary of parts, float32: `"clips"`
    `(batch, frames, height, width, channels)` in [-1, 1], and the parts that the clips
    are composed of, if any. Its layers are the system's networks: it has no weights of
    its own.
    """
