"""How long a step takes, measured on a copy of the model that is thrown away.

The schedules need the number of steps before the model is compiled, and that number
needs the time of a step. A second model made by the same recipe is trained for some
steps, so the model of the run has made none when it begins.
"""

import gc
import time

import keras

_LEAST_STEPS, _MOST_STEPS, _SECONDS = 3, 50, 12.0


class Stopwatch(keras.callbacks.Callback):
    """Measures the steps after the first one, which compiles, until it knows enough.

    Attributes:
        seconds: List of what each of these steps took, reading included.
    """

    def __init__(self):
        super().__init__()
        self.seconds, self._last = [], None

    def on_train_batch_end(self, batch, logs=None):
        float(logs["loss"])  # waits for the device
        now = time.perf_counter()
        if self._last is not None:
            self.seconds.append(now - self._last)
        self._last = now
        enough = sum(self.seconds) > _SECONDS and len(self.seconds) >= _LEAST_STEPS
        if enough:
            self.model.stop_training = True


def seconds_a_step(make_model, dataset):
    """Mean seconds of a step.

    Args:
        make_model: Function that returns a compiled model.
        dataset: Batches to train it on.
    """
    model, watch = make_model(), Stopwatch()
    model.fit(
        dataset,
        steps_per_epoch=_MOST_STEPS,
        shuffle=False,
        verbose=0,
        callbacks=[watch],
    )
    seconds = sum(watch.seconds) / len(watch.seconds)
    watch.set_model(None)
    del model
    gc.collect()
    return seconds


def fit_to(hours, seconds, per_epoch=None):
    """Steps and epochs for a training of so many hours.

    Args:
        hours: The time that is given.
        seconds: Of a step.
        per_epoch: Steps of an epoch, or fewer if there are fewer in all. None chooses
            them.

    Returns:
        `(steps, steps_per_epoch)`; the first is a multiple of the second. A twentieth
        of the time is left to previews and checkpoints.
    """
    steps = max(1, int(0.95 * 3600 * hours / seconds))
    if per_epoch is None:
        longest, shortest = max(1, int(600 / seconds)), max(1, int(60 / seconds))
        per_epoch = min(max(steps // 50, shortest), longest)
    per_epoch = min(per_epoch, steps)
    return steps // per_epoch * per_epoch, per_epoch
