"""The Keras backend is one that is installed, and quiet where a command runs."""

import importlib.util
import json
import os
import sys
from pathlib import Path

BACKENDS = ("tensorflow", "jax", "torch")
_COMMAND = "keras-mocogan"


def choose_backend() -> None:
    """Makes Keras, if it is loaded later, use a backend that is installed.

    Keras takes TensorFlow where nobody says otherwise, and fails without it. The
    environment variable `KERAS_BACKEND` and Keras' own configuration file are obeyed.

    Raises:
        ImportError: If no backend is installed, or not the one that was chosen.
    """
    _quiet_command()
    if "keras" in sys.modules:
        return
    installed = [name for name in BACKENDS if _is_installed(name)]
    if not installed:
        raise ImportError(
            "keras_mocogan needs one of the three backends of Keras, and none is "
            f"installed. Install one:\n{_commands(BACKENDS)}"
        )
    chosen = os.environ.get("KERAS_BACKEND") or None  # as Keras reads it
    if chosen is None and _configured() not in installed:
        os.environ["KERAS_BACKEND"] = installed[0]
    elif chosen in BACKENDS and chosen not in installed:
        raise ImportError(
            f"KERAS_BACKEND={chosen} must be installed. Received: an environment with "
            f"{', '.join(installed)} only. Set KERAS_BACKEND={installed[0]}, or:\n"
            f"{_commands([chosen])}"
        )


def _quiet_command():
    """Keeps TensorFlow's notes about the machine out of a command's output."""
    # "-m" is `python -m keras_mocogan.cli`, before that module is found.
    program = Path(sys.argv[0]).stem if sys.argv else ""
    if program in (_COMMAND, "-m"):
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def _is_installed(name):
    spec = importlib.util.find_spec(name)
    return spec is not None and spec.origin is not None


def _configured():
    """The backend in Keras' configuration file, where it is TensorFlow at first."""
    home = os.environ.get("KERAS_HOME", Path("~/.keras").expanduser())
    try:
        return json.loads((Path(home) / "keras.json").read_text())["backend"]
    except (OSError, ValueError, KeyError):
        return "tensorflow"


def _commands(names):
    return "\n".join(f'    pip install "keras-mocogan[{name}]"' for name in names)
