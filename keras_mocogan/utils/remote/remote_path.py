"""Paths of files and folders, on this machine or at URLs."""

import fnmatch
import io
import os
import posixpath
from pathlib import Path

from keras_mocogan.utils.remote import fsspec_files as files


def is_url(path):
    return "://" in str(path)


def as_path(path):
    """A `Path`, or a `RemotePath` for a URL. `Path` would drop one of its slashes.

    `~` stands for the home folder, as everywhere in the package.
    """
    if isinstance(path, RemotePath):
        return path
    # Unlike `Path.expanduser`, it leaves names alone that only begin with a tilde.
    return RemotePath(path) if is_url(path) else Path(os.path.expanduser(path))


class RemotePath:
    """A URL with those methods of `pathlib.Path` that the package uses.

    Args:
        url: Text such as `"s3://bucket/run"`.
    """

    def __init__(self, url):
        self._url = str(url).rstrip("/")

    def __str__(self):
        return self._url

    def __fspath__(self):
        return self._url

    def __repr__(self):
        return f"RemotePath({self._url!r})"

    def __eq__(self, other):
        return isinstance(other, RemotePath) and self._url == other._url

    def __hash__(self):
        return hash(self._url)

    def __truediv__(self, name):
        return RemotePath(f"{self._url}/{name}")

    @property
    def name(self):
        return posixpath.basename(self._url)

    @property
    def stem(self):
        return posixpath.splitext(self.name)[0]

    @property
    def suffix(self):
        return posixpath.splitext(self.name)[1]

    @property
    def parent(self):
        return RemotePath(posixpath.dirname(self._url))

    def with_name(self, name):
        return self.parent / name

    def expanduser(self):
        return self

    def exists(self):
        return files.exists(self._url)

    def is_file(self):
        return files.is_file(self._url)

    def iterdir(self):
        """The folders and the files in a folder; of one that does not exist none."""
        try:
            found = files.list_folder(self._url)
        except FileNotFoundError:
            return iter(())
        return (RemotePath(url) for urls in found for url in urls)

    def glob(self, pattern):
        """The entries whose names match."""
        return (p for p in self.iterdir() if fnmatch.fnmatchcase(p.name, pattern))

    def mkdir(self, parents=False, exist_ok=False):
        """Does nothing: writing a file makes its folder where storage needs one."""

    def read_bytes(self):
        return files.read(self._url)

    def read_text(self, encoding="utf-8"):
        return self.read_bytes().decode(encoding)

    def write_bytes(self, content):
        files.write(self._url, content)

    def write_text(self, text, encoding="utf-8"):
        self.write_bytes(text.encode(encoding))

    def open(self, newline=None):
        """A file object of the text."""
        return io.StringIO(self.read_text(), newline=newline)

    def unlink(self, missing_ok=False):
        files.remove(self._url)


os.PathLike.register(RemotePath)
