"""Compares what variants of a training learn, in equal steps from the same data.

    python tools/compare_learning.py --variants=tools/learning/long.json
    python tools/compare_learning.py --variants=mine.json --seeds=2 --steps=600

The file of variants is JSON: the data, and for each name what its model is made from;
see `learning/variants.py`. (published.json and motion_class.json need the moving shapes
that were published with the paper's code, in clips/shape_motion.) Every variant is
trained from every seed, `--workers` at a time with one thread each, on the same clips
in the same order. The output directory gets `table.md`, `curves.png`, `samples.png`,
and a folder for each training. When you run the command again with the same variants
and data, interrupted trainings go on, and finished ones go on to more steps.
"""

import concurrent.futures
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when loaded
os.environ.setdefault("MPLBACKEND", "agg")

from absl import app, flags
from learning import children, report, variants

from keras_mocogan.cli import kept_settings

flags.DEFINE_string("variants", None, "JSON file of the variants.", required=True)
flags.DEFINE_list("only", None, "Names of some variants; default: all.")
flags.DEFINE_string("output_dir", None, "Default: runs/learning/NAME_OF_THE_FILE.")
flags.DEFINE_integer("seeds", 3, "Trainings of each variant.", lower_bound=1)
flags.DEFINE_integer("first_seed", 0, "Seed of the first training.", lower_bound=0)
flags.DEFINE_integer("steps", None, "Steps of a training; default: the file's.", 1)
flags.DEFINE_integer("every", None, "Steps between measures; default: the file's.", 1)
flags.DEFINE_integer("count", 256, "Generated clips to measure.", lower_bound=2)
flags.DEFINE_integer("workers", 2, "Trainings in parallel.", lower_bound=1)
flags.DEFINE_integer(
    "steps_per_execution", 1, "With JAX on a GPU: steps in one compiled loop.", 1
)
FLAGS = flags.FLAGS


def run(module, settings, log, **environment):
    # One thread each, so that other processes change only the time of a training.
    if children.run(module, settings, log, threads=1, **environment):
        sys.exit(f"{module} failed: {log} says why.")


def make_judge(folder, data):
    """Trains a classifier of the data's clips, and keeps the pixels of real ones."""
    settings = {"folder": str(folder), "data": data}
    if not (folder / "real_pixels.npy").exists():
        run("learning.judge", settings, folder / "judge.log")


def train(name, seed, variant, data, steps, folder):
    own = folder / f"{name}-{seed}"
    kept_settings.keep(own, {"variant": variant})
    settings = {
        "folder": str(own),
        "data": data,
        "variant": variant,
        "seed": seed,
        "steps": steps,
        "count": FLAGS.count,
        "steps_per_execution": FLAGS.steps_per_execution,
        "judge": str(folder),
    }
    environment = variant.get("environment", {})
    run("learning.worker", settings, own / "log.txt", **environment)
    return f"{name}-{seed}"


def main(_):
    data, everything = variants.read(Path(FLAGS.variants))
    unknown = sorted(set(FLAGS.only or []) - set(everything))
    if unknown:
        raise app.UsageError(
            f"--only must name some of {sorted(everything)}. Received: {unknown}."
        )
    chosen = {name: everything[name] for name in FLAGS.only or everything}
    folder = FLAGS.output_dir or f"runs/learning/{Path(FLAGS.variants).stem}"
    folder = Path(folder).resolve()
    fixed = {name: x for name, x in data.items() if name not in ("steps", "every")}
    kept_settings.keep(folder, fixed | {"count": FLAGS.count})
    make_judge(folder, data)
    every = FLAGS.every or data["every"]
    last = FLAGS.steps or data["steps"]
    steps = [*range(every, last, every), last]
    seeds = range(FLAGS.first_seed, FLAGS.first_seed + FLAGS.seeds)
    with concurrent.futures.ThreadPoolExecutor(FLAGS.workers) as pool:
        trainings = [
            pool.submit(train, name, seed, variant, data, steps, folder)
            for seed in seeds
            for name, variant in chosen.items()
        ]
        for done in concurrent.futures.as_completed(trainings):
            print(f"{done.result()} is done.", flush=True)
    report.write(folder, list(everything))
    print((folder / "table.md").read_text())


if __name__ == "__main__":
    app.run(main)
