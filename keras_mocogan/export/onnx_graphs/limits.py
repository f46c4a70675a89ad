"""What a layer must be like to have a form in ONNX here, and its weights."""

from typing import Any

import numpy as np
from keras import ops


def require(layer: Any, **wanted: Any) -> None:
    """Raises `ValueError` where an option of a layer has another value."""
    for name, value in wanted.items():
        received = getattr(layer, name)
        if received != value:
            raise ValueError(
                f"`{name}` of layer {layer.name!r} must be {value!r} for an export to "
                f"ONNX. Received: {name}={received!r}. Use `export_saved_model`."
            )


def require_last_axis(layer: Any, rank: int) -> None:
    """Raises `ValueError` unless a layer works on the last axis of `rank` ones."""
    if layer.axis != rank - 1:
        require(layer, axis=-1)


def array(variable: Any) -> np.ndarray:
    """A layer's weight in float32, whatever it is kept in."""
    return ops.convert_to_numpy(ops.cast(variable, "float32"))
