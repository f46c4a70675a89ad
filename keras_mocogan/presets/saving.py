"""Models as presets: a folder to keep, to serve from the web, or to share."""

import os
from typing import Any

import keras

from keras_mocogan.presets.card import CARD, PICTURE, write_card
from keras_mocogan.presets.checksums import checksum
from keras_mocogan.presets.config import FORMAT, check_about, write_config
from keras_mocogan.presets.locations import CONFIG
from keras_mocogan.presets.weights import file_of, slots, write_weights
from keras_mocogan.utils.files import filling
from keras_mocogan.utils.finite import not_finite
from keras_mocogan.utils.remote.remote_path import as_path, is_url
from keras_mocogan.version import __version__


def save(
    model: keras.Model,
    folder: str | os.PathLike[str],
    about: dict[str, Any] | None = None,
    dtype: str = "float32",
) -> None:
    """Writes a model as a preset; see `VideoGAN.save_to_preset`."""
    about = dict(about or {})
    # Before anything is written: half a preset would be in the way of the next call,
    # or in the place of a good one.
    check_about(about)
    _check_names(about.get("class_names"), model.clip_spec.num_classes)
    _check_scores(about.get("scores"))
    _check_weights(model)
    _check_folder(as_path(folder), set(map(file_of, slots(model))))
    with filling(folder) as local:
        local = local.expanduser()
        local.mkdir(parents=True, exist_ok=True)
        files = {}
        for slot, network in slots(model).items():
            if slot in model.untrained_slots:
                continue  # with a file it would pass for a trained one
            path = local / file_of(slot)
            write_weights(network, path, dtype)
            files[path.name] = checksum(path)
        config = model.get_config()
        config.pop("untrained", None)  # the files say so
        held = {
            "format": FORMAT,
            "class": type(model).__name__,
            "config": config,
            "weights": files,
            "about": about,
            "versions": {"keras_mocogan": __version__, "keras": keras.__version__},
        }
        place = as_path(folder)
        # Not the path, which says things about this machine.
        address = str(place) if is_url(place) else place.expanduser().resolve().name
        write_card(model, local, address, about)
        write_config(local, held)


def _check_names(names, num_classes):
    if not names:
        return
    fits = isinstance(names, list | tuple) and len(names) == num_classes
    if not fits or not all(isinstance(name, str) and name for name in names):
        raise ValueError(
            f"`about['class_names']` must be a list of {num_classes} names, one for "
            f"each of the model's classes. Received: {names!r:.200}."
        )


def _check_scores(scores):
    if scores and not isinstance(scores, dict):
        raise ValueError(
            "`about['scores']` must be a dictionary, measure -> number. Received: "
            f"{scores!r:.100}. Name each score, such as {{'mcs': 0.9}}."
        )


def _check_weights(model):
    for slot, network in slots(model).items():
        bad = not_finite(network.weights)
        if bad is not None:
            raise ValueError(
                "A preset must have finite weights. Received: NaN or infinite values "
                f"in {bad.path} of {slot}. The training has diverged: go on from its "
                "last good checkpoint."
            )


def _check_folder(folder, weights):
    """Refuses to mix a preset with other files, whose names may be the same.

    Args:
        folder: Where the preset goes.
        weights: Names of its files of weights, the first that are written: a call that
            was cut short may have left some, and is made again.
    """
    there = folder if is_url(folder) else folder.expanduser()
    if not there.exists() or (there / CONFIG).exists():
        return
    names = {path.name for path in there.iterdir()}
    is_unfinished = names & weights and names <= weights | {CARD, PICTURE}
    if names and not is_unfinished:
        raise ValueError(
            "`folder` must be new or empty, or hold a preset, which is replaced. "
            f"Received: folder={str(folder)!r}, which holds other files. Choose "
            "another one."
        )
