"""The logs of all epochs, as a table and as curves."""

import csv
import os

import keras

from keras_mocogan.utils import processes
from keras_mocogan.utils.files import remove_unfinished, replacing
from keras_mocogan.utils.remote.remote_path import as_path


class HistoryLogger(keras.callbacks.Callback):
    """Keeps the logs of all epochs in `history.csv` and draws `losses.png`.

    A resumed run goes on with the rows of the epochs that it builds on.

    Args:
        directory: Folder of the two files, or its URL.

    Example:

    ```python
    videos, _ = km.data.shape_motion(8, num_frames=4, image_size=32)
    model = km.MoCoGAN.from_recipe("short", image_size=32, clip_frames=4)
    model.fit(videos, callbacks=[km.callbacks.HistoryLogger("run")])
    ```
    """

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        super().__init__()
        self.directory = as_path(directory)
        self.rows = None

    def on_train_begin(self, logs=None):
        self.rows = None  # of an earlier `fit`, the file holds those to build on
        if not processes.is_primary():
            return
        for stem in ("history", "losses"):
            remove_unfinished(self.directory, stem)

    def on_epoch_end(self, epoch, logs=None):
        if not processes.is_primary():
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
                {k: float(v) for k, v in row.items() if v}
                | {"epoch": int(float(row["epoch"]))}
                for row in csv.DictReader(file)
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
