"""Weights of a network in a file: Keras' own `.weights.h5`, in full or half precision.

`network.load_weights(file)` reads what is written here. HDF5 holds numbers and names;
Keras follows no link out of the file, and nothing is unpickled.
"""

import warnings
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_mocogan.checks import check_choice
from keras_mocogan.presets import cache
from keras_mocogan.presets.checksums import check_file
from keras_mocogan.presets.locations import CONFIG

_LONGEST = 500
# A compressed array brings an index of its chunks, which is larger than a small array.
_LEAST_BYTES = 2**14
_MISFITS = (ValueError, TypeError, KeyError, OSError)


def slots(model: keras.Model) -> dict[str, keras.Model]:
    """The networks that a model has, by the names of its arguments."""
    found = {name: getattr(model, name) for name in model.network_slots}
    return {name: network for name, network in found.items() if network is not None}


def file_of(slot: str) -> str:
    """Name of the file of a network's weights."""
    return f"{slot}.weights.h5"


def write_weights(network: keras.Model, path: Path, dtype: str = "float32") -> None:
    """Writes the weights of a network.

    Args:
        network: A built `keras.Model`.
        path: Of the file, which ends in `.weights.h5`.
        dtype: `"float32"`, or `"float16"`, which makes half of the bytes. Numbers
            beyond its range keep float32.
    """
    check_choice("dtype", dtype, ("float32", "float16"))
    if dtype == "float32":
        network.save_weights(path, overwrite=True)
        return
    import h5py

    whole = path.with_name(f".{path.name}")
    try:
        network.save_weights(whole, overwrite=True)
        with h5py.File(whole) as source, h5py.File(path, "w") as target:
            _copy(source, target)
    finally:
        whole.unlink(missing_ok=True)


def _copy(source, target):
    target.attrs.update(source.attrs)
    for name, item in source.items():
        if hasattr(item, "items"):
            _copy(item, target.create_group(name))
            continue
        values = _halved(np.asarray(item))
        is_large = values.nbytes >= _LEAST_BYTES
        options = {"compression": "gzip", "shuffle": True} if is_large else {}
        target.create_dataset(name, data=values, **options).attrs.update(item.attrs)


def _halved(values):
    if values.dtype != "float32":
        return values  # the state of noise
    with np.errstate(over="ignore"):
        half = values.astype("float16")
    return half if np.isfinite(half).all() else values


def read_weights(network: keras.Model, path: Any, wanted: Any) -> None:
    """Gives a network the weights in a file.

    Args:
        network: A built `keras.Model`.
        path: `Path` or `RemotePath` of the file.
        wanted: Its SHA-256.

    Raises:
        ValueError: If the file is missing, was changed, or is of another network.
    """
    try:
        with cache.weights_file(path, wanted) as file:
            check_file(file, path, wanted)
            _load(network, file, path)
    except FileNotFoundError:
        raise ValueError(
            f"A preset must hold the files that its {CONFIG} names. Received: no "
            f"{path}. Get the folder again, with all its files."
        ) from None


def _load(network, file, path):
    try:
        with warnings.catch_warnings():
            # Keras 3.15 misses groups that it never writes: of layers without
            # weights.
            warnings.filterwarnings("ignore", message="Skipping nested container")
            network.load_weights(file)
    except _MISFITS as error:
        said = " ".join(str(error).split())
        # Keras first counts what failed, then explains one, then lists all.
        said = said.split("Example error message for object ")[-1]
        raise ValueError(
            f"{path} must hold the weights of the {type(network).__name__} that "
            f"{CONFIG} describes. Received: other ones, as Keras says: "
            f"{said.split(' List of objects')[0][:_LONGEST]} Write the preset again by "
            "`model.save_to_preset`."
        ) from None
