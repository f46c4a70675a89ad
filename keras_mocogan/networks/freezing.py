"""Frozen networks: what would learn if thawed, and what files keep of it.

`network.trainable = False` freezes a network, as in all of Keras, `layer.trainable =
False` a layer of it.
"""

from collections.abc import Iterable
from typing import Any


def learnable_variables(networks: Iterable[Any]) -> list[Any]:
    """The weights that learn unless they are frozen, frozen or not.

    Args:
        networks: Iterable of `keras.Model`s.

    Returns:
        List of variables, in the order of `trainable_variables`.
    """
    found = []
    for network in networks:
        # A frozen variable says that it is not trainable, as a statistic does; the
        # layer that made them keeps the two apart.
        own = {
            id(variable)
            for layer in network._flatten_layers()
            for variable in layer._trainable_variables
        }
        found += [variable for variable in network.variables if id(variable) in own]
    return found


def _is_frozen(layer):
    return not layer.trainable_variables and bool(learnable_variables([layer]))


class KeepsFrozen:
    """A `keras.Model` whose configuration tells what is frozen.

    A mix-in for one with `networks()`, and with `frozen_config()` in its `get_config`.
    """

    def frozen_config(self) -> dict[str, list[str]]:
        """`{"frozen": names}`, of a network or `network/layer`; `{}` where none is."""
        names = []
        for network in self.networks():
            if _is_frozen(network):
                names.append(network.name)
                continue
            layers = [layer.name for layer in network.layers if _is_frozen(layer)]
            names += [f"{network.name}/{name}" for name in layers]
        return {"frozen": names} if names else {}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        config = dict(config)
        names = config.pop("frozen", ())
        model = cls(**config)
        for network in model.networks():
            if network.name in names:
                network.trainable = False
            for layer in network.layers:
                if f"{network.name}/{layer.name}" in names:
                    layer.trainable = False
        if not model.trainable_variables:
            model.trainable = False
        return model
