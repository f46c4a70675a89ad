"""Runs examples/train_mocogan.py, and counts its finished steps in a file.

    python tools/counted_training.py COUNTER FLAGS...

kill_test.py needs this: it has to know how far the process was that it killed.
"""

import os
import runpy
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
SCRIPT = EXAMPLES / "train_mocogan.py"

import keras_mocogan  # isort: skip  # noqa: E402, F401  (readies TensorFlow)
import keras  # noqa: E402

from keras_mocogan.cli import training  # noqa: E402


class Counter(keras.callbacks.Callback):
    """Writes the number of finished steps to a file, from this process's first on."""

    def __init__(self, path):
        super().__init__()
        self.path = path

    def on_train_begin(self, logs=None):
        self.start = self.model.global_step

    def on_epoch_begin(self, epoch, logs=None):
        self.first = self.model.global_step

    def on_train_batch_begin(self, batch, logs=None):
        if self.first + batch > self.start:
            step = str(self.first + batch).rjust(12)
            with open(self.path, "r+" if os.path.exists(self.path) else "w") as file:
                file.write(step)


def main(counter, *arguments):
    make_callbacks = training.make_callbacks
    training.make_callbacks = lambda *given: [
        *make_callbacks(*given),
        Counter(counter),
    ]
    sys.argv = [str(SCRIPT), *arguments]
    runpy.run_path(str(SCRIPT), run_name="__main__")


if __name__ == "__main__":
    main(*sys.argv[1:])
