"""Reads real clips from `.npz` files, for several scripts.

A file holds `videos`, uint8 `(n, frames, height, width, channels)`; `labels`, integers
`(n,)`; and for each attribute NAME `attr_NAME`, integers `(n,)`. `names_NAME` may hold
the names of its classes, and `names_labels` those of the labels.
"""

import os
import zipfile
from typing import NamedTuple

import numpy as np
from absl import app


class Clips(NamedTuple):
    """The content of a file.

    Attributes:
        videos: uint8 of shape `(n, frames, height, width, channels)`.
        labels: Integers of shape `(n,)`, or None.
        attributes: Name -> integers of shape `(n,)`.
        names: Name of an attribute, or `labels` -> list of names of its classes.
    """

    videos: np.ndarray
    labels: np.ndarray | None
    attributes: dict[str, np.ndarray]
    names: dict[str, list[str]]


def read(path):
    """The `Clips` in a file; `app.UsageError` if it has none."""
    path = os.path.expanduser(path)
    if not zipfile.is_zipfile(path):  # which NumPy would call a pickle
        raise app.UsageError(f"There must be an `.npz` file. Received: {path}.")
    with np.load(path, allow_pickle=False) as file:
        arrays = dict(file)
    if "videos" not in arrays:
        raise app.UsageError(f"{path} must hold `videos`. Received: {sorted(arrays)}.")
    return Clips(
        arrays["videos"],
        arrays.get("labels"),
        _with_prefix(arrays, "attr_"),
        {name: list(map(str, n)) for name, n in _with_prefix(arrays, "names_").items()},
    )


def _with_prefix(arrays, prefix):
    return {
        name.removeprefix(prefix): array
        for name, array in arrays.items()
        if name.startswith(prefix)
    }
