"""Trained models that come with the package, and how they are stored."""

import json
import os
from pathlib import Path
from typing import Any

import keras
import numpy as np

_FOLDER = Path(__file__).with_name("files")
_DISCRIMINATORS = ".discriminators.npz"


def names(folder: str | os.PathLike[str] = _FOLDER) -> list[str]:
    """Sorted names of the presets in a folder."""
    return sorted(path.stem for path in Path(folder).glob("*.json"))


def about(name: str, folder: str | os.PathLike[str] = _FOLDER) -> dict[str, Any]:
    """What is known about a preset.

    Args:
        name: One of `names(folder)`.
        folder: Where its files are.

    Returns:
        Dictionary with any of `"class_names"`, a list in the order of the labels;
        `"credits"`, whose work the training clips are; `"scores"`, measure -> number;
        and `"command"`, which trained it.

    Raises:
        ValueError: If there is no such preset.

    Example:

    ```python
    km.presets.about("shapes")["class_names"]
    ```
    """
    return _metadata(name, folder).get("about", {})


def class_name(name: str, folder: str | os.PathLike[str] = _FOLDER) -> str:
    """Name of the class of a preset, such as `"MoCoGAN"`.

    Raises:
        ValueError: If there is no preset of that name.
    """
    return _metadata(name, folder)["class"]


def load(
    model_class: type[keras.Model], name: str, folder: str | os.PathLike[str] = _FOLDER
) -> keras.Model:
    """A model with a preset's weights; see `VideoGAN.from_preset`."""
    folder = Path(folder)
    known = _read_all(folder)
    wanted = model_class.__name__
    if name not in known or known[name]["class"] != wanted:
        all_of_them = ", ".join(f"{n!r} of {known[n]['class']}" for n in known)
        raise ValueError(
            f"`name` must be a preset of {wanted}. Received: name={name!r}. The "
            f"presets are {all_of_them}."
        )
    model = model_class.from_config(known[name]["config"])
    _read_weights(model.generating_networks(), folder / f"{name}.npz")
    discriminators = folder / f"{name}{_DISCRIMINATORS}"
    if discriminators.exists():
        _read_weights(model.discriminating_networks(), discriminators)
    return model


def save(
    model: keras.Model,
    name: str,
    folder: str | os.PathLike[str],
    about: dict[str, Any] | None = None,
) -> None:
    """Writes a model as a preset: its weights in float16, by name.

    Args:
        model: An `AdversarialModel`.
        name: Name of the preset.
        folder: Where its three files go, the discriminators in one of their own; the
            package's presets are in `presets/files/`.
        about: What the function `about` should return, plain values.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    metadata = {
        "class": type(model).__name__,
        "config": model.get_config(),
        "about": about or {},
    }
    text = json.dumps(metadata, indent=2, ensure_ascii=False) + "\n"
    (folder / f"{name}.json").write_text(text, "utf-8")
    _write_weights(model.generating_networks(), folder / f"{name}.npz")
    discriminators = folder / f"{name}{_DISCRIMINATORS}"
    _write_weights(model.discriminating_networks(), discriminators)


def _metadata(name, folder):
    """What a preset's JSON file holds."""
    known = _read_all(Path(folder))
    if name not in known:
        raise ValueError(
            f"`name` must be a preset. Received: name={name!r}. The presets are "
            f"{', '.join(map(repr, known))}."
        )
    return known[name]


def _read_all(folder):
    """Name -> what its JSON file holds."""
    return {
        name: json.loads((folder / f"{name}.json").read_text("utf-8"))
        for name in names(folder)
    }


def _weights(networks):
    """Variables by network and path, such as `rnn/gru/bias`."""
    return {f"{n.name}/{weight.path}": weight for n in networks for weight in n.weights}


def _write_weights(networks, path):
    weights = {
        name: keras.ops.convert_to_numpy(weight).astype("float16")
        for name, weight in _weights(networks).items()
    }
    np.savez_compressed(path, **weights)


def _read_weights(networks, path):
    with np.load(path, allow_pickle=False) as file:
        _set_weights(_weights(networks), file, path)


def _set_weights(weights, file, path):
    if set(file.files) != set(weights):
        missing = sorted(set(weights) - set(file.files))
        unknown = sorted(set(file.files) - set(weights))
        raise ValueError(
            f"A preset must hold the weights that its model has. Received: {path}. "
            f"Missing: {missing[:3]}; unknown: {unknown[:3]}. It was written by "
            "another version of the package: write it again with "
            "`keras_mocogan.presets.save`."
        )
    for name, weight in weights.items():
        value = file[name].astype("float32")
        if value.shape != tuple(weight.shape):
            raise ValueError(
                "A preset must hold weights of the shapes that its model has. "
                f"Received: {path}, which holds {name} of shape {value.shape}; its "
                f"model has {tuple(weight.shape)}."
            )
        weight.assign(value)
