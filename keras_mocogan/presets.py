"""Trained generators that come with the package."""

import json
from pathlib import Path

import numpy as np

_FOLDER = Path(__file__).with_name("preset_files")


def names():
    """Sorted names of the presets."""
    return sorted(path.stem for path in _FOLDER.glob("*.json"))


def load(model_class, name):
    """A model with a preset's generator; see `AdversarialModel.from_preset`."""
    told = {}
    if name in names():
        told = json.loads((_FOLDER / f"{name}.json").read_text("utf-8"))
    if told.get("class") != model_class.__name__:
        raise ValueError(
            f"{model_class.__name__} has no preset {name!r}; all that there are: "
            f"{', '.join(names())}."
        )
    model = model_class.from_config(told["config"])
    with np.load(_FOLDER / f"{name}.npz") as file:
        weights = [file[f"arr_{i}"].astype("float32") for i in range(len(file.files))]
    for network in model.generating_networks():
        count = len(network.weights)
        network.set_weights(weights[:count])
        weights = weights[count:]
    return model


def save(model, name, folder=_FOLDER):
    """Writes a model's generator as a preset: its weights in float16.

    Args:
        model: An `AdversarialModel`.
        name: Of the preset.
        folder: Where its two files go.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    told = {"class": type(model).__name__, "config": model.get_config()}
    text = json.dumps(told, indent=2) + "\n"
    (folder / f"{name}.json").write_text(text, "utf-8")
    weights = [
        w for network in model.generating_networks() for w in network.get_weights()
    ]
    np.savez_compressed(folder / f"{name}.npz", *(w.astype("float16") for w in weights))
