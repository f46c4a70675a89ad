"""Exports that only TensorFlow can do, of models of other backends."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import keras


def export_in_child(module: str, model: keras.Model, *arguments: str) -> None:
    """Runs a module of this package on a model, in a process with TensorFlow.

    Args:
        module: Its full name; its first argument is a `.keras` file of the model.
        model: The model.
        *arguments: More arguments.

    Raises:
        RuntimeError: If the process fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.keras"
        model.save(file)
        child = subprocess.run(
            [sys.executable, "-m", module, str(file), *arguments],
            env=os.environ | {"KERAS_BACKEND": "tensorflow"},
            capture_output=True,
            text=True,
        )
    if child.returncode:
        raise RuntimeError(
            "The export runs in a process with TensorFlow, which failed: "
            f"{child.stderr.strip()[-2000:]}"
        )
