"""Trained generators that come with the package."""

import json
import os
from pathlib import Path

import keras
import numpy as np

_FOLDER = Path(__file__).with_name("files")


def names(folder: str | os.PathLike[str] = _FOLDER) -> list[str]:
    """Sorted names of the presets in a folder."""
    return sorted(path.stem for path in Path(folder).glob("*.json"))


def class_name(name: str, folder: str | os.PathLike[str] = _FOLDER) -> str:
    """Name of the class of a preset, such as `"MoCoGAN"`.

    Raises:
        ValueError: If there is no preset of that name.
    """
    if name not in names(folder):
        raise ValueError(
            f"`name` must be a preset. Received: name={name!r}. The presets are "
            f"{', '.join(map(repr, names(folder)))}."
        )
    return _metadata(name, folder)["class"]


def load(
    model_class: type[keras.Model], name: str, folder: str | os.PathLike[str] = _FOLDER
) -> keras.Model:
    """A model with a preset's generator; see `VideoGAN.from_preset`."""
    folder = Path(folder)
    known = {each: _metadata(each, folder) for each in names(folder)}
    wanted = model_class.__name__
    if name not in known or known[name]["class"] != wanted:
        all_of_them = ", ".join(f"{n!r} of {known[n]['class']}" for n in known)
        raise ValueError(
            f"`name` must be a preset of {wanted}. Received: name={name!r}. The "
            f"presets are {all_of_them}."
        )
    model = model_class.from_config(known[name]["config"])
    path = folder / f"{name}.npz"
    with np.load(path, allow_pickle=False) as file:
        _set_weights(_weights(model), file, path)
    return model


def save(model: keras.Model, name: str, folder: str | os.PathLike[str]) -> None:
    """Writes a model's generator as a preset: its weights in float16, by name.

    Args:
        model: An `AdversarialModel`.
        name: Name of the preset.
        folder: Where its two files go; the package's own are in `presets/files/`.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    metadata = {"class": type(model).__name__, "config": model.get_config()}
    text = json.dumps(metadata, indent=2) + "\n"
    (folder / f"{name}.json").write_text(text, "utf-8")
    weights = {
        path: keras.ops.convert_to_numpy(weight).astype("float16")
        for path, weight in _weights(model).items()
    }
    np.savez_compressed(folder / f"{name}.npz", **weights)


def _metadata(name, folder):
    return json.loads((Path(folder) / f"{name}.json").read_text("utf-8"))


def _weights(model):
    """The generator's variables, by network and path such as `rnn/gru/bias`."""
    return {
        f"{network.name}/{weight.path}": weight
        for network in model.generating_networks()
        for weight in network.weights
    }


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
