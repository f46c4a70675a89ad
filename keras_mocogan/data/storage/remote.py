"""Reads URLs through tensorflow-io's file systems, in a child process.

A process that has used tensorflow-io's S3 file system aborts when it exits, which would
make a finished training run look as if it had failed. In the child nobody sees it.
"""

import itertools
import pickle
import subprocess
import sys
import threading
from concurrent.futures import Future
from pathlib import Path

from keras_mocogan.data.storage import python_calls as calls
from keras_mocogan.utils.remote.errors import AccessError
from keras_mocogan.utils.remote.retries import is_ending, patiently, wait_for

_SERVER = Path(__file__).with_name("remote_server.py")

_lock = threading.Lock()
_child = None


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


def read(url, offset=0, length=None):
    return _ask("read", url, offset, length)


def version(url):
    """Something that changes when the file does, as text."""
    return str(size(url))


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
        """The `Future` of an answer."""
        answer = Future()
        with self._writing:
            number = next(self._numbers)
            self._waiting[number] = answer
            pickle.dump((number, *request), self._process.stdin)
            self._process.stdin.flush()
        return answer

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
    return patiently(url, lambda: _ask_once(operation, url, *arguments))


def _ask_once(operation, url, *arguments):
    global _child
    if is_ending():
        raise ConnectionError(f"{url}: not read, the Python process is ending")
    with _lock:
        if _child is None or not _child.alive:
            _child = _Child()
        child = _child
    answer = child.ask(operation, url, *arguments)
    try:
        return wait_for(url, answer)
    except PermissionError as error:
        raise AccessError(f"{error}. Check the credentials.") from None
    except ConnectionError:
        # tensorflow-io tries for minutes to reach a server that is gone.
        if not answer.done():
            child.stop()  # and with it all waiting calls
        raise
