"""The files in a folder of checkpoints: names, which are complete, which to remove."""

import glob
import json
import os
import re
import shutil
import warnings
import zipfile
from pathlib import Path

import keras

from keras_mocogan.utils import processes
from keras_mocogan.utils.files import local_copy, remove_unfinished, replacing
from keras_mocogan.utils.remote.remote_path import RemotePath, as_path, is_url

_UNFINISHED = ".unfinished"
_BEST = "best.json"


def save_atomically(model: keras.Model, path: str | os.PathLike[str]) -> None:
    """Saves a model as `model.save` does, but never leaves half a file at `path`.

    Unfinished files that a killed call left beside it are removed, so two calls must
    not run at once. Of several processes only the first one saves.

    Args:
        model: A `keras.Model`.
        path: Path or URL of the `.keras` file; missing folders are made.
    """
    if not processes.is_primary():
        return
    path = as_path(path)
    remove_unfinished(path.parent, glob.escape(path.stem))
    with replacing(path) as temporary, processes.single_process_scope():
        model.save(temporary)


def save_checkpoint(model, directory, step):
    """Saves a model as `directory/step_00001500.keras` or the like, completely or not.

    Returns:
        The `Path` of the file.
    """
    path = path_of(directory, step)
    if is_url(path):
        with replacing(path) as temporary, processes.single_process_scope():
            model.save(temporary)
        return path
    # In a separate folder: for large models Keras writes a temporary file beside the
    # model's, and leaves it there when it is killed.
    unfinished = path.parent / _UNFINISHED
    unfinished.mkdir(parents=True, exist_ok=True)
    with processes.single_process_scope():
        model.save(unfinished / path.name)
    os.replace(unfinished / path.name, path)
    shutil.rmtree(unfinished)
    return path


def path_of(directory, step):
    """The `Path` of a step's checkpoint."""
    return as_path(directory) / f"step_{step:08d}.keras"


def step_of(path):
    """The step in a checkpoint's name."""
    return int(re.fullmatch(r"step_(\d+)", path.stem)[1])


def checkpoints(directory):
    """The `Path`s of all checkpoints, whole or damaged, from the first step on."""
    found = as_path(directory).glob("step_*.keras")
    return sorted((p for p in found if re.fullmatch(r"step_\d+", p.stem)), key=step_of)


def latest_checkpoint(
    directory: str | os.PathLike[str],
) -> Path | RemotePath | None:
    """The newest whole checkpoint that `Checkpoint` wrote to a folder.

    Every byte of the file is checked. A file that is incomplete or damaged is skipped
    with a warning.

    Args:
        directory: The folder or its URL; it does not have to exist.

    Returns:
        The `Path` of the `.keras` file, or None where there is none. Of a URL it is an
        object whose `str` is the file's URL; `keras_mocogan.load_model` takes both.
    """
    for path in reversed(checkpoints(directory)):
        if _is_whole(path):
            return path
        warnings.warn(f"{path} is incomplete or damaged, and is skipped.", stacklevel=2)
    return None


def clear_the_way(directory, step):
    """Prepares a folder for the checkpoints of a run that is at `step`.

    Removes what killed writers left there, and damaged checkpoints of later steps.

    Raises:
        ValueError: If a whole checkpoint of a later step lies there.
    """
    if not is_url(directory):
        shutil.rmtree(Path(directory) / _UNFINISHED, ignore_errors=True)
    for path in checkpoints(directory):
        if step_of(path) <= step:
            continue
        if _is_whole(path):
            raise ValueError(
                "`directory` must hold no checkpoint of a later step than the model, "
                f"which has made {step}. Received: {path}. Another run wrote it, or "
                "the model came from an older checkpoint. Load that file to go on from "
                "there, choose another folder, or remove the later checkpoints."
            )
        path.unlink()


def remove_old(directory, keep):
    """Removes all checkpoints but the `keep` newest and the best."""
    best = read_best(directory)
    for path in checkpoints(directory)[:-keep]:
        if best is None or path.name != best["file"]:
            path.unlink()


def write_best(path, monitor, value):
    """Records in `best.json` that a checkpoint has the best value of a log so far."""
    note = {"file": path.name, "monitor": monitor, "value": value}
    with replacing(path.with_name(_BEST)) as temporary:
        temporary.write_text(json.dumps(note))


def read_best(directory):
    """What `write_best` recorded, a dictionary, or None if its file is gone."""
    path = as_path(directory) / _BEST
    if not path.exists():
        return None
    note = json.loads(path.read_text())
    return note if path.with_name(note["file"]).exists() else None


def _is_whole(path):
    try:
        with local_copy(path) as file, zipfile.ZipFile(file) as archive:
            return archive.testzip() is None
    except ConnectionError:  # the storage's failure, not the file's
        raise
    except Exception:  # zipfile raises all kinds of errors for broken archives
        return False
