"""Folders and files: on this machine, or at a URL such as `s3://bucket/clips`."""

import glob
import os
from typing import NamedTuple


class Folder(NamedTuple):
    """What lies in a folder, hidden entries left out: sorted full paths."""

    folders: list
    files: list


def is_url(path):
    return "://" in path


def exists(path):
    return _remote().exists(path) if is_url(path) else os.path.exists(path)


def is_folder(path):
    return _remote().is_folder(path) if is_url(path) else os.path.isdir(path)


def list_folder(path):
    """The `Folder` at `path`."""
    if is_url(path):
        return Folder(*_remote().list_folder(path))
    folders, files = [], []
    with os.scandir(path) as entries:
        for entry in entries:
            if not entry.name.startswith("."):
                (folders if entry.is_dir() else files).append(entry.path)
    return Folder(sorted(folders), sorted(files))


def matching(pattern):
    """Sorted paths of the files that a pattern such as `a/*.tfrecord` stands for."""
    found = _remote().matching(pattern) if is_url(pattern) else glob.glob(pattern)
    return sorted(found)


def read(path, offset=0, length=None):
    """`length` bytes from `offset` on, or all to the end."""
    if is_url(path):
        return _remote().read(path, offset, length)
    with open(path, "rb") as file:
        file.seek(offset)
        return file.read(-1 if length is None else length)


def version(path):
    """Something that changes when the file does, as text."""
    if is_url(path):
        return str(_remote().size(path))
    status = os.stat(path)
    return f"{status.st_size} {status.st_mtime_ns}"


def open_remote(path):
    """A seekable binary file object for a URL, read as far as it is asked for."""
    return _remote().open_file(path)


def _remote():
    # Started at the first URL: it runs TensorFlow in a process of its own.
    from keras_mocogan.data import remote

    return remote
