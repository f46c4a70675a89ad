"""Trains one variant from one seed; a child process of `compare_learning.py`.

    python -m learning.worker SETTINGS_JSON

The folder in the settings gets `state`, from which a training goes on, `rows.json` with
a dictionary for each measured step, and `clips-STEP.png`.
"""

import json
import sys
from pathlib import Path

import keras_mocogan as km  # isort: skip  # noqa: F401  (readies TensorFlow)
import keras
import numpy as np
from PIL import Image

from keras_mocogan.utils.files import replacing
from learning import contestants
from learning.clips import make_dataset
from learning.measures import measure

SHOWN_CLIPS, SHOWN_FRAMES = 6, 4


def strip(videos):
    """Some clips side by side, a few frames of each, as one picture."""
    chosen = np.linspace(0, videos.shape[1] - 1, SHOWN_FRAMES).round().astype(int)
    clips = videos[:SHOWN_CLIPS, chosen]
    padded = np.pad(clips, [(0, 0), (0, 0), (1, 1), (1, 1), (0, 0)])
    rows = [np.concatenate(list(clip), axis=1) for clip in padded]
    gap = np.full((rows[0].shape[0], 6, 3), 255, "uint8")
    return np.concatenate([x for row in rows for x in (row, gap)][:-1], axis=1)


def main(settings):
    folder, judge = Path(settings["folder"]), Path(settings["judge"])
    data, variant, seed = (settings[k] for k in ("data", "variant", "seed"))
    kind = contestants.Peer if "peer" in variant else contestants.Package
    state = folder / f"state.{kind.suffix}"
    contestant = kind(variant, seed, state if state.exists() else None)
    if kind is contestants.Package:
        contestant.model.steps_per_execution = settings["steps_per_execution"]
    rows_file = folder / "rows.json"
    rows = json.loads(rows_file.read_text()) if rows_file.exists() else []
    rows = [row for row in rows if row["step"] <= contestant.step]
    classifier = keras.models.load_model(judge / "classifier.keras", compile=False)
    real_pixels = np.load(judge / "real_pixels.npy")
    labels = np.arange(settings["count"]) % len(data["directions"])
    for step in settings["steps"]:
        first = contestant.step
        if step <= first:
            continue
        order = {"repeat": True, "first_step": first, "seed": seed}
        frames = order | {"clip_frames": 1, "seed": seed + 1000}
        logs = contestant.train(
            make_dataset(data, **order), make_dataset(data, **frames), step - first
        )
        videos = contestant.generate(labels, data["clip_frames"])
        found = measure(videos, labels, data["directions"], classifier, real_pixels)
        rows.append({"step": step, **logs, **found})
        Image.fromarray(strip(videos)).save(folder / f"clips-{step}.png")
        contestant.save(state)
        with replacing(rows_file) as temporary:
            temporary.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
