"""Copies of presets at URLs, in Keras' folder.

Weights are kept under their checksums, so a copy is never stale. `config.json`, which
names the checksums, is read from the URL each time; its copy is for when none answers.
"""

import contextlib
import hashlib
import os
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from keras_mocogan.presets.checksums import checksum
from keras_mocogan.utils.files import local_copy, replacing
from keras_mocogan.utils.remote import fsspec_files
from keras_mocogan.utils.remote.errors import CertainError
from keras_mocogan.utils.remote.remote_path import RemotePath, is_url

# What is on this machine anyway.
_LOCAL = ("file://", "local://", "memory://")
_CHECKSUM = re.compile("[0-9a-f]{64}")


def read_config(path: Path | RemotePath) -> str:
    """The text of a preset's `config.json`, its copy if the URL cannot be reached.

    Raises:
        FileNotFoundError: If there is none.
        ConnectionError: If the URL cannot be reached, and there is no copy.
    """
    copy = _place(path, hashlib.sha256(str(path).encode()).hexdigest(), ".json")
    if copy is None:
        return path.read_text(encoding="utf-8")
    if not copy.is_file():
        text = path.read_text(encoding="utf-8")
    else:
        try:
            text = fsspec_files.read_now(str(path)).decode("utf-8")
        except CertainError:  # an answer, and no
            raise
        except ConnectionError as error:
            warnings.warn(f"{error} The copy in {copy} is used.", stacklevel=2)
            return copy.read_text("utf-8")
    with replacing(copy) as part:
        part.write_text(text, "utf-8")
    return text


@contextlib.contextmanager
def weights_file(path: Path | RemotePath, wanted: Any) -> Iterator[Path]:
    """The `Path` of a file of weights, or of a copy of what lies at a URL.

    Args:
        path: Of the file.
        wanted: Its SHA-256. A copy that has another one is not kept.
    """
    is_checksum = isinstance(wanted, str) and _CHECKSUM.fullmatch(wanted)
    copy = _place(path, wanted, ".weights.h5") if is_checksum else None
    if copy is None:
        with local_copy(path) as file:
            yield file
        return
    if not copy.is_file() or checksum(copy) != wanted:
        with replacing(copy) as part:
            fsspec_files.download(str(path), part)
    try:
        yield copy
    except ValueError:  # damaged on its way, or not what it should be
        copy.unlink(missing_ok=True)
        raise


def _place(path, name, ending):
    """Where a copy lies or would lie; None where there is no need or no room."""
    if not is_url(path) or str(path).startswith(_LOCAL):
        return None
    home = os.environ.get("KERAS_HOME") or Path.home() / ".keras"
    folder = Path(home) / "keras_mocogan" / "presets"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder / f"{name}{ending}" if os.access(folder, os.W_OK) else None
