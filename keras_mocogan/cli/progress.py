"""Progress of a training: a bar on a terminal, lines in a log."""

import io
import shutil
import sys
import threading
import time

import keras

from keras_mocogan.cli import clock, plan
from keras_mocogan.utils import processes

_MINUTE = 60.0
_BAR = 8
# Of a terminal: between two drawings of the bar, and between two looks at the losses,
# for which the device has to be waited for.
_DRAW, _LOOK = 0.5, 5.0
_SHORT = {
    "image_discriminator_loss": "D_I",
    "video_discriminator_loss": "D_V",
    "generator_loss": "G",
    "category_accuracy": "class",
}


class Progress(keras.callbacks.Callback):
    """Tells steps, speed, losses and the time left.

    The speed is that of the last minute. If the time of a step was not known before, a
    line after the first steps says when the training will end.

    Args:
        steps: Steps of the whole run.
        batch_size: Clips in a step.
        seconds: Of a step, if that is known, or None.
        stream: Where it is written; None is the standard output. A bar is drawn if it
            is a terminal.
    """

    def __init__(self, steps, batch_size, seconds=None, stream=None):
        super().__init__()
        self.steps, self.batch_size = steps, batch_size
        self._is_told = seconds is not None
        # All processes have this callback, as it looks at the model; one writes.
        is_primary = processes.is_primary()
        self._stream = stream or (sys.stdout if is_primary else io.StringIO())
        self._on_terminal = self._stream.isatty()
        self._losses, self._width = "", 0
        self._over = threading.Event()

    def on_train_begin(self, logs=None):
        self._begin = self._written = time.monotonic()
        self._drawn = self._looked = 0.0
        self._done = self._start = self.model.global_step
        self._marks = []
        self._own = {metric.name for metric in self.model.metrics}
        threading.Thread(target=self._watch, daemon=True).start()

    def on_train_end(self, logs=None):
        self.close()

    def close(self):
        """Ends the line of the bar, and the thread that watches the clock."""
        self._over.set()
        self._wipe()

    def on_epoch_begin(self, epoch, logs=None):
        self._epoch_start = self.model.global_step

    # Not at a step's end: see `Checkpoint`.
    def on_train_batch_begin(self, batch, logs=None):
        self._step_done(self._epoch_start + batch)

    def on_epoch_end(self, epoch, logs=None):
        self._step_done(self.model.global_step, logs)
        scores = [f"{k} {float(v):.4g}" for k, v in logs.items() if k not in self._own]
        if scores:
            self._line(f"epoch {epoch + 1}: {', '.join(scores)}")
        if self._done >= self.steps:
            self._read_losses(time.monotonic(), logs)
            self._line(self._text())

    def _step_done(self, step, logs=None):
        now = time.monotonic()
        if step <= self._done:
            self._marks = self._marks or [(now, step)]
            return
        self._done = step
        self._marks.append((now, step))
        while len(self._marks) > 2 and self._marks[1][0] < now - _MINUTE:
            self._marks.pop(0)
        self._tell_once(now)
        pause = _DRAW if self._on_terminal else _MINUTE
        last = self._drawn if self._on_terminal else self._written
        # The next chance comes a step later.
        if now + (0 if self._on_terminal else self._seconds()) - last >= pause:
            self._read_losses(now, logs)
            self._show(now)

    def _tell_once(self, now):
        """After the first steps, a line says how long the training will take."""
        count = self._done - self._start
        if self._is_told or count < 3 or (count < 50 and now - self._begin < 10):
            return
        self._is_told = True
        self._read_losses(now, None)
        seconds = self._seconds()
        rest = plan.ending(seconds, self.steps - self._done)
        self._line(f"A step takes {clock.step(seconds)}: the training {rest}.")

    def _seconds(self):
        """Of a step, lately; 0 before that is known."""
        # The first step compiles.
        marks = [mark for mark in self._marks if mark[1] > self._start]
        if len(marks) < 2:
            return 0.0
        (first, start), (last, end) = marks[0], marks[-1]
        return (last - first) / (end - start)

    def _read_losses(self, now, logs):
        if logs is None:
            # With several processes, all would have to ask at the same step.
            if processes.shard()[1] > 1:
                return
            if self._is_told and self._on_terminal and now - self._looked < _LOOK:
                return
            logs = self.model.get_metrics_result()
        self._looked = now
        known = {_SHORT[k]: float(logs[k]) for k in _SHORT if k in logs}
        # JAX runs ahead, and has been waited for only now.
        self._marks[-1] = (time.monotonic(), self._done)
        self._losses = "  ".join(f"{name} {value:.3g}" for name, value in known.items())

    def _text(self):
        seconds = self._seconds()
        rate = left = ""
        if seconds:
            rate = f"  {self.batch_size / seconds:.3g} clips/s"
            if self._done < self.steps:
                left = f"  {clock.span(seconds * (self.steps - self._done))} left"
        count = f"{self._done:,} of {self.steps:,}"
        return f"step {count}{left}{rate}  {self._losses}"

    def _show(self, now):
        if not self._on_terminal:
            self._line(self._text())
            return
        share = self._done / self.steps
        full = int(_BAR * share)
        text = self._text().replace(" of ", "/").removeprefix("step ")
        bar = f"{share:4.0%} [{'=' * full}{' ' * (_BAR - full)}] {text}"
        columns = shutil.get_terminal_size().columns - 1
        self._stream.write("\r" + bar[:columns].ljust(self._width))
        self._stream.flush()
        self._width, self._drawn = len(bar[:columns]), now

    def _line(self, text):
        self._wipe()
        self._stream.write(text.rstrip() + "\n")
        self._stream.flush()
        self._written = time.monotonic()

    def _wipe(self):
        if self._width:
            self._stream.write("\r" + " " * self._width + "\r")
            self._width = 0

    def _watch(self):
        """Writes a line where a single step takes minutes, as when JAX compiles one."""
        while not self._over.wait(1.0):
            passed = time.monotonic() - max(self._written, self._drawn)
            if passed >= _MINUTE:
                what = "the first step, which compiles" if not self._marks[1:] else ""
                what = what or "a long step"
                age = clock.span(time.monotonic() - self._begin)
                self._line(
                    f"step {self._done:,} of {self.steps:,}: still in {what}; {age}"
                )
