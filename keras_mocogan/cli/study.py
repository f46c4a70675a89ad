"""A study on moving shapes: trains variants, evaluates them, and tabulates.

examples/reproduce_shapes.py holds the variants.
"""

import concurrent.futures
import json
import subprocess
import sys
import threading

import numpy as np
from absl import app, flags

from keras_mocogan.cli import finished, kept_settings
from keras_mocogan.utils.remote.remote_path import as_path

flags.DEFINE_string("output_dir", "runs/study", "Folder for all files.")
flags.DEFINE_enum("size", "cpu", ["cpu", "full"], "Size of networks and trainings.")
flags.DEFINE_integer("seeds", 2, "Trainings of each variant.", lower_bound=1)
flags.DEFINE_list("variants", None, "Names of some variants; default: all.")
flags.DEFINE_integer("steps", None, "Training steps; default: the size's.", 1)
flags.DEFINE_integer("count", 256, "Videos to evaluate.", lower_bound=2)
flags.DEFINE_integer("workers", 1, "Trainings in parallel.", lower_bound=1)
FLAGS = flags.FLAGS

SIZES = {
    "cpu": {
        "image_size": 32,
        "clip_frames": 8,
        "discriminator_filters": 16,
        "batch_size": 8,
        "steps": 2000,
    },
    "full": {"image_size": 64, "clip_frames": 16, "batch_size": 32, "steps": 100_000},
}
# Further sizes of each system: half the channels of its paper.
OWN_SIZES = {
    "cpu": {
        "mocogan": {"generator_filters": 32, "content_dim": 16},
        "vgan": {"generator_filters": 32},
        "tgan": {"generator_filters": 16},
    },
    "full": {"mocogan": {}, "vgan": {}, "tgan": {}},
}
SCORES = {
    "acd": "ACD, of 255",
    "acd_unit": "ACD, of 1",
    "mcs": "MCS",
    "inception_score": "IS",
    "frechet_distance": "Fréchet",
    "kernel_distance": "kernel",
    "color_coverage": "colors",
    "square_share": "squares",
}
_COLUMNS = 3


def _call(command, log, **settings):
    """Runs a command in a process of its own; its output goes to a file."""
    command = [sys.executable, "-m", "keras_mocogan.cli", command]
    command += [f"--{name}={value}" for name, value in settings.items()]
    with open(log, "w") as file:
        subprocess.run(command, check=True, stdout=file, stderr=subprocess.STDOUT)


def train_classifier(folder, size):
    path = folder / "classifier.keras"
    if not path.exists():
        size = {name: size[name] for name in ("image_size", "clip_frames")}
        _call(
            "classifier",
            folder / "classifier.log",
            dataset="shapes",
            output=path,
            **size,
        )
    return path


def train_and_evaluate(name, variant, seed, size, classifier):
    """Leaves model.keras, scores.json and videos.gif in the variant's folder."""
    kind = name.split("_")[0]
    settings = size | OWN_SIZES[FLAGS.size][kind] | variant | {"seed": seed}
    folder = as_path(FLAGS.output_dir) / f"{name}-{seed}"
    kept_settings.keep(folder, settings | {"count": FLAGS.count})
    model = folder / "model.keras"
    if not finished.is_finished(folder):
        about = {"system": kind, "dataset": "shapes", "run_dir": folder}
        about |= {"resume": True, "preview_every": 1}
        _call("train", folder / "train.log", **about, **settings)
        for of_a_stopped_one in ("videos.gif", "scores.json"):
            (folder / of_a_stopped_one).unlink(missing_ok=True)
    if not finished.is_finished(folder):  # a stop leaves a model too
        raise InterruptedError(
            f"The training in {folder} was stopped. Start the study again, which goes "
            "on from there."
        )
    if not (folder / "videos.gif").exists():
        about = {"model": model, "output_dir": folder, "count": 4, "seed": 1}
        _call("generate", folder / "videos.log", grid=True, columns=1, **about)
    if not (folder / "scores.json").exists():
        about = {"model": model, "dataset": "shapes", "classifier": classifier}
        about |= {"count": FLAGS.count, "output": folder / "scores.json"}
        _call("evaluate", folder / "evaluate.log", **about)


def tabulate(folder, names):
    """Markdown: a row for each variant, a column for each score, a value per seed."""
    lines = ["| | " + " | ".join(SCORES.values()) + " |"]
    lines.append("|---" * (len(SCORES) + 1) + "|")
    for name in names:
        found = []
        for path in sorted(folder.glob(f"{name}-*/scores.json")):
            scores = json.loads(path.read_text())["scores"]
            found.append({score["key"]: score for score in scores})
        row = [", ".join(f"{of[key]['value']:.3g}" for of in found) for key in SCORES]
        lines.append(f"| {name.replace('_', ' ')} | " + " | ".join(row) + " |")
    real = [f"{found[0][key]['real']:.3g}" for key in SCORES]
    return "\n".join([*lines, "| real | " + " | ".join(real) + " |"]) + "\n"


def draw_clips(folder, names):
    """Draws four clips of each variant's first training, one clip a row."""
    import matplotlib.pyplot as plt
    from PIL import Image, ImageSequence

    rows = -(-len(names) // _COLUMNS)
    figure, axes = plt.subplots(rows, _COLUMNS, figsize=(10, 1.9 * rows))
    for ax in axes.flat:
        ax.axis("off")
    for ax, name in zip(axes.flat, names, strict=False):
        with Image.open(folder / f"{name}-0" / "videos.gif") as file:
            frames = [
                np.asarray(f.convert("RGB")) for f in ImageSequence.Iterator(file)
            ]
        ax.imshow(np.concatenate(frames[:: max(1, len(frames) // 8)], axis=1))
        ax.set_title(name.replace("_", " "), fontsize=9)
    figure.tight_layout()
    figure.savefig(folder / "clips.png", dpi=120)


def _run_all(jobs):
    """Calls `train_and_evaluate` in parallel; after an error none is begun."""
    ended = threading.Event()

    def attempt(job):
        if ended.is_set():
            return
        try:
            train_and_evaluate(*job)
        except BaseException:
            ended.set()
            raise

    with concurrent.futures.ThreadPoolExecutor(FLAGS.workers) as pool:
        try:
            for _ in pool.map(attempt, jobs):
                pass
        except BaseException:  # Ctrl-C, too
            ended.set()
            raise


def run(variants):
    """Trains, evaluates and tabulates variants, or those that `--variants` names.

    Args:
        variants: Dictionary from names, which begin with the system's, to flags of
            `keras-mocogan train` and their values.
    """
    names = FLAGS.variants or list(variants)
    if not set(names) <= set(variants):
        raise app.UsageError(f"--variants must name some of {', '.join(variants)}.")
    folder, size = as_path(FLAGS.output_dir), dict(SIZES[FLAGS.size])
    kept_settings.keep(folder, {"size": FLAGS.size})
    size["steps"] = FLAGS.steps or size["steps"]
    size["steps_per_epoch"] = min(size["steps"], 200)
    classifier = train_classifier(folder, size)
    _run_all(
        [
            (name, variants[name], seed, size, classifier)
            for seed in range(FLAGS.seeds)
            for name in names
        ]
    )
    table = tabulate(folder, names)
    (folder / "table.md").write_text(table)
    draw_clips(folder, names)
    print(table)
