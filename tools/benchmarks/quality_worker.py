"""Trains one row of the `quality` part; a child process of `benchmark.py`.

    python -m benchmarks.quality_worker SETTINGS_JSON

The folder in the settings gets `rows.json`, a dictionary for each measure, and `state`,
from which the training goes on.
"""

import json
import sys
from pathlib import Path

import keras_mocogan as km  # isort: skip  (readies TensorFlow before Keras loads it)
import keras
import numpy as np
from learning import contestants
from learning.clips import make_dataset
from learning.measures import coarse_pixels, held_out_pixels

from benchmarks.quality import PEERS
from benchmarks.training_clock import TrainingClock
from keras_mocogan.cli.trial import seconds_a_step
from keras_mocogan.utils.files import replacing


class Progress:
    """Measures a contestant whenever it is time, and keeps what is needed to go on.

    Args:
        folder: `Path` of the row.
        contestant: Has `step`, `generate(labels, num_frames)` and `save(path)`.
        settings: The child's.
    """

    def __init__(self, folder, contestant, settings):
        self.folder, self.contestant = folder, contestant
        self.data = settings["data"]
        self.real = held_out_pixels(self.data)
        path = folder / "rows.json"
        rows = json.loads(path.read_text()) if path.exists() else []
        self.rows = [row for row in rows if row["step"] <= contestant.step]
        passed = self.rows[-1]["minutes"] if self.rows else 0.0
        self.clock = TrainingClock(settings["minutes"], passed)

    def goes_on(self):
        """Measures if it is time; whether there is time left for another step."""
        if self.clock.is_due():
            step = self.contestant.step  # waits for the device
            with self.clock.stopped():
                self._measure(step)
        return not self.clock.is_over()

    def _measure(self, step):
        labels = np.arange(len(self.real)) % len(self.data["directions"])
        videos = self.contestant.generate(labels, self.data["clip_frames"])
        distance = km.metrics.kernel_distance(coarse_pixels(videos), self.real)
        row = {"step": step, "minutes": self.clock.minutes, "distance": distance}
        self.rows.append(row)
        print(json.dumps(row), flush=True)
        # The rows first: those beyond the state's step are left out when it goes on.
        with replacing(self.folder / "rows.json") as part:
            part.write_text(json.dumps(self.rows, indent=1) + "\n")
        self.contestant.save(self.folder / f"state.{self.contestant.suffix}")


class Package:
    """A `km.MoCoGAN` by a recipe whose rates decay over the time that there is."""

    suffix = "keras"

    def __init__(self, recipe, settings, state):
        if state.exists():
            self.model = keras.models.load_model(state)
            return
        data = settings["data"]
        sizes = {name: data[name] for name in ("image_size", "clip_frames")}
        recipe = recipe.with_changes(
            arguments=sizes
            | {
                "num_classes": len(data["directions"]),
                "seed": settings["seed"],
                "dtype": settings["policy"],
            }
        )
        if recipe.final_rate != 1 or recipe.final_penalty != 1:
            seconds = seconds_a_step(
                lambda: km.MoCoGAN.by_recipe(recipe), make_dataset(data, repeat=True)
            )
            steps = max(1, round(60 * settings["minutes"] / seconds))
            recipe = recipe.with_changes(steps=steps)
        self.model = km.MoCoGAN.by_recipe(recipe)

    @property
    def step(self):
        return self.model.global_step

    def train(self, dataset, progress):
        # In one call, as users do: each end of `fit` makes averages the weights.
        self.model.fit(
            dataset,
            steps_per_epoch=10**9,
            shuffle=False,  # the data set does that
            verbose=0,
            callbacks=[_UntilTheEnd(progress)],
        )

    def generate(self, labels, num_frames):
        with km.callbacks.ema_weights(self.model):
            return self.model.generate(
                len(labels), num_frames=num_frames, labels=labels, seed=0
            )

    def save(self, path):
        km.callbacks.save_atomically(self.model, path)


class _UntilTheEnd(keras.callbacks.Callback):
    def __init__(self, progress):
        super().__init__()
        self.progress = progress

    def on_train_begin(self, logs=None):
        self.progress.clock.start()

    # Before a step and not after it, where Keras would bring the losses to the host.
    def on_train_batch_begin(self, batch, logs=None):
        if self.progress.clock.is_due():
            model = self.model  # here Keras puts JAX's values into the weights
            model.stop_training = not self.progress.goes_on()


class Peer(contestants.Peer):
    """The published arithmetic in plain PyTorch, with the sizes of a recipe."""

    def __init__(self, recipe, settings, state):
        arguments, data = recipe.arguments, settings["data"]
        judge = arguments["video_discriminator"]
        peer = {
            "size": data["image_size"],
            "filters": judge.get("filters", 64),
            "sigma": judge["instance_noise"],
            "num_classes": len(data["directions"]),
            "category_input": arguments["category_input"],
            "weight_decay": recipe.l2,
        }
        state = state if state.exists() else None
        super().__init__({"peer": peer}, settings["seed"], state)

    def train(self, dataset, progress):
        progress.clock.start()
        for videos, labels in dataset:
            if not progress.goes_on():
                break
            self.train_step(videos, labels)


def main(settings):
    folder, seed = Path(settings["folder"]), settings["seed"]
    is_peer = settings["recipe"] in PEERS
    name = "published" if is_peer else settings["recipe"]
    recipe = km.recipes.get("MoCoGAN", name).with_changes(**settings["changes"])
    settings["data"] |= {"batch_size": recipe.batch_size}
    kind = Peer if is_peer else Package
    contestant = kind(recipe, settings, folder / f"state.{kind.suffix}")
    order = {"repeat": True, "first_step": contestant.step, "seed": seed}
    dataset = make_dataset(settings["data"], **order)
    contestant.train(dataset, Progress(folder, contestant, settings))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
