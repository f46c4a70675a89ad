"""MoCoGANs as ONNX graphs, for runtimes that know nothing of Keras."""

import importlib.util
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras

from keras_mocogan.utils.finite import not_finite
from keras_mocogan.version import __version__

_GRAPHS = ("motion_step", "image_generator")


def export_onnx(
    model: keras.Model,
    folder: str | os.PathLike[str],
    class_names: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Writes a MoCoGAN as two ONNX graphs and a description.

    Any batch size will do. All tensors are float32, whatever the model computes in.

    - `motion_step.onnx`, a step of R_M: `state` `(n, motion_dim)`, `noise` `(n,
      noise_dim)` and, if classes go into the motion, `category` `(n, num_classes)`, a
      one-hot code; to `motion` and `next_state`, both `(n, motion_dim)`. The first
      state and all noise are drawn from N(0, I).
    - `image_generator.onnx`, G_I: `content` `(n, content_dim)`, drawn from N(0, I),
      `motion` `(n, motion_dim)` and, if classes go into the frames, `category`; to
      `frames` `(n, height, width, channels)` in [-1, 1].
    - `model.json`: sizes, names of the classes, range of the frames, opset, versions.

    Args:
        model: A `MoCoGAN`, trained on any backend.
        folder: Folder to write, which is made; files of these names are replaced.
        class_names: Names of the classes, in the order of the labels; None numbers
            them from 0.

    Returns:
        The content of `model.json`.

    Raises:
        ValueError: If the model is no MoCoGAN or has diverged, if `class_names` does
            not fit, or if a network has a layer that cannot be exported. Networks of
            your own can, if they are functional or sequential models of common layers;
            the error names them.
        ImportError: If the package onnx is missing.

    Example:

    ```python
    model = km.MoCoGAN.from_preset("shapes")
    km.export_onnx(model, "graphs", class_names=["right", "down"])
    ```
    """
    if importlib.util.find_spec("onnx") is None:
        raise ImportError(
            "`export_onnx` needs the package onnx, which is missing. Install it: "
            'pip install "keras-mocogan[onnx]"'
        )
    _check_model(model)
    about = _describe(model, _names(class_names, model.num_classes))
    graphs = _make_graphs(model)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, graph in graphs.items():
        (folder / f"{name}.onnx").write_bytes(graph.SerializeToString())
    text = json.dumps(about, indent=2, ensure_ascii=False) + "\n"
    (folder / "model.json").write_text(text, "utf-8")
    return about


def _check_model(model):
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


def _names(class_names, num_classes):
    if class_names is None:
        return [str(label) for label in range(num_classes)]
    if len(class_names) != num_classes:
        raise ValueError(
            f"`class_names` must be {num_classes} names, one for each of the model's "
            f"classes. Received: class_names={class_names!r}."
        )
    return [str(name) for name in class_names]


def _make_graphs(model):
    from keras_mocogan.export.onnx_graphs import mocogan

    return {name: getattr(mocogan, name)(model) for name in _GRAPHS}


def _describe(model, names):
    import onnx

    from keras_mocogan.export.onnx_graphs.values import OPSET

    height, width, channels = model.frame_shape()
    sizes = ("content_dim", "motion_dim", "noise_dim", "num_frames", "num_classes")
    return {
        "height": height,
        "width": width,
        "channels": channels,
        **{size: getattr(model, size) for size in sizes},
        "category_input": model.category_input if model.num_classes else None,
        "class_names": names,
        "value_range": [-1, 1],
        "opset": OPSET,
        "versions": {
            "keras_mocogan": __version__,
            "keras": keras.__version__,
            "onnx": onnx.__version__,
        },
    }
