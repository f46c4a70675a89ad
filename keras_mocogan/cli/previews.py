"""Previews at times that a person would look: after a minute, then ever more rarely."""

import time

import keras_mocogan as km
from keras_mocogan.callbacks.agreement import Agreement

# Compiling comes before it: within two minutes there is something to see.
_FIRST, _LONGEST = 60.0, 3600.0


class TimedPreviews(km.callbacks.PreviewGrid):
    """Writes `step_00000120.gif` and the like by the clock, and one at the end.

    The pause doubles from a minute to an hour. Of several processes, any whose clock
    says so makes all of them take part.

    Args:
        directory: Folder of the previews.
        images: As for `PreviewGrid`.
        started: `time.monotonic()` at the program's start; None is when training
            begins.
    """

    def __init__(self, directory, started=None, images=None):
        super().__init__(directory, images=images)
        self._started, self._agreement = started, Agreement()

    def on_train_begin(self, logs=None):
        super().on_train_begin(logs)
        if self._started is None:
            self._started = time.monotonic()
        self._due = self._started + _FIRST
        self._first = self.model.global_step

    def on_epoch_begin(self, epoch, logs=None):
        self._epoch_start = self.model.global_step

    def on_train_batch_begin(self, batch, logs=None):
        step = self._epoch_start + batch
        wish = time.monotonic() >= self._due and step > self._first
        if self._agreement.reach(int(wish)):
            self._preview(step)
            self._agreement.meet(1)

    def on_epoch_end(self, epoch, logs=None):
        if epoch + 1 == self.params["epochs"] or self.model.stop_training is True:
            self._preview(self.model.global_step)

    def _preview(self, step):
        self.write(self.directory / f"step_{step:08d}.gif")
        age = time.monotonic() - self._started
        self._due = self._started + min(2 * age, age + _LONGEST)
