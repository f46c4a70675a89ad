"""What a training run shows and keeps: previews, loss curves, checkpoints.

Where several processes train one model, each is given the same callbacks: what they
compute takes all processes, and the first one writes.
"""

import contextlib
import csv
from pathlib import Path

import keras
import numpy as np

from keras_mocogan import processes, video
from keras_mocogan.files import replacing
from keras_mocogan.metrics.report import evaluate_videos


@contextlib.contextmanager
def averaged_weights(model):
    """Lends the generator its averaged weights, inside a `with` block.

    The average is the one of the generator's optimizer, compiled with
    `use_ema=True`; its videos are steadier than those of the last step. Without it
    the block runs on the weights as they are.

    Args:
        model: A compiled model of this package.
    """
    optimizer = model.optimizer["generator"] if model.compiled else None
    if not getattr(optimizer, "use_ema", False):
        yield
        return
    pairs = list(
        zip(
            optimizer._trainable_variables,
            optimizer._model_variables_moving_average,
            strict=True,
        )
    )
    last = [keras.ops.convert_to_numpy(variable) for variable, _ in pairs]
    try:
        for variable, average in pairs:
            # As an array of its own: on JAX a shared one would be donated with it.
            variable.assign(keras.ops.convert_to_numpy(average))
        yield
    finally:
        for (variable, _), value in zip(pairs, last, strict=True):
            variable.assign(value)


class PreviewGrid(keras.callbacks.Callback):
    """Writes a GIF at the end of epochs: MoCoGAN's columns are contents, rows motions.

    Latents are the same in every preview, so that one sees the videos grow. With
    classes, rows take the classes in turn.

    Args:
        directory: Folder of the previews, `epoch_0001.gif` and so on.
        contents, motions: Columns and rows.
        every: Epochs from one preview to the next.
        fps: Frames a second.
        seed: Integer that fixes contents and motions.
    """

    def __init__(self, directory, contents=8, motions=4, every=1, fps=8, seed=0):
        super().__init__()
        self.directory = Path(directory)
        self.contents, self.motions = contents, motions
        self.every, self.fps, self.seed = every, fps, seed

    def on_epoch_end(self, epoch, logs=None):
        if (epoch + 1) % self.every:
            return
        with averaged_weights(self.model):
            videos = self.model.preview_videos(self.contents, self.motions, self.seed)
        if not processes.is_first():
            return
        path = self.directory / f"epoch_{epoch + 1:04d}.gif"
        video.write_gif(path, videos, fps=self.fps, columns=self.contents)


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


class LossCurves(keras.callbacks.Callback):
    """Keeps the logs of all epochs in `history.csv` and draws `losses.png`.

    A resumed run goes on with the rows of the epochs that it builds on.

    Args:
        directory: Folder of the two files.
    """

    def __init__(self, directory):
        super().__init__()
        self.directory = Path(directory)
        self.rows = None

    def on_epoch_end(self, epoch, logs=None):
        if not processes.is_first():
            return
        if self.rows is None:
            self.rows = self._earlier_rows(epoch)
        self.rows.append({"epoch": epoch + 1, **{k: float(v) for k, v in logs.items()}})
        with replacing(self.directory / "history.csv") as path:
            self._write_rows(path)
        with replacing(self.directory / "losses.png") as path:
            draw_loss_curves(self.rows, path)

    def _earlier_rows(self, epoch):
        path = self.directory / "history.csv"
        if not epoch or not path.exists():
            return []
        with path.open(newline="") as file:
            rows = [
                {k: float(v) for k, v in r.items() if v} for r in csv.DictReader(file)
            ]
        return [row for row in rows if row["epoch"] <= epoch]

    def _write_rows(self, path):
        names = list(dict.fromkeys(name for row in self.rows for name in row))
        with open(path, "w", newline="") as file:
            writer = csv.DictWriter(file, names)
            writer.writeheader()
            writer.writerows(self.rows)


def draw_loss_curves(rows, path):
    """Draws losses and accuracies over epochs into a PNG file.

    Args:
        rows: Logs of each epoch, dictionaries with `"epoch"`.
        path: Where the picture goes.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    names = [n for n in rows[-1] if n not in ("epoch", "loss", "val_loss")]
    groups = {
        "loss": [n for n in names if n.endswith("_loss")],
        "accuracy": [n for n in names if n.endswith("_accuracy")],
    }
    figure = Figure(figsize=(11, 4.2), layout="constrained")
    for axes, (title, group) in zip(figure.subplots(1, 2), groups.items(), strict=True):
        for name in group:
            label = name.removesuffix(f"_{title}").replace("_", " ")
            points = [(row["epoch"], row[name]) for row in rows if name in row]
            marker = "o" if len(points) == 1 else None
            axes.plot(*zip(*points, strict=True), label=label, marker=marker)
        axes.set(xlabel="epoch", title=title)
        axes.grid(alpha=0.3)
        if group:
            axes.legend(fontsize="small")
    FigureCanvasAgg(figure).print_png(path)


class Checkpoint(keras.callbacks.Callback):
    """Saves the whole model after epochs, so that training can go on from there.

    The file is replaced at once when it is complete: an interruption leaves the
    former one, and so does an epoch whose logs are not finite.

    Args:
        path: A `.keras` file.
        every: Epochs from one to the next.
    """

    def __init__(self, path, every=1):
        super().__init__()
        self.path, self.every = Path(path), every

    def on_epoch_end(self, epoch, logs=None):
        finite = np.isfinite([float(value) for value in (logs or {}).values()]).all()
        if (epoch + 1) % self.every == 0 and finite:
            save_atomically(self.model, self.path)


def save_atomically(model, path):
    """Saves a model as `model.save` does, but never leaves half a file at `path`.

    Of several processes the first one saves.
    """
    if not processes.is_first():
        return
    with replacing(path) as temporary, processes.alone():
        model.save(temporary)
