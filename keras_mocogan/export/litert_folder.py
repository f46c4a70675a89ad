"""MoCoGANs as LiteRT graphs, for phones and other small devices."""

import importlib.metadata
import importlib.util
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras

from keras_mocogan.backend import device
from keras_mocogan.backend.tensorflow_beside import keep_off_gpus
from keras_mocogan.export.graph_folder import (
    check_model,
    check_names,
    describe,
    write_folder,
)
from keras_mocogan.export.tensorflow_child import export_in_child


def export_litert(
    model: keras.Model,
    folder: str | os.PathLike[str],
    class_names: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Writes a MoCoGAN as LiteRT graphs and a description.

    LiteRT was TensorFlow Lite. The graphs need its built-in operations only, and have
    one signature each, of the file's name. Any batch size will do. All tensors are
    float32, whatever the model computes in.

    - `motion_step.tflite`, a step of R_M, `image_generator.tflite`, G_I, and, of a
      model that has them, `motion_start.tflite`, the first state of a cyclic R_M, and
      `image_encoder.tflite`, E_C, take and give what the graphs of `export_onnx` do.
    - `model.json`: sizes, names of the classes, range of the frames, versions.

    Args:
        model: A `MoCoGAN`, trained on any backend. On JAX and PyTorch a child process
            with TensorFlow, which must be installed, does the export.
        folder: Folder to write, or its URL. It is made; files of these names are
            replaced, or removed if there is nothing to put in their place.
        class_names: Names of the classes, in the order of the labels; None numbers
            them from 0.

    Returns:
        The content of `model.json`.

    Raises:
        ValueError: If the model is no MoCoGAN or has diverged, if R_M is a network of
            your own, or if `class_names` does not fit.
        ImportError: If TensorFlow is missing.
        RuntimeError: If the child process fails.

    Example:

    ```python
    model = km.MoCoGAN.from_preset("shapes")
    km.export_litert(model, "graphs", class_names=["right", "down"])
    ```
    """
    if importlib.util.find_spec("tensorflow") is None:
        raise ImportError(
            "`export_litert` needs TensorFlow, which is missing. Install it: "
            'pip install "keras-mocogan[tensorflow]"'
        )
    check_model(model)
    names = check_names(class_names, model.num_classes)
    about = describe(
        model, names, {"tensorflow": importlib.metadata.version("tensorflow")}
    )
    with tempfile.TemporaryDirectory() as converted:
        if keras.config.backend() == "tensorflow":
            _convert(model, Path(converted))
        else:
            export_in_child("keras_mocogan.export.litert_folder", model, converted)
        graphs = {path.stem: path.read_bytes() for path in Path(converted).iterdir()}
    return write_folder(folder, graphs, ".tflite", about)


def _convert(model, folder):
    import tensorflow as tf

    from keras_mocogan.export.litert_graphs import make_graphs

    archive, model = keras.export.ExportArchive(), _in_float32(model)
    archive.track(model)
    graphs = make_graphs(model)
    with tempfile.TemporaryDirectory() as saved:
        # The form for a GPU is the plain one, and LiteRT's kernels are for that.
        with device.computed_on("gpu"):
            for name, (function, specs) in graphs.items():
                archive.add_endpoint(name, function, input_signature=specs)
            archive.write_out(saved, verbose=False)
        for name in graphs:
            load = tf.lite.TFLiteConverter.from_saved_model
            converter = load(saved, signature_keys=[name])
            (folder / f"{name}.tflite").write_bytes(converter.convert())


def _in_float32(model):
    """The model, or one with its weights that computes in float32."""
    if model.dtype_policy.compute_dtype == "float32":
        return model
    same = type(model).from_config({**model.get_config(), "dtype": "float32"})
    for network, from_network in zip(
        same.generating_networks(), model.generating_networks(), strict=True
    ):
        network.set_weights(from_network.get_weights())
    return same


def main(arguments: Sequence[str]) -> None:
    """Converts a file in a separate process: `FILE.keras FOLDER`."""
    import tensorflow as tf

    keep_off_gpus(tf)  # the parent's backend computes there
    file, folder = arguments
    _convert(keras.models.load_model(file, compile=False), Path(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
