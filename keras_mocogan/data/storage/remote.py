"""Reads URLs through tensorflow-io's file systems, in a child process.

A process that has used tensorflow-io's S3 file system aborts when it exits, which would
make a finished training run look as if it had failed. In the child nobody sees it.
"""

import io
import itertools
import pickle
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from pathlib import Path

from keras_mocogan.data.storage import python_calls as calls

_SERVER = Path(__file__).with_name("remote_server.py")
_BUFFER = 2**18
# tensorflow-io tries for minutes to reach a server that is gone.
_TIMEOUT = 30

_lock = threading.Lock()
_child = None
_silent_until = 0.0


def exists(url):
    return _ask("exists", url)


def is_folder(url):
    return _ask("is_folder", url)


def list_folder(url):
    return _ask("list_folder", url)


def matching(pattern):
    return _ask("matching", pattern)


def size(url):
    return _ask("size", url)


def read(url, offset, length):
    return _ask("read", url, offset, length)


def open_file(url):
    """A seekable, buffered file object."""
    return io.BufferedReader(_RemoteFile(url), _BUFFER)


class _RemoteFile(io.RawIOBase):
    def __init__(self, url):
        self._url, self._size, self._position = url, size(url), 0

    def readable(self):
        return True

    def seekable(self):
        return True

    def tell(self):
        return self._position

    def seek(self, offset, whence=io.SEEK_SET):
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}
        self._position = start[whence] + offset
        return self._position

    def readinto(self, buffer):
        length = max(0, min(len(buffer), self._size - self._position))
        content = read(self._url, self._position, length) if length else b""
        buffer[: len(content)] = content
        self._position += len(content)
        return len(content)


class _Child:
    """The process that reads; answers come in any order."""

    def __init__(self):
        self._process = subprocess.Popen(
            [sys.executable, str(_SERVER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._numbers = itertools.count()
        self._waiting = {}
        self._writing = threading.Lock()
        threading.Thread(target=self._receive, daemon=True).start()
        calls.at_end(self.stop)

    @property
    def alive(self):
        return self._process.poll() is None

    def ask(self, *request):
        answer = Future()
        with self._writing:
            number = next(self._numbers)
            self._waiting[number] = answer
            pickle.dump((number, *request), self._process.stdin)
            self._process.stdin.flush()
        return answer.result(_TIMEOUT)

    def stop(self):
        """Ends the process; waiting callers get an error."""
        self._process.kill()
        self._process.wait()

    def _receive(self):
        try:
            while True:
                number, error, value = pickle.load(self._process.stdout)
                answer = self._waiting.pop(number)
                if error is None:
                    answer.set_result(value)
                else:
                    answer.set_exception(error)
        except (EOFError, pickle.UnpicklingError, OSError):
            for answer in list(self._waiting.values()):
                answer.set_exception(
                    ConnectionError("the process that reads URLs has ended")
                )


def _ask(operation, url, *arguments):
    global _child, _silent_until
    if calls.is_ending():
        raise ConnectionError(f"{url}: not read, the Python process is ending")
    if time.monotonic() < _silent_until:
        # Otherwise the reads that tf.data has started would wait too, one by one.
        raise ConnectionError(f"{url}: storage gave no answer a moment ago")
    with _lock:
        if _child is None or not _child.alive:
            _child = _Child()
        child = _child
    try:
        return child.ask(operation, url, *arguments)
    except TimeoutError:
        _silent_until = time.monotonic() + _TIMEOUT
        child.stop()  # and with it all waiting calls
        raise ConnectionError(f"{url}: no answer in {_TIMEOUT} s") from None
