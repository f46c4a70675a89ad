"""Compares fine-tuning a preset with training from scratch, step by step.

    python tools/measure_fine_tuning.py --layers_dir=LPC --output_dir=runs/fine_tuning

`LPC` is a clone of https://github.com/ElizaWy/LPC, or part of one. The clips are of
another wardrobe than the preset "sprites" was trained on: hair and clothes have their
red, green and blue exchanged in a circle, so that none of their colors was seen; and
the characters face left, which the preset cannot do, or to the front. With four actions
that makes eight classes instead of twelve.

Both trainings have the same networks, recipe, clips in the same order, and seed. From
time to time the kernel distance of coarse pixels between generated and held-out clips
is measured. `rows.json` in the output directory gets the figures, `table.md` a table,
and each measure a preview. When the command is run again, it goes on.
"""

import json
import os
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when loaded

import keras_mocogan as km  # isort: skip  (readies TensorFlow before Keras loads it)
import keras
import numpy as np
from absl import app, flags
from learning.measures import coarse_pixels
from learning.raw_weights import RawWeights
from PIL import Image

from keras_mocogan.cli import kept_settings
from keras_mocogan.utils.files import replacing

KINDS = ["fine_tuned", "from_scratch"]

flags.DEFINE_string("layers_dir", None, "Folder with `Characters`.", required=True)
flags.DEFINE_string("output_dir", "runs/fine_tuning", "Folder for all files.")
flags.DEFINE_string("preset", "sprites", "What is fine-tuned; of 8 frames, 64 pixels.")
flags.DEFINE_list("only", KINDS, "Which trainings.")
flags.DEFINE_list("stops", "0,10,20,40,80,160,320".split(","), "Steps of measures.")
flags.DEFINE_list("freeze", [], "What does not learn when the preset is fine-tuned.")
flags.DEFINE_integer("clips", 2000, "Clips to learn from.", 16)
flags.DEFINE_integer("held_out", 512, "Other clips, and generated ones.", 16)
flags.DEFINE_integer("batch_size", 8, "Clips in a step.", 1)
flags.DEFINE_integer("seed", 0, "Of weights, noise and order.")
flags.DEFINE_float("minutes", None, "End after a measure, if so long has passed.")
FLAGS = flags.FLAGS

SETTINGS = "layers_dir preset stops freeze clips held_out batch_size seed".split()
DIRECTIONS = "left", "front"
STARTED = time.monotonic()


def other_wardrobe(layers_dir, folder):
    """Copies the layers; hair and clothes in colors that the originals do not have."""
    for path in sorted(Path(layers_dir).expanduser().rglob("*.png")):
        target = folder / path.relative_to(Path(layers_dir).expanduser())
        if target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.asarray(Image.open(path).convert("RGBA"))
        if {"Hair", "Clothing"} & set(path.parts):
            pixels = pixels[..., [2, 0, 1, 3]]
        Image.fromarray(pixels).save(target)


def draw(folder, split, count, seed):
    return km.data.sprites(folder, count, seed=seed, directions=DIRECTIONS, split=split)


def make_model(kind, classes):
    """The model of a training, compiled; both have the same networks."""
    changes = {"num_classes": classes, "seed": FLAGS.seed}
    if kind == "fine_tuned":
        model, told = km.fine_tune(FLAGS.preset, freeze=FLAGS.freeze, **changes)
        print(told, flush=True)
    else:
        config = km.load_model(FLAGS.preset).get_config()
        model = km.MoCoGAN.from_config(config | changes)
    recipe = km.recipes.get("MoCoGAN", "modern").with_changes(
        batch_size=FLAGS.batch_size, steps=int(FLAGS.stops[-1])
    )
    model.compile_by_recipe(recipe)
    return model


class Measure:
    """Distances of generated clips to held-out ones, with averaged weights."""

    def __init__(self, held_out):
        self.real, self.classes = coarse_pixels(held_out.videos), held_out.class_names
        half = len(self.real) // 2
        self.floor = km.metrics.kernel_distance(self.real[:half], self.real[half:])

    def of(self, model, path):
        labels = np.arange(len(self.real)) % len(self.classes)
        with km.callbacks.ema_weights(model):
            videos = model.generate(len(labels), labels=labels, seed=0)
            shown = model.preview_videos(6, len(self.classes), seed=0)
        km.video.write_gif(path, shown, fps=8, columns=6)
        return km.metrics.kernel_distance(coarse_pixels(videos), self.real)


def train(kind, clips, measure, rows, folder):
    """Trains from measure to measure; false if the time was up before the end."""
    state = folder / f"{kind}.keras"
    done = {row["step"] for row in rows if row["kind"] == kind}
    going_on = done and state.exists()
    model = km.load_model(state) if going_on else make_model(kind, len(measure.classes))
    for stop in (int(s) for s in FLAGS.stops if int(s) not in done):
        if FLAGS.minutes and time.monotonic() - STARTED > 60 * FLAGS.minutes:
            return False
        step(model, clips, stop - model.global_step)
        km.callbacks.save_atomically(model, state)
        distance = measure.of(model, folder / f"{kind}-{stop:05}.gif")
        row = {"kind": kind, "step": stop, "kernel_distance": distance}
        rows.append(row | {"floor": measure.floor})
        print(json.dumps(rows[-1]), flush=True)
        write(folder / "rows.json", json.dumps(rows, indent=1))
    return True


def step(model, clips, count):
    if not count:
        return
    dataset = km.data.video_dataset(
        tuple(clips[:2]),
        image_size=model.image_size,
        clip_frames=model.clip_frames,
        batch_size=FLAGS.batch_size,
        seed=FLAGS.seed,
        repeat=True,
        first_step=model.global_step,
    )
    model.fit(
        dataset,
        steps_per_epoch=count,
        shuffle=False,
        verbose=0,
        callbacks=[RawWeights()],
    )


def table(rows):
    """Markdown: a row for each number of steps, a column for each training."""
    found = {(row["kind"], row["step"]): row["kernel_distance"] for row in rows}
    kinds = list(dict.fromkeys(row["kind"] for row in rows))
    lines = [f"| steps | {' | '.join(kinds)} |", "|---" * (1 + len(kinds)) + "|"]
    for stop in sorted({row["step"] for row in rows}):
        cells = [
            f"{found[kind, stop]:.4f}" if (kind, stop) in found else ""
            for kind in kinds
        ]
        lines.append(f"| {stop} | {' | '.join(cells)} |")
    lines.append(f"\nTwo halves of the held-out clips: {rows[0]['floor']:.4f}\n")
    return "\n".join(lines)


def write(path, text):
    with replacing(path) as part:
        part.write_text(text)


def main(_):
    if not set(FLAGS.only) <= set(KINDS):
        raise app.UsageError(
            f"--only must name some of {', '.join(KINDS)}. Received: {FLAGS.only}."
        )
    keras.utils.set_random_seed(FLAGS.seed)
    folder = Path(FLAGS.output_dir)
    kept_settings.keep(folder, {name: FLAGS[name].value for name in SETTINGS})
    other_wardrobe(FLAGS.layers_dir, folder / "layers")
    clips = draw(folder / "layers", "training", FLAGS.clips, 0)
    measure = Measure(draw(folder / "layers", "held_out", FLAGS.held_out, 1))
    rows_file = folder / "rows.json"
    rows = json.loads(rows_file.read_text()) if rows_file.exists() else []
    ended = [train(kind, clips, measure, rows, folder) for kind in FLAGS.only]
    if rows:
        write(folder / "table.md", table(rows))
        print(table(rows))
    if not all(ended):
        print("The time is up: run the command again, and it goes on.")


if __name__ == "__main__":
    app.run(main)
