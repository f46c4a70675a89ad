"""The paper's comparisons on moving shapes: trains, evaluates and tabulates variants.

    python examples/reproduce_shapes.py --workers=2      # hours on two CPU cores
    python examples/reproduce_shapes.py --size=full      # the papers' sizes, for a GPU

The variants are MoCoGAN, VGAN and TGAN as their papers train them; the same three with
the settings for short trainings (see BUILD_NOTES.md); MoCoGAN with these settings but
without what table 4 of the paper removes, D_I and the class in R_M; and MoCoGAN with a
palette. The output directory gets a folder for each training, `table.md` and
`clips.png`. When you run the script again, finished trainings and evaluations are kept,
and interrupted ones go on.
"""

import concurrent.futures
import json
import subprocess
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from absl import app, flags
from PIL import Image, ImageSequence

flags.DEFINE_string("output_dir", "runs/study", "Folder for all files.")
flags.DEFINE_enum("size", "cpu", ["cpu", "full"], "Size of networks and trainings.")
flags.DEFINE_integer("seeds", 2, "Trainings of each variant.", lower_bound=1)
flags.DEFINE_list("variants", None, "Names of some variants; default: all.")
flags.DEFINE_integer("steps", None, "Training steps; default: the size's.", 1)
flags.DEFINE_integer("count", 256, "Videos to evaluate.", lower_bound=2)
flags.DEFINE_integer("workers", 1, "Trainings in parallel.", lower_bound=1)
FLAGS = flags.FLAGS

ROOT = Path(__file__).resolve().parents[1]
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
# Further sizes of each model: half the channels of its paper.
OWN_SIZES = {
    "cpu": {
        "mocogan": {"generator_filters": 32, "content_dim": 16},
        "vgan": {"generator_filters": 32},
        "tgan": {"generator_filters": 16},
    },
    "full": {"mocogan": {}, "vgan": {}, "tgan": {}},
}
PAPER = {"recipe": "paper"}
SHORT = {"recipe": "short"}
# With clips of 8 frames, D_V of table 6 still judges several times and places.
TABLE_6 = {"video_discriminator_levels": 3}
MOCOGAN_SHORT = SHORT | TABLE_6
WITHOUT = {"image_discriminator": "false"}
IN_FRAME = {"category_input": "frame"}
VARIANTS = {
    "mocogan": PAPER | TABLE_6,
    "vgan": PAPER,
    "tgan": PAPER,
    "mocogan_short": MOCOGAN_SHORT,
    "vgan_short": SHORT,
    "tgan_short": SHORT,
    "mocogan_short_without_image_discriminator": MOCOGAN_SHORT | WITHOUT,
    "mocogan_short_class_in_frame": MOCOGAN_SHORT | IN_FRAME,
    "mocogan_short_without_and_in_frame": MOCOGAN_SHORT | WITHOUT | IN_FRAME,
    "mocogan_short_palette": MOCOGAN_SHORT | {"palette_size": 2},
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


def run(script, log, **settings):
    """Runs a script of this project; its output goes to a file."""
    command = [sys.executable, str(ROOT / script)]
    command += [f"--{name}={value}" for name, value in settings.items()]
    with open(log, "w") as file:
        subprocess.run(command, check=True, stdout=file, stderr=subprocess.STDOUT)


def train_classifier(folder, size):
    path = folder / "classifier.keras"
    if not path.exists():
        size = {name: size[name] for name in ("image_size", "clip_frames")}
        script = "tools/train_classifier.py"
        run(script, folder / "classifier.log", dataset="shapes", output=path, **size)
    return path


def train_and_evaluate(name, seed, size, classifier):
    """Leaves model.keras, scores.json and videos.gif in the variant's folder."""
    kind = name.split("_")[0]
    settings = size | OWN_SIZES[FLAGS.size][kind] | VARIANTS[name] | {"seed": seed}
    folder = Path(FLAGS.output_dir) / f"{name}-{seed}"
    folder.mkdir(parents=True, exist_ok=True)
    model = folder / "model.keras"
    if not model.exists():
        script = f"examples/train_{kind}.py"
        about = {"dataset": "shapes", "run_dir": folder, "resume": True}
        run(script, folder / "train.log", **about, **settings)
    if not (folder / "videos.gif").exists():
        about = {"model": model, "output_dir": folder, "count": 4, "seed": 1}
        script = "examples/generate_videos.py"
        run(script, folder / "videos.log", grid=True, columns=1, **about)
    if not (folder / "scores.json").exists():
        about = {"model": model, "dataset": "shapes", "classifier": classifier}
        about |= {"count": FLAGS.count, "output": folder / "scores.json"}
        run("examples/evaluate.py", folder / "evaluate.log", **about)


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


def main(_):
    names = FLAGS.variants or list(VARIANTS)
    if not set(names) <= set(VARIANTS):
        raise app.UsageError(f"--variants must name some of {', '.join(VARIANTS)}.")
    folder, size = Path(FLAGS.output_dir), dict(SIZES[FLAGS.size])
    folder.mkdir(parents=True, exist_ok=True)
    size["steps"] = FLAGS.steps or size["steps"]
    size["steps_per_epoch"] = min(size["steps"], 200)
    classifier = train_classifier(folder, size)
    with concurrent.futures.ThreadPoolExecutor(FLAGS.workers) as pool:
        runs = [
            pool.submit(train_and_evaluate, name, seed, size, classifier)
            for seed in range(FLAGS.seeds)
            for name in names
        ]
        for done in concurrent.futures.as_completed(runs):
            done.result()
    table = tabulate(folder, names)
    (folder / "table.md").write_text(table)
    draw_clips(folder, names)
    print(table)


if __name__ == "__main__":
    app.run(main)
