"""Scores of generated videos while the model trains."""

import keras
import numpy as np

from keras_mocogan.callbacks.averages import averaged_weights
from keras_mocogan.metrics.report import evaluate_videos


class MetricsCallback(keras.callbacks.Callback):
    """Scores generated videos at the end of epochs, into the logs.

    Give it before `TensorBoard` and `LossCurves` in the list of callbacks: they, the
    progress bar and the history then hold `acd`, `mcs`, `frechet_distance` and
    the like as if they were metrics of the model.

    Args:
        real: Real videos to compare with: uint8 `(n, frames, height, width, channels)`,
            or a pair of them and their labels. As many as `count` are best.
        classifier, extractor, colours: As for `metrics.report.evaluate_videos`.
        count: Videos to generate.
        every: Epochs from one evaluation to the next.
        seed: Integer: the same contents and motions are scored every time.
    """

    def __init__(
        self,
        real,
        classifier=None,
        extractor=None,
        colours=False,
        count=256,
        every=1,
        seed=0,
    ):
        super().__init__()
        if classifier is None and extractor is None and not colours:
            raise ValueError(
                "There is nothing to measure: pass a classifier, an extractor, or "
                "colours=True."
            )
        self.real = tuple(real) if isinstance(real, tuple | list) else (real, None)
        self.classifier, self.extractor = classifier, extractor
        self.colours, self.count = colours, count
        self.every, self.seed = every, seed

    def on_epoch_end(self, epoch, logs=None):
        """Adds the scores of this epoch to `logs`, a dictionary."""
        if (epoch + 1) % self.every:
            return
        classes, labels = self.model.num_classes, None
        if classes:
            labels = np.arange(self.count) % classes
        with averaged_weights(self.model):
            videos = self.model.generate(self.count, labels=labels, seed=self.seed)
        scores = evaluate_videos(
            (videos, labels),
            self.real,
            self.classifier,
            self.extractor,
            self.colours,
            self.seed,
        )
        logs.update({score.key: score.value for score in scores})
