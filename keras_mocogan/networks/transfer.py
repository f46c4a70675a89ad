"""Weights from one network to another of the same layers, with other classes or not."""

from typing import Any, NamedTuple

import keras
import numpy as np

from keras_mocogan.layers.spectral_normalization import (
    SpectralNormalization,
    first_direction,
)
from keras_mocogan.networks.slots import is_own


class Classes(NamedTuple):
    """Where a network has its classes.

    Attributes:
        axis: Axis of a weight that is longer with more classes.
        first: Whether classes come first on it, or last.
        source, target: Numbers of classes of both networks.
    """

    axis: int
    first: bool
    source: int
    target: int


def plan_copy(
    source: keras.Model, target: keras.Model, classes: Classes
) -> tuple[list[tuple[keras.Variable, Any]], list[str]]:
    """What gives a network another one's weights, statistics included.

    What belongs to classes keeps its own, freshly made weights if their number
    differs: rows of the first layer, channels of the last, or a layer of the classes
    alone. In a network that is not of this package nobody knows which rows these are:
    the whole weight is kept as made.

    Args:
        source: A built `keras.Model`.
        target: One of the same layers, which is not changed yet.
        classes: Where the classes are.

    Returns:
        `(variable, value)` for each weight of `target`; and the paths of those that
        are not copied, or not wholly.

    Raises:
        ValueError: If a layer is missing, or differs in more than classes.
    """
    values, anew = [], []
    for path, one, other in _pairs(source, target):
        if one is None:
            anew.append(path)
            continue
        value = keras.ops.convert_to_numpy(one)
        if one.shape != other.shape:
            value = _value(target, path, value, other, classes)
            anew.append(path)
        values.append((other, value))
    return _with_directions(target, values, anew), anew


def _pairs(source, target):
    """`(path, source's variable, target's)` for each weight.

    The source's is None for layers of the classes alone, if it has no classes.
    """
    own, given = ({w.path: w for w in network.weights} for network in (target, source))
    alike = len(own) == len(target.weights) and set(own) == set(given)
    if not alike and not is_own(target) and _names(source) == _names(target):
        # Keras names layers anew in a copy of a user's network, by the order in which
        # they are built; their order in the network stays the same.
        pairs = zip(source.weights, target.weights, strict=True)
        return [(other.path, one, other) for one, other in pairs]
    if is_own(target):  # a network without classes has no layers of the classes alone
        alone = [path for path in own if _OF_CLASS in path]
        others = {p: w for p, w in given.items() if p in own or _OF_CLASS not in p}
        given = dict.fromkeys(alone) | others
    if set(own) != set(given):
        missing, more = sorted(set(own) - set(given)), sorted(set(given) - set(own))
        raise ValueError(
            f"The source must have the layers of {target.name!r}. Received: a network "
            f"without {missing[:3]} and with {more[:3]}. {_HINT}"
        )
    return [(path, given[path], own[path]) for path in own]


def _with_directions(target, values, anew):
    """The same values, but for the spectral directions of kernels that have classes.

    Neither network's direction is that of a kernel which is partly the other's: the
    first steps, and scores before them, would divide by a wrong norm.
    """
    planned = {id(variable): value for variable, value in values}
    for layer in target._flatten_layers():
        if isinstance(layer, SpectralNormalization) and layer.direction.path in anew:
            kernel = planned[id(layer.layer.kernel)]
            planned[id(layer.direction)] = first_direction(kernel, layer.seed)
    return [(variable, planned[id(variable)]) for variable, _ in values]


def _names(network):
    return [weight.name for weight in network.weights]


def _value(target, path, given, other, classes):
    """The value of a weight that has classes: the source's but for these."""
    kept = _kept(given.shape, tuple(other.shape), classes)
    if kept is None:
        raise ValueError(
            f"The source must have weights of the shapes of {target.name!r}. Received: "
            f"{path} of shape {given.shape}, where the model has "
            f"{tuple(other.shape)}. {_HINT}"
        )
    value = np.array(keras.ops.convert_to_numpy(other))
    if not is_own(target):
        return value
    axis, places = classes.axis % value.ndim, np.arange(kept)
    index = [slice(None)] * value.ndim
    index[axis] = places + (classes.target if classes.first else 0)
    begin = classes.source if classes.first else 0
    value[tuple(index)] = np.take(given, places + begin, axis)
    return value


def _kept(one, other, classes):
    """Entries on the axis that are of no class; None if more than classes differ."""
    if len(one) != len(other):
        return None
    axis = classes.axis % len(one)
    kept = one[axis] - classes.source, other[axis] - classes.target
    same = all(
        a == b for i, (a, b) in enumerate(zip(one, other, strict=True)) if i != axis
    )
    return kept[0] if same and kept[0] == kept[1] >= 0 else None


_OF_CLASS = "_of_class/"  # in the paths of layers of the classes alone
_HINT = (
    "Sizes and options of the networks must be equal: make the model by "
    "`km.fine_tune`, which takes them from the source if you give it none."
)
