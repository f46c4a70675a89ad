"""Checkpoints of a training run: by steps, by the clock, and when it has to end."""

import os
import time
import warnings

import keras
import numpy as np

from keras_mocogan.callbacks import checkpoint_files as files
from keras_mocogan.callbacks.agreement import Agreement
from keras_mocogan.callbacks.termination import Termination
from keras_mocogan.checks import check_at_least, check_choice
from keras_mocogan.training.finite_losses import FiniteLosses
from keras_mocogan.utils import processes
from keras_mocogan.utils.finite import not_finite
from keras_mocogan.utils.remote.remote_path import as_path

# What one process may want and the others cannot know. The largest wish counts.
_GO_ON, _SAVE, _END = range(3)


class Checkpoint(keras.callbacks.Callback):
    """Saves the whole model as it trains, so that training can go on from there.

    The folder gets files such as `step_00001500.keras`; `latest_checkpoint` finds the
    newest. A file gets its name only when it is complete, so a process that is killed
    leaves the earlier ones. The model is also saved at the end of training.

    After SIGTERM the current step is finished, the model is saved, and `SystemExit`
    with status 0 is raised. If there are several processes, any of them may receive it:
    all end after the same step. They also all save at the same step when the clock of
    one says so.

    Before saving and after epochs, losses and weights are checked; if one is not
    finite, nothing is saved. Losses are checked before any other callback sees the end
    of the epoch, wherever this callback is in the list.

    Put it last in the list of callbacks, so that what the others write about an epoch
    is on disk before its checkpoint.

    Args:
        directory: Folder of the checkpoints, or its URL.
        every_steps, every_minutes: From one checkpoint to the next. If both are given,
            whichever comes first counts; if neither, each epoch ends with a checkpoint.
        keep: How many of the newest checkpoints are kept.
        monitor: Name of a log, such as one of `MetricsCallback`. The epoch with its
            best value is saved and kept too, and `best.json` names the file. None keeps
            no best checkpoint. Epochs without that log are passed over; a warning tells
            of the first one.
        mode: Whether the best value is the `"min"` or the `"max"`.

    Raises:
        ValueError: If an argument is out of its range; from `fit` if the folder holds
            checkpoints of later steps.
        FloatingPointError: From `fit`, if a loss or a weight is not finite; the message
            names the last good checkpoint.

    Example:

    ```python
    videos, _ = km.data.shape_motion(8, num_frames=4, image_size=32)
    model = km.MoCoGAN.from_recipe("short", image_size=32, clip_frames=4)
    model.fit(videos, callbacks=[km.callbacks.Checkpoint("checkpoints")])
    path = km.callbacks.latest_checkpoint("checkpoints")
    ```
    """

    def __init__(
        self,
        directory: str | os.PathLike[str],
        every_steps: int | None = None,
        every_minutes: float | None = None,
        keep: int = 2,
        monitor: str | None = None,
        mode: str = "min",
    ) -> None:
        super().__init__()
        check_at_least(1, keep=keep)
        if every_steps is not None:
            check_at_least(1, every_steps=every_steps)
        if every_minutes is not None and not every_minutes > 0:
            raise ValueError(
                "`every_minutes` must be above 0, or None. Received: "
                f"every_minutes={every_minutes!r}."
            )
        check_choice("mode", mode, ("min", "max"))
        self.directory = as_path(directory)
        self.every_steps, self.every_minutes = every_steps, every_minutes
        self.keep, self.monitor, self.mode = keep, monitor, mode
        self._is_told = False
        self._termination, self._agreement = Termination(), Agreement()
        self.look = FiniteLosses(self)

    def on_train_begin(self, logs=None):
        self._saved_step = self._epoch_start = self.model.global_step
        if processes.is_primary():
            files.clear_the_way(self.directory, self._saved_step)
        self._saved_time = time.monotonic()
        self._termination.watch()

    def on_train_end(self, logs=None):
        self._termination.release()

    def on_epoch_begin(self, epoch, logs=None):
        self._epoch_start = self.model.global_step

    # A step is checked when the next one begins. At its own end Keras would bring its
    # logs to the host, and JAX would have to wait for each step. For the same reason
    # `self.model`, which syncs JAX's state, is not touched until it is needed.
    def on_train_batch_begin(self, batch, logs=None):
        agreed = self._agreement.reach(self._wish())
        if agreed or self._steps_are_over(self._epoch_start + batch):
            self.check_losses(self.model.get_metrics_result())
            self._save()
            self._end_if(agreed == _END)

    def on_epoch_end(self, epoch, logs=None):
        self.check_losses(logs)
        best = self._is_best(logs)
        # Not in `on_train_end`: by then an optimizer's averages are the weights.
        last = self.model.stop_training or epoch + 1 == self.params["epochs"]
        each = self.every_steps is None and self.every_minutes is None
        agreed = self._agreement.reach_now(self._wish())
        due = agreed or self._steps_are_over(self.model.global_step)
        if best or last or each or due:
            self._save(logs[self.monitor] if best else None)
        self._end_if(agreed == _END)

    def _wish(self):
        if self._termination.asked:
            return _END
        if self.every_minutes is None:
            return _GO_ON
        passed = time.monotonic() - self._saved_time
        return _SAVE if passed >= 60 * self.every_minutes else _GO_ON

    def _steps_are_over(self, step):
        if self.every_steps is None:
            return False
        return step // self.every_steps > self._saved_step // self.every_steps

    def _is_best(self, logs):
        if self.monitor is None:
            return False
        if self.monitor not in logs:
            if not self._is_told:
                self._is_told = True
                warnings.warn(
                    f"Monitored is {self.monitor!r}, but the epoch's logs are "
                    f"{', '.join(sorted(logs))}. Epochs without it are passed over.",
                    stacklevel=2,
                )
            return False
        value, best = logs[self.monitor], files.read_best(self.directory)
        if not np.isfinite(value):
            return False
        if best is None or best["monitor"] != self.monitor:
            return True
        sign = 1 if self.mode == "min" else -1
        return sign * value < sign * best["value"]

    def _save(self, best_value=None):
        step = self.model.global_step
        path = files.path_of(self.directory, step)
        if step > self._saved_step or not path.exists():
            self._check_weights()
            if processes.is_primary():
                files.save_checkpoint(self.model, self.directory, step)
            self._saved_step = step
        self._saved_time = time.monotonic()
        self._agreement.meet(_SAVE)
        if not processes.is_primary():
            return
        if best_value is not None:
            files.write_best(path, self.monitor, float(best_value))
        files.remove_old(self.directory, self.keep)

    def _end_if(self, asked):
        if asked:
            print(f"The model is saved as of step {self._saved_step}.")
            raise SystemExit(0)

    def check_losses(self, logs):
        """Ends the run if a loss in `logs`, a dictionary, is not finite."""
        own = {metric.name for metric in self.model.metrics}
        for name in own.intersection(logs):
            if not np.isfinite(float(logs[name])):
                self._refuse(f"{name} is {float(logs[name])}")

    def _check_weights(self):
        all_of_it = (*self.model.variables, *self.model.optimizer.variables)
        variable = not_finite(all_of_it)
        if variable is not None:
            self._refuse(f"The variable {variable.path} is not finite")

    def _refuse(self, reason):
        self._termination.release()
        good = files.latest_checkpoint(self.directory)
        kept = "No checkpoint was saved before."
        if good is not None:
            kept = f"The last good checkpoint is {good}, of step {files.step_of(good)}."
        raise FloatingPointError(f"{reason} at step {self.model.global_step}. {kept}")
