"""Exports a saved model as a SavedModel, which needs only TensorFlow to be served.

    keras-mocogan export --model=m.keras --output=exported --device=cpu

Any backend may have trained it. See `keras_mocogan.export_saved_model` for the
signatures.
"""

from absl import flags

import keras_mocogan as km

FIRST_FLAGS = "model output device"

flags.DEFINE_string("model", None, "A saved model, `.keras`.", required=True)
flags.DEFINE_string("output", None, "A new folder.", required=True)
flags.DEFINE_enum("device", None, ["cpu", "gpu"], "Where it runs; default: as here.")
FLAGS = flags.FLAGS


def main(_):
    model = km.load_model(FLAGS.model)
    device = km.export_saved_model(model, FLAGS.output, FLAGS.device)
    print(
        f"Saved {FLAGS.output}, for a {device.upper()}. Serve it: keras-mocogan serve "
        f"--model={FLAGS.output}"
    )
