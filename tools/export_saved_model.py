"""Exports a saved model as a SavedModel, which needs only TensorFlow to be served.

    python tools/export_saved_model.py --model=m.keras --output=exported --device=cpu

Any backend may have trained it. See `keras_mocogan.export_saved_model` for the
signatures.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when loaded

import keras_mocogan as km  # isort: skip  (readies TensorFlow before Keras loads it)
import keras
from absl import app, flags

flags.DEFINE_string("model", None, "A saved model, `.keras`.", required=True)
flags.DEFINE_string("output", None, "A new folder.", required=True)
flags.DEFINE_enum("device", None, ["cpu", "gpu"], "Where it runs; default: as here.")
FLAGS = flags.FLAGS


def main(_):
    model = keras.models.load_model(FLAGS.model)
    device = km.export_saved_model(model, FLAGS.output, FLAGS.device)
    print(f"Saved {FLAGS.output}, for a {device.upper()}; examples/serve.py serves it.")


if __name__ == "__main__":
    app.run(main)
