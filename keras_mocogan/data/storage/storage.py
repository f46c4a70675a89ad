"""Folders and files: on this machine, or at a URL such as `s3://bucket/clips`."""

import glob
import os
import stat
from typing import NamedTuple

from keras_mocogan.data.storage.engines import engine_of
from keras_mocogan.data.storage.remote_file import open_file
from keras_mocogan.utils.remote import fsspec_files
from keras_mocogan.utils.remote.remote_path import is_url


class Folder(NamedTuple):
    """The content of a folder without hidden entries: sorted full paths.

    `files` holds everything that is not a folder, even links that lead nowhere: each of
    them fails by itself when it is opened.
    """

    folders: list
    files: list


def is_pattern(path):
    return any(character in path for character in "*?[")


def exists(path):
    return engine_of(path).exists(path) if is_url(path) else os.path.exists(path)


def is_folder(path):
    return engine_of(path).is_folder(path) if is_url(path) else os.path.isdir(path)


def list_folder(path):
    """The `Folder` at `path`."""
    if is_url(path):
        return Folder(*engine_of(path).list_folder(path))
    folders, files = [], []
    with os.scandir(path) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if not _is_folder(entry):
                files.append(entry.path)
            elif not _leads_back(entry, path):
                folders.append(entry.path)
    return Folder(sorted(folders), sorted(files))


def _is_folder(entry):
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _leads_back(entry, folder):
    """Whether a link leads to a folder above it, which holds the same clips again."""
    if not entry.is_symlink():
        return False
    target, folder = os.path.realpath(entry.path), os.path.realpath(folder)
    return os.path.commonpath([target, folder]) == target


def matching(pattern):
    """Sorted paths of the files that match a pattern such as `a/*.tfrecord`."""
    found = (
        engine_of(pattern).matching(pattern) if is_url(pattern) else glob.glob(pattern)
    )
    return sorted(found)


def read(path, offset=0, length=None):
    """`length` bytes from `offset` on, or all to the end."""
    if is_url(path):
        return engine_of(path).read(path, offset, length)
    check_regular(path)
    with open(path, "rb") as file:
        file.seek(offset)
        return file.read(-1 if length is None else length)


def check_regular(path):
    """Raises `ValueError` for anything that may block forever or never end."""
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise ValueError("it is not a regular file but a folder, a pipe or a device")


def size(path):
    """Bytes of a file."""
    return engine_of(path).size(path) if is_url(path) else os.path.getsize(path)


def version(path):
    """Something that changes when the file does, as text."""
    if is_url(path):
        return engine_of(path).version(path)
    status = os.stat(path)
    return f"{status.st_size} {status.st_mtime_ns}"


def reads_ahead(url):
    """Whether large blocks of a file may be kept: not with tensorflow-io."""
    return engine_of(url) is fsspec_files


def open_remote(path):
    """A seekable binary file object for a URL, of which only what is needed is read."""
    return open_file(path, engine_of(path))
