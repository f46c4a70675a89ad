"""The child process of `remote`: runs tensorflow-io, without this package.

Requests and answers are pickles on standard input and output.
"""

import concurrent.futures
import contextlib
import os
import pickle
import sys
import threading

# These are older than the package's own TensorFlow, so they are named in words.
_PAIRS = "TensorFlow 2.16 or 2.17 with tensorflow-io 0.37.1, on Python 3.12 or older"
_THREADS = 8


def load_tensorflow(url):
    """TensorFlow with a file system for the URL's scheme."""
    scheme = url.split("://")[0]
    import tensorflow as tf

    with contextlib.suppress(RuntimeError):  # too late
        tf.config.set_visible_devices([], "GPU")  # the parent's backend computes there
    if scheme in tf.io.gfile.get_registered_schemes():
        return tf
    if scheme in ("http", "https"):  # they list no folders
        raise ValueError(
            "`source` must be a path, or a URL of storage that lists its folders. "
            f"Received: {url}. URLs of {scheme}:// cannot be read: download the clips, "
            "and pass the path."
        )
    install = (
        f"keras-mocogan[io] must be installed for URLs of {scheme}://: {_PAIRS}. "
        f"Received: {url}."
    )
    try:
        import tensorflow_io  # noqa: F401  (registers its file systems)
    except ImportError as error:
        raise ValueError(f"{install} tensorflow-io is missing: {error}") from None
    if scheme not in tf.io.gfile.get_registered_schemes():
        raise ValueError(
            f"{install} This is TensorFlow {tf.__version__}, which does not accept the "
            f"file systems of tensorflow-io {tensorflow_io.__version__}."
        )
    return tf


def answer(operation, url, *arguments):
    gfile = load_tensorflow(url).io.gfile
    if "/" not in url.split("://")[1]:
        url += "/"  # a whole bucket
    return _OPERATIONS[operation](gfile, url, *arguments)


def exists(gfile, url):
    return gfile.exists(url)


def is_folder(gfile, url):
    return gfile.isdir(url)


def list_folder(gfile, url):
    folders, files = [], []
    for entry in gfile.listdir(url):
        name = entry.rstrip("/")
        if not name or name.startswith(".") or "/" in name:
            continue  # hidden, or not an entry of this folder
        path = f"{url.rstrip('/')}/{name}"
        # Object storage marks folders; asking would cost a request for each entry.
        is_folder = entry.endswith("/") or ("." not in name and gfile.isdir(path))
        (folders if is_folder else files).append(path)
    return sorted(folders), sorted(files)


def matching(gfile, pattern):
    return sorted(gfile.glob(pattern))


def size(gfile, url):
    return gfile.stat(url).length


def read(gfile, url, offset, length):
    with gfile.GFile(url, "rb") as file:
        if offset:
            file.seek(offset)
        return file.read(-1 if length is None else length)


_OPERATIONS = {
    function.__name__: function
    for function in (exists, is_folder, list_folder, matching, size, read)
}


def _kind(name):
    """The class of the error that stands for one of TensorFlow's."""
    if name in ("PermissionDeniedError", "UnauthenticatedError"):
        return PermissionError
    # A missing clip concerns only that clip; everything else is the storage's.
    return OSError if name in ("NotFoundError", "OutOfRangeError") else ConnectionError


def main():
    """Answers requests, several in parallel, until the parent process has ended."""
    output, writing = sys.stdout.buffer, threading.Lock()
    sys.stdout = sys.stderr  # printed text must not get between the answers

    def serve(number, operation, url, *arguments):
        try:
            reply = (number, None, answer(operation, url, *arguments))
        except ValueError as error:
            reply = (number, error, None)
        except Exception as error:  # TensorFlow's do not survive pickling
            message = f"{url}: {type(error).__name__}: {' '.join(str(error).split())}"
            reply = (number, _kind(type(error).__name__)(message), None)
        with writing:
            pickle.dump(reply, output)
            output.flush()

    with concurrent.futures.ThreadPoolExecutor(_THREADS) as pool:
        while True:
            try:
                request = pickle.load(sys.stdin.buffer)
            except EOFError:  # the parent has ended
                os._exit(0)
            pool.submit(serve, *request)


if __name__ == "__main__":
    main()
