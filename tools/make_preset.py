"""Stores a trained model as a preset, with what is known about it.

    python tools/make_preset.py --name=sprites --training=sprites/training.npz \\
        --model=runs/search/modern-0/model.keras \\
        --scores=runs/search/modern-0/scores.json \\
        --credits=credits.txt --command="python tools/search.py ..."

The names of the classes come from the training clips (see tools/clip_arrays.py), the
scores from evaluate_control.py. `km.presets.about(NAME)` returns what is stored.
"""

import json
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when loaded

import keras_mocogan as km  # isort: skip  (readies TensorFlow before Keras loads it)
from pathlib import Path

import clip_arrays
import keras
from absl import app, flags

flags.DEFINE_string("model", None, "A saved model, `.keras`.", required=True)
flags.DEFINE_string("name", None, "Name of the preset.", required=True)
flags.DEFINE_string("training", None, "Clips it was trained on, `.npz`.")
flags.DEFINE_string("scores", None, "JSON from evaluate_control.py.")
flags.DEFINE_string("credits", None, "Text file: whose work the clips are.")
flags.DEFINE_string("command", None, "What trained it.")
flags.DEFINE_string("folder", None, "Where its folder goes; default: the package.")
FLAGS = flags.FLAGS

PACKAGE = Path(km.__file__).parent / "presets" / "files"


def describe():
    about = {}
    if FLAGS.training:
        names = clip_arrays.read(FLAGS.training).names
        about["class_names"] = names.get("labels", [])
    if FLAGS.credits:
        about["credits"] = Path(FLAGS.credits).read_text("utf-8").strip()
    if FLAGS.scores:
        scores = json.loads(Path(FLAGS.scores).read_text("utf-8"))["scores"]
        about["scores"] = {
            score["key"]: {
                name: None if score[name] is None else round(score[name], 4)
                for name in ("value", "real")
            }
            for score in scores
        }
    if FLAGS.command:
        about["command"] = FLAGS.command
    return about


def main(_):
    model = keras.models.load_model(FLAGS.model)
    folder = Path(FLAGS.folder or PACKAGE) / FLAGS.name
    model.save_to_preset(folder, describe(), "float16")
    for path in sorted(folder.iterdir()):
        print(f"{path}: {path.stat().st_size / 2**20:.2f} MiB")


if __name__ == "__main__":
    app.run(main)
