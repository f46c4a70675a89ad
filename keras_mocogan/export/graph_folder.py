"""What folders of graphs have in common: checks of the model, and `model.json`."""

import json
import os
from collections.abc import Sequence
from typing import Any

import keras

from keras_mocogan.networks.motion_generator import MotionGenerator
from keras_mocogan.utils.finite import not_finite
from keras_mocogan.utils.remote.remote_path import as_path
from keras_mocogan.version import __version__

# A model has some of them, and so has a folder.
GRAPHS = ("motion_start", "motion_step", "image_generator", "image_encoder", "score")


def check_model(model: keras.Model) -> None:
    """Checks that a model's motion and frames can be graphs of their own.

    Raises:
        ValueError: If it is no MoCoGAN, if it has diverged, or if R_M is a network of
            the user's own.
    """
    if not hasattr(model, "sample_motion"):
        raise ValueError(
            "`model` must be a MoCoGAN, whose motion and frames are networks of their "
            f"own. Received: a {type(model).__name__}. Use `export_saved_model`."
        )
    bad = not_finite(model.weights)
    if bad is not None:
        raise ValueError(
            f"Weights must be finite. Received: NaN or infinite numbers in {bad.path}. "
            "The model has diverged: export an earlier checkpoint."
        )
    network = model.motion_generator
    if type(network) is not MotionGenerator:
        raise ValueError(
            "`motion_generator` must be a `MotionGenerator`: a single step cannot be "
            f"told from another network. Received: {network.name!r} of class "
            f"{type(network).__name__}. Use `export_saved_model`."
        )


def check_names(class_names: Sequence[str] | None, num_classes: int) -> list[str]:
    """Names of all classes; None numbers them from 0.

    Raises:
        ValueError: If there are more or fewer names than classes.
    """
    if class_names is None:
        return [str(label) for label in range(num_classes)]
    if len(class_names) != num_classes:
        raise ValueError(
            f"`class_names` must be {num_classes} names, one for each of the model's "
            f"classes. Received: class_names={class_names!r}."
        )
    return [str(name) for name in class_names]


def describe(
    model: keras.Model, names: list[str], versions: dict[str, str], **more: Any
) -> dict[str, Any]:
    """What `model.json` says of a MoCoGAN.

    Args:
        model: The `MoCoGAN`.
        names: Names of its classes.
        versions: Of the packages that wrote the graphs, besides Keras and this one.
        **more: What else is to be said.
    """
    height, width, channels = model.frame_shape()
    sizes = ("content_dim", "motion_dim", "noise_dim", "num_frames", "num_classes")
    return {
        "height": height,
        "width": width,
        "channels": channels,
        "clip_frames": model.clip_spec.clip_frames,
        **{size: getattr(model, size) for size in sizes},
        "category_input": model.category_input if model.num_classes else None,
        "motion_start": model.motion_generator.arguments["cyclic"],
        "image_encoder": model.image_encoder is not None,
        "class_names": names,
        "value_range": [-1, 1],
        **more,
        "versions": {
            "keras_mocogan": __version__,
            "keras": keras.__version__,
            **versions,
        },
    }


def write_folder(
    folder: str | os.PathLike[str],
    graphs: dict[str, bytes],
    suffix: str,
    about: dict[str, Any],
) -> dict[str, Any]:
    """Writes graphs and `model.json` into a folder or URL; returns `about`.

    Graphs of that suffix that are not among them are of a model that was exported to
    this folder before, and are removed.

    Args:
        folder: Folder or URL, which is made.
        graphs: Content by name, of `GRAPHS`.
        suffix: Of their files, such as `".onnx"`.
        about: Content of `model.json`.
    """
    folder = as_path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name in GRAPHS:
        path = folder / f"{name}{suffix}"
        if name in graphs:
            path.write_bytes(graphs[name])
        elif path.exists():
            path.unlink()
    text = json.dumps(about, indent=2, ensure_ascii=False) + "\n"
    (folder / "model.json").write_text(text, "utf-8")
    return about
