"""Networks that a model is given: None, options for its own, or one of the user's."""

import collections.abc
import inspect
from typing import Any

import keras


def fill_slot(
    slot: str,
    given: dict[str, Any] | keras.Model | None,
    network_class: type[keras.Model],
    settings: dict[str, Any],
    inputs: tuple[Any, ...] | dict[str, tuple[Any, ...]],
    outputs: tuple[Any, ...] | dict[str, tuple[Any, ...]],
) -> keras.Model:
    """The network that goes into a slot of a model.

    Args:
        slot: Name of the model's argument, such as `"image_generator"`.
        given: None for the paper's network; a dictionary of options of
            `network_class`; or a `keras.Model` with the same inputs and outputs.
        network_class: Class of the model's own network.
        settings: Dictionary of the arguments that the model itself decides.
        inputs: Shape of the network's input without the batch, or a dictionary of such
            shapes; None stands for any size.
        outputs: The same for its output; an `Ellipsis` stands for any axes.

    Returns:
        A built `keras.Model`.

    Raises:
        ValueError: If `given` is none of these, has unknown options, or has other
            inputs or outputs.
    """
    if isinstance(given, keras.Model):
        _check(slot, given, inputs, outputs)
        return given
    options = {} if given is None else given
    if not isinstance(options, collections.abc.Mapping):
        raise ValueError(
            f"`{slot}` must be None, a dictionary of options, or a built "
            f"`keras.Model`. Received: {given!r}."
        )
    known = list(inspect.signature(network_class).parameters)
    known = [name for name in known if name not in settings or name == "name"]
    unknown = sorted(set(options) - set(known))
    if unknown:
        raise ValueError(
            f"`{slot}` must hold options of `{network_class.__name__}`, some of "
            f"{', '.join(known)}. Received: {', '.join(unknown)}."
        )
    return network_class(**{**settings, **options})


def is_own(network: keras.Model) -> bool:
    """Whether a network is one of this package's, which keep real and fake apart."""
    return type(network).__module__.startswith(f"{__package__}.")


def _check(slot, network, inputs, outputs):
    wanted = (
        f"`{slot}` must take {_shown(inputs)} and give {_shown(outputs)}, the batch "
        "first"
    )
    symbols = keras.tree.map_shape_structure(lambda s: keras.Input(s), inputs)
    try:
        found = network(symbols)
    except Exception as error:  # whatever its layers raise
        raise ValueError(
            f"{wanted}. Received: {network.name!r}, which fails on it: {error}"
        ) from error
    shapes = keras.tree.map_structure(lambda x: tuple(x.shape)[1:], found)
    if not _fits(shapes, outputs):
        raise ValueError(
            f"{wanted}. Received: {network.name!r}, which gives {_shown(shapes)}."
        )


def _fits(found, wanted):
    if isinstance(wanted, dict):
        return (
            isinstance(found, dict)
            and set(wanted) <= set(found)
            and all(_fits(found[name], wanted[name]) for name in wanted)
        )
    if isinstance(found, dict):
        return False
    if wanted == (...,):
        return True
    return len(found) == len(wanted) and all(
        f == w or None in (f, w) for f, w in zip(found, wanted, strict=True)
    )


def _shown(shapes):
    if isinstance(shapes, dict):
        parts = (f"{name!r}: {_shown(shape)}" for name, shape in shapes.items())
        return f"{{{', '.join(parts)}}}"
    axes = ("..." if size is Ellipsis else str(size) for size in shapes)
    return f"(batch, {', '.join(axes)})" if shapes else "(batch,)"
