"""Files at URLs through fsspec: the engine that reads, and the only one that writes.

Calls are tried again as `retries` says. Errors say the URL: a missing file is an
`OSError` that concerns only this file; a `ConnectionError` concerns the storage.
"""

import functools
import os
import posixpath

from keras_mocogan.utils.remote.errors import translated
from keras_mocogan.utils.remote.retries import answer_of, patiently, place_of

# Bytes of one request: few enough to arrive in time over a slow line.
_LARGEST_REQUEST = 2**23
# Schemes of storage where a file needs an existing folder.
_WITH_FOLDERS = {"file", "ftp", "hdfs", "sftp", "smb"}
# Which package to install, where no extra brings it.
_PACKAGES = {
    "abfs": "adlfs",
    "az": "adlfs",
    "gcs": "gcsfs",
    "gs": "gcsfs",
    "hf": "huggingface_hub",
}


def can_open(url):
    """Whether fsspec and its file system for the URL's scheme are installed."""
    return _can_open(place_of(url))


def exists(url):
    # fsspec's own `exists` and `isdir` also say no where there was no answer.
    return _kind(url) is not None


def is_file(url):
    return _kind(url) == "file"


def is_folder(url):
    kind = _kind(url)
    if kind == "file" and url.startswith("http"):  # where a folder is a page of links
        return _ask(url, lambda system, path: system.isdir(path))
    return kind == "directory"


def list_folder(url):
    """Sorted URLs of the folders and of the files in a folder, hidden ones left out."""
    entries = _ask(url, lambda system, path: system.ls(path, detail=True))
    itself = url.rstrip("/").rpartition("/")[2]
    folders, files = set(), set()
    for entry in entries:
        path = entry["name"].rstrip("/")
        name = posixpath.basename(path)
        is_own = posixpath.basename(posixpath.dirname(path)) == itself
        if not is_own or not name or name.startswith("."):
            continue  # hidden, or not an entry of this folder
        is_folder = entry["type"] == "directory"
        (folders if is_folder else files).add(f"{url.rstrip('/')}/{name}")
    return sorted(folders), sorted(files)


def matching(pattern):
    def find(system, path):
        return [system.unstrip_protocol(name) for name in system.glob(path)]

    return sorted(_ask(pattern, find))


def size(url):
    return _info(url)["size"]


def version(url):
    """Something that changes when the file does, as text."""
    info = _info(url)
    marks = ("etag", "lastmodified", "mtime", "created")
    own = {key.lower().replace("_", ""): value for key, value in info.items()}
    mark = next((own[name] for name in marks if own.get(name) is not None), "")
    return f"{info['size']} {mark}".strip()


def read(url, offset=0, length=None):
    """`length` bytes from `offset` on, or all to the end."""
    if length is None:
        total = size(url)
        if total is None:  # of a server that does not say
            return _ask(url, lambda system, path: system.cat_file(path))[offset:]
        length = max(0, total - offset)
    parts = []
    for begin in range(offset, offset + length, _LARGEST_REQUEST):
        end = min(begin + _LARGEST_REQUEST, offset + length)
        part = _ask(url, functools.partial(_read_part, begin=begin, end=end))
        if len(part) > end - begin:  # a server that knows no ranges sends everything
            part = part[begin:end]
        parts.append(part)
        if len(part) < end - begin:
            break
    return parts[0] if len(parts) == 1 else b"".join(parts)


def read_now(url):
    """All bytes, or an error after one attempt: for whoever has something to fall
    back on."""
    system, path = _open(url)
    return translated(url, answer_of, url, lambda: system.cat_file(path))


def _read_part(system, path, begin, end):
    return system.cat_file(path, start=begin, end=end)


def write(url, content):
    """Writes bytes; folders that the storage needs are made."""

    def put(system, path):
        _make_parent(system, path)
        system.pipe_file(path, content)

    _write(url, put)


def upload(file, url):
    """Copies a local file to a URL."""

    def put(system, path):
        _make_parent(system, path)
        system.put_file(str(file), path)

    _write(url, put)


def download(url, file):
    """Copies what lies at a URL to a local file."""
    _write(url, lambda system, path: system.get_file(path, str(file)))


def remove(url):
    """Removes a file, if it exists."""

    def remove_one(system, path):
        if system.exists(path):
            system.rm_file(path)

    _write(url, remove_one)


def _kind(url):
    try:
        return _info(url)["type"]
    except (FileNotFoundError, NotADirectoryError):
        return None


def _info(url):
    return _ask(url, lambda system, path: system.info(path))


def _make_parent(system, path):
    # Object storage has no folders, and there `makedirs` would make a bucket.
    names = system.protocol  # one, or a tuple or list of them
    names = {names} if isinstance(names, str) else names
    if _WITH_FOLDERS.intersection(names):
        system.makedirs(system._parent(path), exist_ok=True)


def _ask(url, function):
    system, path = _open(url)

    def ask():
        return translated(url, answer_of, url, lambda: function(system, path))

    return patiently(url, ask)


def _write(url, function):
    # A large file takes longer than any answer.
    system, path = _open(url)
    return patiently(url, lambda: translated(url, function, system, path))


def _open(url):
    try:
        system = _file_system(place_of(url), os.getpid())
    except ImportError as error:
        raise ValueError(_not_installed(url, error)) from None
    except ValueError as error:
        raise ValueError(
            "A URL must begin with a scheme that fsspec knows, such as s3:// or gs://. "
            f"Received: {url}. {error}. Correct the URL, or pass a path."
        ) from None
    return system, system._strip_protocol(url)


@functools.lru_cache(64)
def _can_open(place):
    try:
        _file_system(place, os.getpid())
    except (ImportError, ValueError):
        return False
    return True


@functools.lru_cache(64)
def _file_system(place, process):
    # fsspec's own cache is for each thread, and reads come from many.
    import fsspec

    # Other processes write too: a kept listing would hide what they wrote.
    options = {"use_listings_cache": False, "skip_instance_cache": True}
    return fsspec.core.url_to_fs(place, **options)[0]


def _not_installed(url, error):
    scheme = url.partition("://")[0]
    package = _PACKAGES.get(scheme)
    beside = f", and `pip install {package}`" if package else ""
    return (
        f"URLs of {scheme}:// need fsspec and its file system for them. Received: "
        f"{url}, but {' '.join(str(error).split())}. "
        f"Run `pip install keras-mocogan[remote]`{beside}."
    )
