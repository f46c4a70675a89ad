"""SavedModels: trained models that need only TensorFlow to be served."""

import os
import sys
from collections.abc import Sequence

import keras

from keras_mocogan.backend import device as devices
from keras_mocogan.backend import kernels
from keras_mocogan.backend.tensorflow_beside import keep_off_gpus
from keras_mocogan.export.model_facts import facts_of, write_facts
from keras_mocogan.export.tensorflow_child import export_in_child
from keras_mocogan.utils.files import filling
from keras_mocogan.utils.finite import not_finite
from keras_mocogan.utils.remote.remote_path import as_path


def export_saved_model(
    model: keras.Model, path: str | os.PathLike[str], device: str | None = None
) -> str:
    """Writes a model as a SavedModel, which needs neither Keras nor this package.

    Its signatures take any number of videos `n`:

    - `serving_default`: scalars `seed` (int64), `count` (int32), `num_frames` (int32,
      0 for the model's own), `label` (int32, -1 draws one for each video) to `videos`,
      uint8 `(count, num_frames, height, width, channels)`. A seed gives different
      videos here and in `generate`, because this signature draws with TensorFlow.
    - `decode`: MoCoGAN's `content` `(n, content_dim)` and `motion` `(n, frames,
      motion_dim)`, or VGAN's and TGAN's `latent` `(n, latent_dim)`; also `label` `(n,)`
      if classes go into the frames or the latent; to `videos`, float32 in [-1, 1].
    - `encode`, of a model with an image encoder: uint8 `images` `(n, height, width,
      channels)` to `content` `(n, content_dim)`.
    - `motion`, of MoCoGAN: `noise` `(n, frames, noise_dim)`, `state` `(n,
      motion_dim)` and, if classes go into the motion, `label` `(n,)`, to `motion`
      `(n, frames, motion_dim)`.
    - `score`: uint8 `videos` `(n, frames, height, width, channels)` to what the model
      gives when it is called: `video` and `image` logits `(n,)` and `category`
      probabilities `(n, num_classes)`, averaged over windows and frames.

    A request for more than 256 MiB of video, for less than one frame, or for a class
    that does not exist raises an `InvalidArgumentError` that says so.

    Args:
        model: `MoCoGAN`, `VGAN` or `TGAN`, trained on any backend. On JAX and PyTorch a
            child process with TensorFlow, which must be installed, does the export.
        path: Folder to write, new or empty, or its URL.
        device: Where the model will be served, `"cpu"` or `"gpu"`: convolutions are
            written in the form that is fastest there. The results are the same, and
            either form runs on both. None stands for the device of this process.

    Returns:
        The kind of device that the SavedModel was written for.

    Raises:
        ValueError: If the model is none of these or has diverged, if the folder is not
            empty, or if there is no such device.
        RuntimeError: If the child process fails.

    Example:

    ```python
    model = km.MoCoGAN.from_preset("shapes")
    km.export_saved_model(model, "exported", device="cpu")
    ```
    """
    _check_model(model)
    if device is None:
        device = "cpu" if kernels.on_cpu() else "gpu"
    if device not in devices.KINDS:
        raise ValueError(
            "`device` must be 'cpu' or 'gpu', where the model will run. Received: "
            f"device={device!r}. Leave it out for the device of this process."
        )
    path = as_path(path)
    if _is_taken(path):
        raise ValueError(
            "`path` must be a new or an empty folder. Received: "
            f"{path}, which exists already."
        )
    with filling(path) as folder:
        if keras.config.backend() == "tensorflow":
            with devices.computed_on(device):
                _write(model, folder)
        else:
            module = "keras_mocogan.export.saved_model"
            export_in_child(module, model, str(folder), device)
    return device


def _is_taken(path):
    return path.is_file() or (path.exists() and any(path.iterdir()))


def _check_model(model):
    if not hasattr(model, "sample_motion") and getattr(model, "clip_frames", 1) == 1:
        raise ValueError(
            "`model` must be a MoCoGAN, a VGAN or a TGAN. Received: a "
            f"{type(model).__name__}."
        )
    bad = not_finite(model.weights)
    if bad is not None:  # TensorFlow would silently serve black videos
        raise ValueError(
            f"Weights must be finite. Received: NaN or infinite numbers in {bad.path}. "
            "The model has diverged: export an earlier checkpoint."
        )


def _write(model, path):
    from keras_mocogan.export.signatures import make_signatures

    archive = keras.export.ExportArchive()
    archive.track(model)
    for name, (function, specs) in make_signatures(model).items():
        archive.add_endpoint(name, function, input_signature=specs)
    archive.write_out(str(path), verbose=False)
    write_facts(facts_of(model), path)


def main(arguments: Sequence[str]) -> None:
    """Exports a file in a separate process: `FILE.keras FOLDER DEVICE`."""
    import tensorflow as tf

    keep_off_gpus(tf)  # the parent's backend computes there
    file, path, device = arguments
    export_saved_model(keras.models.load_model(file, compile=False), path, device)


if __name__ == "__main__":
    main(sys.argv[1:])
