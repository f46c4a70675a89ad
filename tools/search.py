"""Trains variants of a recipe for the same time, and scores what they learned.

    python tools/make_character_arrays.py --layers_dir=LPC --output_dir=sprites
    python tools/search.py --variants=tools/search_variants/sprites.json \\
        --training=sprites/training.npz --held_out=sprites/held_out.npz --minutes=30

The file of variants is JSON: `"recipe"`, the name of a recipe; `"all"`, changes of it
for all variants; and `"variants"`, further changes for each name. Changes are arguments
of `Recipe.with_changes`. With `--minutes` a training first finds out how many steps fit
in that time, so that learning rates decay over that many.

The output directory gets a folder for each training, with its state, its previews and
`rows.json`, the losses and the distance to held-out clips over time; and `table.md`.
With `--classifier` and `--attributes`, evaluate_control.py scores each finished
training too. When you run the command again, interrupted trainings go on; with other
clips, variants, `--minutes` or `--measures` it needs another output directory.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when loaded

import keras_mocogan as km  # isort: skip  (readies TensorFlow before Keras loads it)
import clip_arrays
import keras
import numpy as np
from absl import app, flags
from learning.measures import coarse_pixels

from keras_mocogan.cli import kept_settings
from keras_mocogan.recipes.recipe import merge
from keras_mocogan.utils.files import replacing

flags.DEFINE_string("variants", None, "JSON file of the variants.", required=True)
flags.DEFINE_list("only", None, "Names of some variants; default: all.")
flags.DEFINE_string("output_dir", "runs/search", "Folder for all files.")
flags.DEFINE_string("training", None, "Clips to learn from, `.npz`.", required=True)
flags.DEFINE_string("held_out", None, "Other clips, `.npz`.", required=True)
flags.DEFINE_string("grid", None, "For evaluate_control.py.")
flags.DEFINE_string("classifier", None, "For evaluate_control.py.")
flags.DEFINE_string("attributes", None, "For evaluate_control.py.")
flags.DEFINE_float(
    "minutes", None, "Time of a training, measures aside; default: the variant's steps."
)
flags.DEFINE_integer("measures", 12, "Measures and previews in that time.", 1)
flags.DEFINE_integer("seeds", 1, "Trainings of each variant.", 1)
flags.DEFINE_integer("first_seed", 0, "Seed of the first training.", 0)
flags.DEFINE_integer(
    "steps_per_execution", 1, "With JAX on a GPU: steps in one compiled loop.", 1
)
FLAGS = flags.FLAGS

TOOLS = Path(__file__).resolve().parent
WARM_UP, TIMED = 3, 10  # steps
COLUMNS = (
    "motion_obeyed",
    "content_kept",
    "distinct_characters",
    "look_recall",
    "look_kernel_distance",
    "near_training",
)


def settings_of(known, name):
    """What a training of this variant depends on."""
    changes = merge(known.get("all", {}), {})
    for key, value in known["variants"][name].items():
        both = isinstance(value, dict) and isinstance(changes.get(key), dict)
        changes[key] = merge(changes[key], value) if both else value
    given = "training", "held_out", "minutes", "measures"
    return {
        "recipe": known.get("recipe", "modern"),
        "changes": changes,
        **{flag: FLAGS[flag].value for flag in given},
    }


def make_recipe(settings):
    recipe = km.recipes.get("MoCoGAN", settings["recipe"])
    return recipe.with_changes(**settings["changes"])


def make_model(recipe, clips, seed, steps):
    *_, frames, size, _, channels = clips.videos.shape
    classes = 0 if clips.labels is None else int(clips.labels.max()) + 1
    sizes = {"image_size": size, "channels": channels, "clip_frames": frames}
    recipe = recipe.with_changes(
        arguments=sizes | {"num_classes": classes, "seed": seed}, steps=steps
    )
    return km.MoCoGAN.by_recipe(recipe)


def make_dataset(clips, recipe, seed, first_step):
    *_, frames, size, _, _ = clips.videos.shape
    return km.data.video_dataset(
        (clips.videos, clips.labels) if clips.labels is not None else clips.videos,
        image_size=size,
        clip_frames=frames,
        batch_size=recipe.batch_size,
        seed=seed,
        repeat=True,
        first_step=first_step,
    )


def steps_in_time(recipe, clips):
    """How many steps fit in `--minutes`, measured with a model that is thrown away."""
    model = make_model(recipe, clips, 0, 1000)
    dataset = iter(make_dataset(clips, recipe, 0, 0))
    seconds = []
    for _ in range(WARM_UP + TIMED):
        start = time.monotonic()
        batch = next(dataset)  # of clips, or of clips and labels
        model.train_on_batch(*(batch if isinstance(batch, tuple) else (batch,)))
        seconds.append(time.monotonic() - start)
    return max(1, round(60 * FLAGS.minutes / float(np.median(seconds[WARM_UP:]))))


class Training:
    """One training: goes on from its folder, and leaves everything there."""

    def __init__(self, folder, recipe, clips, held_out, seed):
        self.folder, self.recipe, self.clips, self.seed = folder, recipe, clips, seed
        self.real = coarse_pixels(held_out.videos)
        folder.mkdir(parents=True, exist_ok=True)
        self.plan = self._read("plan.json", {})
        self.rows = self._read("rows.json", [])
        if not self.plan:
            timed = FLAGS.minutes is not None
            steps = steps_in_time(recipe, clips) if timed else recipe.steps
            # As many steps before each measure.
            per_measure = max(1, round(steps / FLAGS.measures))
            self.plan = {"steps": per_measure * FLAGS.measures}
            self._write("plan.json", self.plan)
        state = folder / "state.keras"
        if state.exists():
            self.model = keras.models.load_model(state)
        else:
            self.model = make_model(recipe, clips, seed, self.plan["steps"])
        self.model.steps_per_execution = FLAGS.steps_per_execution
        made = self.model.global_step
        self.rows = [row for row in self.rows if row["step"] <= made]
        if self.rows and "kernel_distance" not in self.rows[-1]:
            self._complete(self.rows.pop())  # the measure was interrupted

    def run(self):
        # One call of `fit`: at its end Keras overwrites the weights by their averages.
        model, recipe = self.model, self.recipe
        per_measure = self.plan["steps"] // FLAGS.measures
        model.fit(
            make_dataset(self.clips, recipe, self.seed, model.global_step),
            initial_epoch=model.global_step // per_measure,
            epochs=FLAGS.measures,
            steps_per_epoch=per_measure,
            shuffle=False,  # the data set does that
            verbose=0,
            callbacks=[_Measures(self)],
        )
        with km.callbacks.ema_weights(model):
            km.callbacks.save_atomically(model, self.folder / "model.keras")

    def measure(self, minutes, logs):
        step = self.model.global_step
        before = self.rows[-1]["minutes"] if self.rows else 0
        row = {"step": step, "minutes": before + minutes, **logs}
        # Before the measure, which may be what fails. A row whose state was not saved
        # is dropped, one that has no distance yet is completed later.
        self._write("rows.json", [*self.rows, row])
        km.callbacks.save_atomically(self.model, self.folder / "state.keras")
        self._complete(row)

    def _complete(self, row):
        with km.callbacks.ema_weights(self.model):
            row["kernel_distance"] = self._distance()
            self._draw(row["step"])
        self.rows.append(row)
        print(json.dumps(row), flush=True)
        self._write("rows.json", self.rows)

    def _distance(self):
        count = len(self.real)
        labels = self.clips.labels
        if labels is not None:
            labels = np.arange(count) % (int(labels.max()) + 1)
        videos = self.model.generate(count, labels=labels, seed=0)
        return km.metrics.kernel_distance(coarse_pixels(videos), self.real)

    def _draw(self, step):
        classes = max(4, self.model.num_classes)
        videos = self.model.preview_videos(8, classes, seed=0)
        path = self.folder / f"preview-{step:06}.gif"
        km.video.write_gif(path, videos, fps=8, columns=8)

    def _read(self, name, default):
        path = self.folder / name
        return json.loads(path.read_text()) if path.exists() else default

    def _write(self, name, value):
        with replacing(self.folder / name) as part:
            part.write_text(json.dumps(value, indent=1) + "\n")


class _Measures(keras.callbacks.Callback):
    """Lets a training measure itself after each epoch, on a clock that stands still."""

    def __init__(self, training):
        super().__init__()
        self.training = training

    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.monotonic()

    def on_epoch_end(self, epoch, logs=None):
        minutes = (time.monotonic() - self.started) / 60
        self.training.measure(minutes, {k: float(v) for k, v in (logs or {}).items()})


def evaluate(folder):
    """Leaves `scores.json` in a training's folder."""
    if not (FLAGS.classifier and FLAGS.attributes) or (folder / "scores.json").exists():
        return
    names = "training", "held_out", "grid", "classifier", "attributes"
    given = [f"--{name}={FLAGS[name].value}" for name in names if FLAGS[name].value]
    command = [sys.executable, str(TOOLS / "evaluate_control.py"), *given]
    command += [f"--model={folder / 'model.keras'}"]
    command += [f"--output={folder / 'scores.json'}"]
    with open(folder / "scores.log", "w") as log:
        subprocess.run(command, check=True, stdout=log, stderr=subprocess.STDOUT)


def tabulate(output_dir):
    """Markdown: a row for each training that has ended, with the real clips' scores."""
    lines = [f"| | steps | minutes | pixels | {' | '.join(COLUMNS)} |"]
    lines.append("|---" * (4 + len(COLUMNS)) + "|")
    for folder in sorted(p.parent for p in output_dir.glob("*/model.keras")):
        last = json.loads((folder / "rows.json").read_text())[-1]
        row = [folder.name, str(last["step"]), f"{last['minutes']:.1f}"]
        row.append(f"{last['kernel_distance']:.4f}")
        scores = folder / "scores.json"
        if scores.exists():
            found = {s["key"]: s for s in json.loads(scores.read_text())["scores"]}
            row += [
                f"{_number(found[key]['value'])} ({_number(found[key]['real'])})"
                for key in COLUMNS
            ]
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines) + "\n"


def _number(value):
    return "-" if value is None else f"{value:.3g}"  # JSON has no NaN


def main(_):
    known = json.loads(Path(FLAGS.variants).read_text())
    names = FLAGS.only or list(known["variants"])
    if not set(names) <= set(known["variants"]):
        raise app.UsageError(f"--only must name some of {sorted(known['variants'])}.")
    clips, held_out = map(clip_arrays.read, (FLAGS.training, FLAGS.held_out))
    output_dir = Path(FLAGS.output_dir)
    for seed in range(FLAGS.first_seed, FLAGS.first_seed + FLAGS.seeds):
        for name in names:
            folder = output_dir / f"{name}-{seed}"
            settings = settings_of(known, name)
            kept_settings.keep(folder, settings)
            recipe = make_recipe(settings)
            if not (folder / "model.keras").exists():
                Training(folder, recipe, clips, held_out, seed).run()
            evaluate(folder)
    table = tabulate(output_dir)
    (output_dir / "table.md").write_text(table)
    print(table)


if __name__ == "__main__":
    app.run(main)
