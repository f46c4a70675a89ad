"""Features of real clips in a file, and what tells whether they still fit."""

import hashlib
import json
import os
from collections.abc import Callable
from typing import Any
from zipfile import BadZipFile

import keras
import numpy as np

from keras_mocogan.metrics.checks import to_numpy
from keras_mocogan.metrics.protocols import Protocol
from keras_mocogan.utils.files import local_copy, replacing
from keras_mocogan.utils.remote.remote_path import as_path

_FORMAT = 1
# How far the answers of one network may be apart on two machines, of the largest.
_TOLERANCE = 1e-3
_PROBES = 2


def load_or_compute(
    path: str | os.PathLike[str],
    real: Any,
    protocol: Protocol,
    extractor: Callable[[np.ndarray], np.ndarray],
    seed: int,
    compute: Callable[[], list[np.ndarray]],
) -> list[np.ndarray]:
    """The features in a file, or those that are computed and then kept there.

    Args:
        path: Path or URL of the file.
        real: Array of videos, or what `km.data.video_dataset` returned.
        protocol: `Protocol`.
        extractor: Must answer to clips of noise as it did when the file was written.
        seed: What fixes the windows.
        compute: Function that returns the features.

    Returns:
        List of float64 arrays `(clips, dimensions)`, one for each run.

    Raises:
        ValueError: If the file does not fit, which says what is different; or if
            nothing tells whether the clips are still the same.
    """
    description = {
        "format": _FORMAT,
        "clips": _fingerprint(real),
        "protocol": [protocol.frames, protocol.stride, protocol.real, protocol.runs],
        "seed": int(seed),
    }
    path = as_path(path)
    probe = _probe(extractor, (protocol.frames, *frame_shape(real)))
    if path.exists():
        found, kept_probe, runs = _read(path)
        _check(path, found, description, kept_probe, probe)
        return runs
    runs = compute()
    arrays = {f"run_{number}": run for number, run in enumerate(runs)}
    header = np.array(json.dumps(description))
    with replacing(path) as part, open(part, "wb") as file:
        np.savez(file, header=header, probe=probe, **arrays)
    return runs


def _fingerprint(real):
    if isinstance(real, np.ndarray):
        digest = hashlib.sha256(f"{real.shape} {real.dtype}".encode())
        digest.update(np.ascontiguousarray(real))
        return digest.hexdigest()
    if not hasattr(real, "clips_fingerprint"):
        raise ValueError(
            "`real` must be an array, or a data set as `km.data.video_dataset` returns "
            "it, if its features are to be kept: nothing else tells whether the clips "
            f"are still the same. Received: a {type(real).__name__}. Leave "
            "`real_features` out, or pass the data set without `map` or `take`."
        )
    return real.clips_fingerprint()


def frame_shape(real: np.ndarray | Any) -> tuple[int, int, int]:
    """Height, width and channels of real clips, an array or a data set."""
    if isinstance(real, np.ndarray):
        return real.shape[2:]
    return tuple(keras.tree.flatten(real.element_spec)[0].shape)[2:]


def _probe(extractor, clip_shape):
    """Features of clips of noise: they tell networks of any kind apart."""
    noise = np.random.RandomState(0).randint(0, 256, (_PROBES, *clip_shape))
    return to_numpy(extractor(noise.astype("uint8")))


def _read(path):
    try:
        with local_copy(path) as local, np.load(local, allow_pickle=False) as file:
            arrays = dict(file)
        header, probe = arrays.pop("header"), arrays.pop("probe")
        runs = [arrays[f"run_{run}"] for run in range(len(arrays))]
        return dict(json.loads(str(header))), probe, runs
    # A file cut short, of another kind, or of another program.
    except (ValueError, KeyError, TypeError, OSError, EOFError, BadZipFile) as error:
        raise ValueError(
            "`real_features` must be a file that an earlier evaluation wrote. "
            f"Received: {path}, which is not ({type(error).__name__}: {error}). Delete "
            "it, or choose another name."
        ) from None


def _check(path, found, wanted, probe, answers):
    """Raises `ValueError` if a file was made from something else."""
    different = [name for name, value in wanted.items() if found.get(name) != value]
    if probe.shape != answers.shape:
        different.append("network")
    elif not np.allclose(probe, answers, 0, _TOLERANCE * np.abs(answers).max()):
        different.append("network")
    if different:
        raise ValueError(
            "`real_features` must be a file of the same clips, protocol, seed and "
            f"network. Received: {path}, which differs in: {', '.join(different)}. "
            "Delete it, or choose another name."
        )
