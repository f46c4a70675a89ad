"""Files that are either complete or absent, on this machine or at a URL."""

import contextlib
import os
import tempfile
import uuid
from pathlib import Path

from keras_mocogan.utils.remote import fsspec_files
from keras_mocogan.utils.remote.remote_path import as_path, is_url


@contextlib.contextmanager
def replacing(path):
    """Gives a local path, and moves what was written there onto `path`.

    A reader sees the old file or the new one, never half of it. The suffix stays the
    same, because writers choose their format by it; missing folders are made. A URL
    gets the complete file in one piece: object storage shows it when all has arrived.
    """
    path = as_path(path)
    if is_url(path):
        with tempfile.TemporaryDirectory() as folder:
            temporary = Path(folder) / path.name
            yield temporary
            fsspec_files.upload(temporary, str(path))
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.stem}.{uuid.uuid4().hex}{path.suffix}")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def local_copy(path):
    """The `Path` of a file, or of a temporary copy of what lies at a URL."""
    path = as_path(path)
    if not is_url(path):
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        fsspec_files.download(str(path), copy)
        yield copy


@contextlib.contextmanager
def filling(folder):
    """The `Path` of a folder, or of a temporary one that is then copied to a URL.

    Files are copied in the order in which they were written: the last one may say that
    all are there.
    """
    folder = as_path(folder)
    if not is_url(folder):
        yield folder
        return
    with tempfile.TemporaryDirectory() as temporary:
        yield Path(temporary)
        files = [path for path in sorted(Path(temporary).rglob("*")) if path.is_file()]
        for file in sorted(files, key=lambda path: path.stat().st_mtime_ns):
            name = file.relative_to(temporary).as_posix()
            fsspec_files.upload(file, str(folder / name))


def remove_unfinished(folder, stem="*"):
    """Removes the unfinished files that killed writers left in `folder`.

    Args:
        folder: The folder; it does not have to exist. At a URL nothing is left.
        stem: Pattern of the files' names without suffix, for a folder that others
            write to as well.
    """
    if is_url(folder):
        return
    for left_over in Path(folder).glob(f".{stem}.{'[0-9a-f]' * 32}*"):
        left_over.unlink()


def size_of(path):
    """Bytes of a file, or None if there is none."""
    path = as_path(path)
    if not path.exists():
        return None
    return fsspec_files.size(str(path)) if is_url(path) else os.path.getsize(path)
