"""MoCoGANs as ONNX graphs, for runtimes that know nothing of Keras."""

import importlib.util
import os
from collections.abc import Sequence
from typing import Any

import keras

from keras_mocogan.export.graph_folder import (
    check_model,
    check_names,
    describe,
    write_folder,
)


def export_onnx(
    model: keras.Model,
    folder: str | os.PathLike[str],
    class_names: Sequence[str] | None = None,
    score: bool = True,
) -> dict[str, Any]:
    """Writes a MoCoGAN as ONNX graphs and a description.

    Any batch size will do. All tensors are float32, whatever the model computes in.

    - `motion_step.onnx`, a step of R_M: `state` `(n, motion_dim)`, `noise` `(n,
      noise_dim)` and, if classes go into the motion, `category` `(n, num_classes)`, a
      one-hot code; to `motion` and `next_state`, both `(n, motion_dim)`. The first
      state and all noise are drawn from N(0, I).
    - `motion_start.onnx`, of a cyclic R_M alone: the drawn `state` and, if classes go
      into the motion, `category`; to `first_state`, with which the steps then begin.
    - `image_generator.onnx`, G_I: `content` `(n, content_dim)`, drawn from N(0, I),
      `motion` `(n, motion_dim)` and, if classes go into the frames, `category`; to
      `frames` `(n, height, width, channels)` in [-1, 1].
    - `image_encoder.onnx`, E_C of a model that has one: `images` `(n, height, width,
      channels)` in [-1, 1]; to `content` `(n, content_dim)`, for G_I.
    - `score.onnx`, D_V and D_I: `videos` `(n, frames, height, width, channels)` in [-1,
      1], at least `clip_frames` frames; to what the model gives when it is called:
      `video` and `image` logits `(n,)` and `category` probabilities `(n, num_classes)`,
      averaged over windows and frames.
    - `model.json`: sizes, names of the classes, range of the frames, opset, versions.

    Args:
        model: A `MoCoGAN`, trained on any backend.
        folder: Folder to write, or its URL. It is made; files of these names are
            replaced, or removed if there is nothing to put in their place.
        class_names: Names of the classes, in the order of the labels; None numbers
            them from 0.
        score: Whether the discriminators are exported too. Without them they may be
            made of any layers.

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
    return write_graphs(model, folder, class_names, score)


def write_graphs(
    model: keras.Model,
    folder: str | os.PathLike[str],
    class_names: Sequence[str] | None,
    score: bool,
    encoder: bool = True,
) -> dict[str, Any]:
    """`export_onnx`, which may leave the image encoder out too, as a page does."""
    if importlib.util.find_spec("onnx") is None:
        raise ImportError(
            "`export_onnx` needs the package onnx, which is missing. Install it: "
            'pip install "keras-mocogan[onnx]"'
        )
    check_model(model)
    about = _describe(model, check_names(class_names, model.num_classes))
    about["image_encoder"] = encoder and about["image_encoder"]
    more = {name: about[name] for name in ("motion_start", "image_encoder")}
    more["score"] = score
    graphs = {
        name: graph.SerializeToString()
        for name, graph in _make_graphs(model, more).items()
    }
    return write_folder(folder, graphs, ".onnx", about)


def _make_graphs(model, more):
    from keras_mocogan.export.onnx_graphs import mocogan
    from keras_mocogan.export.onnx_graphs.score import score

    makers = [mocogan.motion_start] * more["motion_start"]
    makers += [mocogan.motion_step, mocogan.image_generator]
    makers += [mocogan.image_encoder] * more["image_encoder"] + [score] * more["score"]
    return {make.__name__: make(model) for make in makers}


def _describe(model, names):
    import onnx

    from keras_mocogan.export.onnx_graphs.values import OPSET

    return describe(model, names, {"onnx": onnx.__version__}, opset=OPSET)
