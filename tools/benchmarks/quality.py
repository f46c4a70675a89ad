"""The `quality` part of benchmark.py: minutes of training until a distance is reached.

Every row trains on moving shapes for `--minutes` in a process of its own, one after
another, with `--threads` threads. The distance is the kernel distance between the
coarse pixels of 512 generated and 512 held-out clips. Measuring takes no time off the
clock; compiling does. Learning rates that decay are fitted to the minutes, by steps
that are measured before. The row "peer" is the published arithmetic in plain PyTorch;
"small_peer" is the same with a quarter of the channels and of the clips a step, for
those sizes take about half a minute a step on one core. The mark is the lowest distance
at which one of the two ends; or `--mark`. The distance of black clips is told beside
it, for that is where a training that shows nothing yet may stand.

`--output_dir` gets `results.json`, `curves.png`, and a folder for each row. When you
run the command again, interrupted rows go on, and finished ones stay as they are.
"""

import json
import os
import statistics
from pathlib import Path

from absl import app
from learning import children

from benchmarks import quality_report
from keras_mocogan.cli import kept_settings

# Changes of the recipe "published".
PEERS = {
    "peer": {},
    "small_peer": {
        "batch_size": 8,
        "arguments": {"video_discriminator": {"filters": 16}},  # the peer's networks
    },
}
RECIPES = (*PEERS, "published", "short", "modern")


def measure(options, changes=None):
    """Trains all rows, prints the table and returns the results.

    Args:
        options: Values of the flags of benchmark.py.
        changes: Dictionary of changes of every recipe, as for `Recipe.with_changes`.
    """
    rows = list(_rows(options))
    folder = Path(options["output_dir"]).expanduser().resolve()
    for row in rows:
        _train(folder / row["name"], row, _settings(options, row, changes or {}))
    results = _collect(folder, rows, options["mark"])
    results["black"] = _distance_of_black(_data(options))
    text = json.dumps(results, indent=1)
    (folder / "results.json").write_text(text + "\n")
    quality_report.print_results(results)
    quality_report.draw(folder / "curves.png", results)
    return results


def _rows(options):
    """What is compared: dictionaries, those of a seed together."""
    from keras_mocogan import recipes  # only here: importing Keras takes seconds

    known = [*PEERS, *recipes.names("MoCoGAN")]
    chosen = options["recipes"] or RECIPES
    if not set(chosen) <= set(known):
        raise app.UsageError(
            f"--recipes must name some of {', '.join(known)}. Received: "
            f"{','.join(chosen)}."
        )
    for seed in range(options["seeds"]):
        for recipe in chosen:
            is_peer = recipe in PEERS  # always PyTorch in float32
            for backend in ["torch"] if is_peer else options["backends"]:
                for policy in ["float32"] if is_peer else options["policies"]:
                    parts = [recipe, backend, policy]
                    yield {
                        "name": "-".join([*parts, str(seed)]),
                        "title": recipe if is_peer else " ".join(parts),
                        "recipe": recipe,
                        "backend": backend,
                        "policy": policy,
                        "seed": seed,
                    }


def _data(options):
    return {
        "source": "shapes",
        "image_size": options["image_size"],
        "clip_frames": options["clip_frames"],
        "frame_stride": 1,
        "directions": ["right", "down"],
    }


def _distance_of_black(data):
    from learning.measures import held_out_pixels

    from keras_mocogan.metrics import kernel_distance  # as above

    real = held_out_pixels(data)
    return kernel_distance(real * 0 - 1, real)


def _settings(options, row, changes):
    own = {name: row[name] for name in ("recipe", "backend", "policy", "seed")}
    common = {name: options[name] for name in ("minutes", "threads")}
    changes = PEERS.get(row["recipe"], {}) | changes
    return {**own, **common, "data": _data(options), "changes": changes}


def _train(folder, row, settings):
    kept_settings.keep(folder, settings)
    found = _read(folder)
    if found and found[-1]["minutes"] >= settings["minutes"]:
        return
    failed = children.run(
        "benchmarks.quality_worker",
        {**settings, "folder": str(folder)},
        folder / "log.txt",
        settings["threads"],
        KERAS_BACKEND=settings["backend"],
    )
    if failed:  # the others go on: they may take a night
        print(f"{row['name']} failed: {folder / 'log.txt'} says why.", flush=True)


def _read(folder):
    path = folder / "rows.json"
    return json.loads(path.read_text()) if path.exists() else []


def _collect(folder, rows, mark):
    """The mark, and for each title what its seeds measured."""
    measures = {}
    for row in rows:
        if found := _read(folder / row["name"]):
            measures.setdefault(row["title"], []).append(found)
    if mark is None:
        ends = [
            statistics.median(found[-1]["distance"] for found in measures[peer])
            for peer in PEERS
            if peer in measures
        ]
        mark = min(ends, default=None)
    return {"mark": mark, "load": os.getloadavg(), "measures": measures}
