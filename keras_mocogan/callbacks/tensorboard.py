"""Curves and moving previews in TensorBoard."""

import os

import keras

from keras_mocogan.callbacks.event_files import EventFile, protocol_buffers
from keras_mocogan.callbacks.previews import PreviewGrid
from keras_mocogan.utils import processes

_GROUPS = "loss", "accuracy"


class TensorBoard(keras.callbacks.Callback):
    """Writes losses, scores, learning rates and previews for TensorBoard.

    It needs the package `tensorboard`, but not TensorFlow. At the end of each epoch it
    writes, over the model's steps:

    - `loss/generator` and the like, `loss/sum`, and `accuracy/image_real`: the logs
      that end in `_loss` and `_accuracy`;
    - `score/mcs` and the like: all other logs, such as those of `MetricsCallback`;
    - `learning_rate/generator` and the like, one for each optimizer;
    - `previews/grid`: the animations that a `PreviewGrid` wrote in the epoch.

    Put it behind `MetricsCallback` and the `PreviewGrid` in the list of callbacks. A
    resumed run may use the same folder: TensorBoard then shows the steps that were
    made twice once.

    Args:
        directory: Folder of the event files, for `tensorboard --logdir`, or its URL;
            there each epoch gets files of its own.
        previews: A `PreviewGrid` of the same `fit`. None shows no previews.

    Raises:
        ImportError: If the package `tensorboard` is not installed.

    Example:

    ```python
    videos, _ = km.data.shape_motion(8, num_frames=4, image_size=32)
    model = km.MoCoGAN.from_recipe("short", image_size=32, clip_frames=4)
    previews = km.callbacks.PreviewGrid("previews", contents=4, motions=2)
    board = km.callbacks.TensorBoard("tensorboard", previews)
    model.fit(videos, callbacks=[previews, board])
    ```
    """

    def __init__(
        self, directory: str | os.PathLike[str], previews: PreviewGrid | None = None
    ) -> None:
        super().__init__()
        protocol_buffers()  # an error now, not after an epoch
        self.directory, self.previews = directory, previews
        self._file, self._shown = None, 0

    def on_train_begin(self, logs=None):
        made = self.model.global_step
        if processes.is_primary():
            self._file = EventFile(self.directory, made)
        self._shown = len(self._written())

    def on_epoch_end(self, epoch, logs=None):
        # On all processes: JAX computes schedules on all of them.
        scalars = _tagged(logs or {}) | _learning_rates(self.model)
        step = self.model.global_step
        if not processes.is_primary():
            return
        written = self._written()
        for at, path in written[self._shown :]:
            self._file.add(at, {}, {"previews/grid": path.read_bytes()})
        self._shown = len(written)
        self._file.add(step, scalars, {})

    def _written(self):
        return [] if self.previews is None else self.previews.written


def _tagged(logs):
    """Tag -> number of an epoch's logs."""
    return {_tag(name): float(value) for name, value in logs.items()}


def _tag(name):
    words = name.split("_")
    if words[-1] not in _GROUPS:
        return f"score/{name}"
    if words in (["loss"], ["val", "loss"]):
        words.insert(-1, "sum")
    return f"{words[-1]}/{'_'.join(words[:-1])}"


def _learning_rates(model):
    """Tag -> rate of the next step of each optimizer."""
    return {
        f"learning_rate/{phase}": float(
            keras.ops.convert_to_numpy(model.optimizer[phase].learning_rate)
        )
        for phase in model.optimizer.phases
    }
