"""Exports a saved model as a SavedModel, which needs only TensorFlow to be served.

    python tools/export_saved_model.py --model=m.keras --output=exported --device=cpu

The same as `keras-mocogan export`. Any backend may have trained the model. See
`keras_mocogan.export_saved_model` for the signatures.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when loaded

from absl import app, flags

from keras_mocogan.cli import export

flags.adopt_module_key_flags(export)

if __name__ == "__main__":
    app.run(export.main)
