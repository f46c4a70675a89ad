"""Calls from tf.data into Python, none of which may still run when Python ends.

A thread that asks for the interpreter's lock after that never gets it, and tf.data
waits for the thread: a script that ended with a half-read data set would hang.
"""

import atexit
import functools
import threading
import time

# Seconds: longer than decoding any clip takes, and longer than tf.data waits between
# calls.
_PATIENCE, _PAUSE = 60, 0.2

_changed = threading.Condition()
_under_way = 0
_refused = 0
_ending = False
_before_waiting = []


def call(function, arguments, types):
    """`tf.numpy_function` that is refused once Python is ending.

    Args:
        function: Takes and returns arrays; not stateful: its results depend only on its
            arguments.
        arguments: List of tensors.
        types: Data types of the results.

    Returns:
        The results' tensors.
    """
    import tensorflow as tf

    _watch_for_the_end()

    def counted(*arrays):
        _enter()
        try:
            return function(*arrays)
        finally:
            _leave()

    return tf.numpy_function(counted, arguments, types, stateful=False)


def at_end(function):
    """Registers a `function` for the interpreter's end, to make slow calls return."""
    _before_waiting.append(function)


def _enter():
    global _under_way, _refused
    with _changed:
        if _ending:
            _refused += 1
            raise RuntimeError("the Python process is ending, no more clips are read")
        _under_way += 1


def _leave():
    global _under_way
    with _changed:
        _under_way -= 1
        _changed.notify_all()


@functools.cache
def _watch_for_the_end():
    atexit.register(_end)


def _end():
    global _ending
    _ending = True
    for function in _before_waiting:
        function()
    with _changed:
        _changed.wait_for(lambda: not _under_way, _PATIENCE)
    _wait_for_full_buffers()


def _wait_for_full_buffers():
    """tf.data goes on calling until its buffers are full, now with errors."""
    for _ in range(int(_PATIENCE / _PAUSE)):
        before = _refused
        time.sleep(_PAUSE)
        if _refused == before:
            return
