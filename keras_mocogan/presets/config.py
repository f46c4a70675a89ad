"""The file that says what a preset is: `config.json`.

It is JSON: `"format"`, the version of this layout; `"class"`, the model's; `"config"`,
the arguments of its constructor; `"weights"`, file -> SHA-256; `"about"`, what is known
of it; and `"versions"`, of the packages that wrote it.
"""

import json
from pathlib import Path
from typing import Any

from keras_mocogan.presets import cache
from keras_mocogan.presets.locations import CONFIG
from keras_mocogan.utils.files import replacing
from keras_mocogan.utils.remote.remote_path import RemotePath

# Raised when a reader of the version before would go wrong.
FORMAT = 1

_PARTS = {"format": int, "class": str, "config": dict, "weights": dict, "about": dict}


def read_config(folder: Path | RemotePath) -> dict[str, Any]:
    """What the `config.json` of a preset holds.

    Raises:
        ValueError: If there is none, it is not a preset's, or a newer version of the
            package wrote it.
    """
    path = folder / CONFIG
    try:
        held = json.loads(cache.read_config(path))
    except FileNotFoundError:
        raise ValueError(
            f"A preset must hold {CONFIG}. Received: {folder}, which has none. Check "
            "the name of the folder."
        ) from None
    except ValueError as error:  # no text, or no JSON
        raise ValueError(
            f"{CONFIG} of a preset must be JSON. Received: {path}: {error}. Get the "
            "file again."
        ) from None
    _check(held, path)
    return held


def _check(held, path):
    wanted = {name: kind.__name__ for name, kind in _PARTS.items()}
    version = held.get("format") if isinstance(held, dict) else None
    if isinstance(version, int) and version > FORMAT:
        raise ValueError(
            f"A preset must be of format {FORMAT} or older. Received: {path} of format "
            f"{version}, by {held.get('versions')}. Run `pip install --upgrade "
            "keras-mocogan`."
        )
    fits = isinstance(held, dict) and all(
        isinstance(held.get(name), kind) for name, kind in _PARTS.items()
    )
    if not fits:
        found = sorted(held) if isinstance(held, dict) else type(held).__name__
        raise ValueError(
            f"{CONFIG} of a preset must hold {wanted}. Received: {path}, which holds "
            f"{found}. Write the preset by `model.save_to_preset`."
        )


def check_about(about: dict[str, Any]) -> None:
    """Refuses what `config.json` cannot hold, before any file is written.

    Raises:
        ValueError: If something in it is not plain.
    """
    try:
        _to_text(about)
    except (TypeError, ValueError) as error:
        raise ValueError(
            "`about` must hold plain values: dictionaries, lists, text, finite "
            f"numbers. Received: {about!r}: {error}. Convert arrays and their numbers "
            "by `tolist()`."
        ) from None


def write_config(folder: Path, held: dict[str, Any]) -> None:
    """Writes `config.json` in one piece, last of all: it makes a folder a preset."""
    text = _to_text(held)
    with replacing(folder / CONFIG) as part:
        part.write_text(text, "utf-8")


def _to_text(held):
    return json.dumps(held, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
