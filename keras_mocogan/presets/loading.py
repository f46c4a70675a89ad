"""Models and facts from presets."""

import os
from typing import Any

import keras

from keras_mocogan.presets import locations
from keras_mocogan.presets.config import read_config
from keras_mocogan.presets.weights import file_of, read_weights, slots


def about(source: str | os.PathLike[str]) -> dict[str, Any]:
    """What is known about a preset.

    Args:
        source: Name of a preset of the package, a folder, or a URL, as for
            `from_preset`.

    Returns:
        Dictionary with any of `"class_names"`, a list in the order of the labels;
        `"credits"`, whose work the training clips are; `"license"`; `"scores"`,
        measure -> number, or -> `{"value": ..., "real": ...}`; and `"command"`, which
        trained it.

    Raises:
        ValueError: If there is no such preset.

    Example:

    ```python
    km.presets.about("shapes")["class_names"]
    ```
    """
    return read_config(locations.find(source))["about"]


def class_name(source: str | os.PathLike[str]) -> str:
    """Name of the class of a preset, such as `"MoCoGAN"`.

    Args:
        source: As for `about`.

    Returns:
        Its name, which may be of no class of this package: the file says so.

    Raises:
        ValueError: If there is no such preset.
    """
    return read_config(locations.find(source))["class"]


def load(model_class: type[keras.Model], source: str | os.PathLike[str]) -> keras.Model:
    """A model with a preset's weights; see `VideoGAN.from_preset`."""
    folder = locations.find(source)
    held = read_config(folder)
    wanted = model_class.__name__
    if held["class"] != wanted:
        other = held["class"]
        call = f"`from_preset` of your class {other}."
        if keras.saving.get_registered_object(f"keras_mocogan>{other}"):
            call = f"`km.{other}.from_preset`, or `km.load_model`: it finds the class."
        raise ValueError(
            f"The preset must be of {wanted}. Received: {str(source)!r}, which is of "
            f"{other}. Call {call}"
        )
    model = _make(model_class, held["config"], folder)
    networks, files = slots(model), held["weights"]
    _check_files(model, networks, files, folder)
    for slot, network in networks.items():
        if file_of(slot) in files:
            read_weights(network, folder / file_of(slot), files[file_of(slot)])
    # For whoever goes on training, and must know what is trained.
    model.untrained_slots = tuple(s for s in networks if file_of(s) not in files)
    return model


def _make(model_class, config, folder):
    try:
        return model_class.from_config(config)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(
            f"A preset must describe a {model_class.__name__} of this version. "
            f"Received: {folder}, whose configuration it cannot read: {error}"
        ) from error


def _check_files(model, networks, files, folder):
    unknown = sorted(set(files) - set(map(file_of, networks)))
    generating = {id(network) for network in model.generating_networks()}
    needed = [file_of(s) for s, n in networks.items() if id(n) in generating]
    missing = sorted(set(needed) - set(files))
    if unknown or missing:
        raise ValueError(
            f"A preset must name the files {', '.join(needed)}, and those of the other "
            f"networks if they are there. Received: {folder}. Missing: {missing}; "
            f"unknown: {unknown}. Write the preset again by `model.save_to_preset`."
        )
