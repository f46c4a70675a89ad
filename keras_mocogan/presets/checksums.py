"""Checksums of a preset's files: they find damage, and files that do not belong."""

import hashlib
from pathlib import Path
from typing import Any

from keras_mocogan.presets.locations import CONFIG

_BLOCK = 2**20


def checksum(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def check_file(file: Path, path: Any, wanted: Any) -> None:
    """Compares a file's checksum with that of `config.json`.

    Args:
        file: The file, or a local copy.
        path: What it is called in the message.
        wanted: SHA-256 in hexadecimal digits.

    Raises:
        ValueError: If they differ.
    """
    found = checksum(file)
    if found != wanted:
        raise ValueError(
            f"A file of a preset must have the checksum that its {CONFIG} names, "
            f"SHA-256 {wanted}. Received: {path}, with {found}. It was changed, or did "
            "not arrive whole: get the folder again."
        )
