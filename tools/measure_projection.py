"""Measures `km.project` on characters that a model has never seen, and swaps them.

    python tools/measure_projection.py --preset=sprites --training=training.npz \\
        --held_out=held_out.npz --other_colors=other_colors.npz \\
        --classifier=classifier.keras --attributes=attributes.keras

The first `--clips` clips of each file are projected; nobody says what class they have.
The figures of each file:

- the distance of clip and reconstruction, the mean absolute difference of pixels in
  0..255, and beside it that of the nearest training clip of the same class and that of
  a black clip;
- how often the judges name the class and each attribute rightly, in the real clips,
  which is the most that can be expected, and in the reconstructions;
- the same for pairs: the content of each clip is drawn with the motion of another clip,
  of another class. The class should be the other's, the attributes its own. By chance
  the judges are right as often as for the clips of other pairs.

"reliable" is the mean of the attributes that the judge names rightly in nine of ten of
its own held-out frames. Files and judges come from tools/make_character_arrays.py,
tools/train_classifier.py and tools/train_attributes.py; `--other_colors` is the file
`held_out.npz` that `--split=held_out` makes. Latents are kept in the output directory,
so the command goes on where it was interrupted, and with more `--clips` too.
"""

import json
import os
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when loaded

import keras_mocogan as km  # isort: skip  (readies TensorFlow before Keras loads it)
import clip_arrays
import keras
import numpy as np
from absl import app, flags

from keras_mocogan.cli import kept_settings
from keras_mocogan.metrics.content_control import commonest
from keras_mocogan.utils.files import replacing

flags.DEFINE_string("preset", "sprites", "Preset, or a saved `MoCoGAN` with classes.")
flags.DEFINE_string("training", None, "Clips it was trained on, `.npz`.", required=True)
flags.DEFINE_string("held_out", None, "Other clips, `.npz`.", required=True)
flags.DEFINE_string("other_colors", None, "Clips in colors that are new together.")
flags.DEFINE_string("classifier", None, "Of classes, `.keras`.", required=True)
flags.DEFINE_string("attributes", None, "Of frames, `.keras`.", required=True)
flags.DEFINE_string("output_dir", "runs/projection", "Folder for all files.")
flags.DEFINE_integer("clips", 100, "Clips of each file, and pairs.", lower_bound=2)
flags.DEFINE_integer("steps", 40, "Steps of the search.", lower_bound=4)
flags.DEFINE_integer("starts", 16, "Random starts for each clip.", lower_bound=1)
flags.DEFINE_enum("motion", "reachable", ["free", "reachable"], "See `km.project`.")
flags.DEFINE_float("learning_rate", 0.1, "Of the search.")
flags.DEFINE_float("feature_weight", 0.0, "Of the discriminators' features.")
flags.DEFINE_integer("batch_size", 10, "Clips at once.", lower_bound=1)
flags.DEFINE_integer("seed", 0, "Of starts and pairs.")
flags.DEFINE_integer("columns", 8, "Pairs in each picture.", lower_bound=1)
flags.DEFINE_float("minutes", None, "End after a batch, if so long has passed.")
FLAGS = flags.FLAGS

SETTINGS = "preset steps starts motion learning_rate feature_weight seed".split()
LATENTS = "content", "motion", "labels"
RELIABLE = 0.9
STARTED = time.monotonic()


# === Projecting ===


class Latents:
    """The latents of one file's clips that were found so far, kept on disk."""

    def __init__(self, name):
        self.path = Path(FLAGS.output_dir) / f"latents-{name}.npz"
        settings = {setting: FLAGS[setting].value for setting in SETTINGS}
        self.settings = json.dumps(settings | {"file": FLAGS[name].value})
        self.arrays, self.seconds = {}, 0.0
        if self.path.exists():
            with np.load(self.path) as file:
                self.arrays = {name: file[name] for name in LATENTS}
                self.seconds, settings = float(file["seconds"]), str(file["settings"])
            if settings != self.settings:
                raise app.UsageError(
                    f"{self.path} was made with {settings}. Received: {self.settings}. "
                    "Choose another --output_dir."
                )

    def __len__(self):
        return len(self.arrays["labels"]) if self.arrays else 0

    def project(self, model, videos):
        """Projects what is not there yet; false if the time was up before the end."""
        while len(self) < len(videos):
            start, begun = len(self), time.process_time()
            found = km.project(
                model,
                videos[start : start + FLAGS.batch_size],
                steps=FLAGS.steps,
                motion=FLAGS.motion,
                starts=FLAGS.starts,
                learning_rate=FLAGS.learning_rate,
                feature_weight=FLAGS.feature_weight,
                batch_size=FLAGS.batch_size,
                seed=FLAGS.seed + start,
                verbose=0,
            )
            self._add(found, time.process_time() - begun)
            print(f"{self.path.stem}: {len(self)} of {len(videos)}", flush=True)
            # Only after a batch: an interrupted run always gets on.
            if FLAGS.minutes and time.monotonic() - STARTED > 60 * FLAGS.minutes:
                return len(self) == len(videos)
        return True

    def _add(self, found, seconds):
        new = {name: getattr(found, name) for name in LATENTS}
        old = self.arrays or {name: x[:0] for name, x in new.items()}
        self.arrays = {name: np.concatenate([old[name], new[name]]) for name in LATENTS}
        self.seconds += seconds
        with replacing(self.path) as part, open(part, "wb") as file:
            about = {"seconds": self.seconds, "settings": self.settings}
            np.savez(file, **self.arrays, **about)

    def draw(self, model, motions):
        """Videos of all contents, with the motions of the clips of these numbers."""
        labels = self.arrays["labels"][motions]
        return model.generate(
            len(motions),
            labels=labels if model.category_input == "frame" else None,
            content=self.arrays["content"][: len(motions)],
            motion=self.arrays["motion"][motions],
        )


def other_classes(labels, seed):
    """For each clip the number of another one, of another class."""
    generator = np.random.default_rng(seed)
    return np.array([generator.choice(np.flatnonzero(labels != x)) for x in labels])


# === Measuring ===


class Judges:
    """What the classifiers see in videos."""

    def __init__(self):
        self.classifier = km.metrics.load_classifier(FLAGS.classifier)
        self.attributes = km.metrics.load_classifier(
            FLAGS.attributes, km.metrics.AttributeClassifier
        )
        held_out = self.attributes.held_out or {}
        self.reliable = [
            name for name, x in held_out.items() if x["accuracy"] >= RELIABLE
        ]

    def see(self, videos):
        """`"class"` and each attribute -> numbers `(n,)`."""
        _, frames = self.attributes.classify(videos)
        _, probabilities = self.classifier.classify(videos)
        seen = {name: commonest(numbers) for name, numbers in frames.items()}
        return {"class": probabilities.argmax(axis=1), **seen}


def shares(seen, wanted, reliable):
    """Name -> share of clips, its 95 % interval, and the share by chance.

    Args:
        seen, wanted: `"class"` and each attribute -> class numbers `(n,)`.
        reliable: The attributes whose mean is told separately.

    Returns:
        Of `"class"`, of each attribute, and of `"all attributes"` in one clip; and,
        without an interval, the `"mean"` of all attributes, and of the reliable ones.
    """
    hits = {n: seen[n][:, None] == wanted[n] for n in seen}  # all clips with all
    attributes = [name for name in hits if name != "class"]
    hits["all attributes"] = np.all([hits[name] for name in attributes], axis=0)
    found = {name: _share(of) for name, of in hits.items()}
    for name, members in {"mean": attributes, "reliable": reliable}.items():
        if members:
            found[name] = {
                key: float(np.mean([found[m][key] for m in members]))
                for key in ("share", "by_chance")
            }
    return found


def _share(hits):
    """Of `(n, n)` hits: those of a clip with itself, and with the others."""
    n, right = len(hits), int(np.trace(hits))
    return {
        "share": right / n,
        "interval": list(km.metrics.accuracy_interval(right, n)),
        "by_chance": float((hits.sum() - right) / (n * (n - 1))),
    }


def distance(videos, others):
    """Mean absolute difference of pixels, `(n,)`; `others` may be one clip."""
    larger, smaller = np.maximum(videos, others), np.minimum(videos, others)
    return (larger - smaller).mean(axis=(1, 2, 3, 4))


def nearest(clips, training, name):
    """Distance of each clip to the nearest training clip of its class, `(n,)`."""
    path = Path(FLAGS.output_dir) / f"nearest-{name}.npy"
    if path.exists() and len(known := np.load(path)) >= len(clips.videos):
        return known[: len(clips.videos)]
    found = np.empty(len(clips.videos))
    for label in np.unique(clips.labels):
        of_class = training.videos[training.labels == label]
        for i in np.flatnonzero(clips.labels == label):
            found[i] = distance(of_class, clips.videos[i]).min()
    with replacing(path) as part, open(part, "wb") as file:
        np.save(file, found)
    return found


def measure(model, judges, clips, training, latents, name):
    """All figures of one file, and the videos of its picture."""
    n = len(clips.labels)
    pairs = other_classes(clips.labels, FLAGS.seed)
    found = latents.draw(model, np.arange(n))
    swapped = latents.draw(model, pairs)
    truth = {"class": clips.labels, **clips.attributes}
    of_pairs = truth | {"class": clips.labels[pairs]}
    distances = {
        "reconstruction": distance(found, clips.videos),
        "nearest training clip": nearest(clips, training, name),
        "black": distance(clips.videos, np.zeros_like(clips.videos[0])),
    }
    reliable = judges.reliable
    rows = {
        "clips": n,
        "processor_seconds_per_clip": latents.seconds / len(latents),
        "class chosen": float(np.mean(latents.arrays["labels"][:n] == clips.labels)),
        "median distance": {key: float(np.median(x)) for key, x in distances.items()},
        "real": shares(judges.see(clips.videos), truth, reliable),
        "reconstruction": shares(judges.see(found), truth, reliable),
        "swapped": shares(judges.see(swapped), of_pairs, reliable),
    }
    shown = clips.videos, found, clips.videos[pairs], swapped
    return rows, np.concatenate([x[: FLAGS.columns] for x in shown])


# === Writing ===


def table(rows):
    """Markdown: a row for each figure, columns for each file."""
    kinds = "real", "reconstruction", "swapped"
    heads = [f"{name}, {kind}" for name in rows for kind in (*kinds, "by chance")]
    lines = [f"| share | {' | '.join(heads)} |", "|---" * (1 + len(heads)) + "|"]
    for share in next(iter(rows.values()))["real"]:
        cells = []
        for of in rows.values():
            cells += [f"{of[kind][share]['share']:.2f}" for kind in kinds]
            cells.append(f"{of['swapped'][share]['by_chance']:.2f}")
        lines.append(f"| {share} | {' | '.join(cells)} |")
    for name, of in rows.items():
        told = [f"{key} {x:.2f}" for key, x in of["median distance"].items()]
        lines.append(f"\n{name}: {of['clips']} clips; distance: {', '.join(told)}.")
    return "\n".join(lines) + "\n"


def write(path, text):
    with replacing(path) as part:
        part.write_text(text)


def first(clips, count):
    attributes = {name: x[:count] for name, x in clips.attributes.items()}
    return clips._replace(
        videos=clips.videos[:count], labels=clips.labels[:count], attributes=attributes
    )


def main(_):
    files = {"held_out": FLAGS.held_out, "other_colors": FLAGS.other_colors}
    sets = {
        name: first(clip_arrays.read(path), FLAGS.clips)
        for name, path in files.items()
        if path
    }
    model, folder = km.load_model(FLAGS.preset), Path(FLAGS.output_dir)
    kept_settings.keep(folder, {"training": FLAGS.training})
    latents = {name: Latents(name) for name in sets}
    if not all(latents[name].project(model, x.videos) for name, x in sets.items()):
        print("The time is up: run the command again, and it goes on.")
        return
    judges, training, rows = Judges(), clip_arrays.read(FLAGS.training), {}
    for name, clips in sets.items():
        known = {a: clips.attributes[a] for a in judges.attributes.attributes}
        rows[name], shown = measure(
            model,
            judges,
            clips._replace(attributes=known),
            training,
            latents[name],
            name,
        )
        km.video.write_gif(folder / f"{name}.gif", shown, 8, FLAGS.columns)
    about = {
        "settings": {name: FLAGS[name].value for name in [*SETTINGS, "clips"]},
        "reliable": judges.reliable,
        "versions": {"keras_mocogan": km.__version__, "keras": keras.__version__},
    }
    write(folder / "projection.json", json.dumps({**about, "sets": rows}, indent=1))
    write(folder / "table.md", table(rows))
    print(table(rows))


if __name__ == "__main__":
    app.run(main)
