"""Frozen networks: what would learn if it were not frozen, and what files store.

As everywhere in Keras, `network.trainable = False` freezes a network and
`layer.trainable = False` one of its layers.
"""

from collections.abc import Iterable
from typing import Any


def learnable_variables(networks: Iterable[Any]) -> list[Any]:
    """The weights that learn unless they are frozen, whether they are frozen or not.

    Args:
        networks: Iterable of `keras.Model`s.

    Returns:
        List of variables, in the order of `trainable_variables`.
    """
    found = []
    for network in networks:
        # A frozen variable is marked as not trainable, like a statistic; only the layer
        # that made them keeps the two apart.
        own = {
            id(variable)
            for layer in network._flatten_layers()
            for variable in layer._trainable_variables
        }
        found += [variable for variable in network.variables if id(variable) in own]
    return found


def _is_frozen(layer):
    if not layer.trainable:
        return bool(layer.weights)  # of a running mean that stands still too
    return not layer.trainable_variables and bool(learnable_variables([layer]))


def _is_frozen_whole(network):
    # If all that learns is frozen layer by layer, a running mean may still move.
    return _is_frozen(network) and (
        not network.trainable
        or all(_is_frozen(layer) for layer in network.layers if layer.weights)
    )


def freeze(model: Any, names: Iterable[str]) -> None:
    """Freezes parts of a model by name.

    Args:
        model: A model with `networks()`.
        names: Of networks, or of layers as `"network/layer"`.

    Raises:
        ValueError: If there is no part of that name. Then nothing was frozen.
    """
    parts = {}
    for network in model.networks():
        parts[network.name] = network
        parts |= {f"{network.name}/{layer.name}": layer for layer in network.layers}
    names = [names] if isinstance(names, str) else list(names)
    for name in names:
        if name not in parts:
            network = name.partition("/")[0]
            known = [n for n in parts if n.startswith(f"{network}/")]
            known = known or [n for n in parts if "/" not in n]
            raise ValueError(
                f"What is frozen must be one of {', '.join(known)}. Received: "
                f"{name!r}. Layers are named NETWORK/LAYER."
            )
    for name in names:
        parts[name].trainable = False
    if not any(network.trainable for network in model.networks()):
        model.trainable = False


class KeepsFrozen:
    """A `keras.Model` whose configuration says what is frozen.

    A mix-in for a model that has `networks()`, and uses `frozen_config()` in its
    `get_config`.
    """

    def frozen_config(self) -> dict[str, list[str]]:
        """`{"frozen": names}`, each `network` or `network/layer`; `{}` if none is."""
        names = []
        for network in self.networks():
            if _is_frozen_whole(network):
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
        freeze(model, names)
        return model
