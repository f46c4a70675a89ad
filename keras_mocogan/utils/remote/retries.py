"""Patience with storage that does not answer: how long, how often, and when to stop.

Whatever engine reads or writes URLs, this is the only place that tries again.
"""

import concurrent.futures
import concurrent.futures.thread  # before `_ending`: see there
import logging
import threading
import time

from keras_mocogan.utils.remote.errors import CertainError

# Seconds from the first failure of a call to the last attempt.
PATIENCE = 60.0
# Seconds that one call may take: some libraries try for minutes by themselves.
TIMEOUT = 30.0
# The first pause between two attempts; each is twice as long as the one before.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 8.0
# How often a waiting thread looks whether the process is about to end.
_LOOK = 0.1

logger = logging.getLogger("keras_mocogan")

# What is known of each storage, by `place_of` its URLs.
_storages = {}


class _Storage:
    def __init__(self):
        self.given_up_until = 0.0
        self.told_until = 0.0


# Set when the main thread has ended, before pools of threads are waited for. `atexit`
# comes after that wait. Functions are called from the last registered to the first, and
# the pools' module has registered its own when it was imported.
_ending = threading.Event()
threading._register_atexit(_ending.set)


def is_ending():
    """Whether the interpreter is about to end: then nobody waits for an answer."""
    return _ending.is_set()


def patiently(url, function):
    """Calls a function until storage answers, for at most `PATIENCE` seconds.

    Args:
        url: What the call is about, for messages.
        function: Takes nothing, and raises `ConnectionError` if there was no answer.

    Returns:
        What the function returns.

    Raises:
        ConnectionError: If storage does not answer in time, or another call has just
            given it up, or nothing changes by waiting (`CertainError`).
    """
    storage = _storages.setdefault(place_of(url), _Storage())
    begin, pause = None, _FIRST_PAUSE
    while True:
        try:
            return function()
        except CertainError:
            raise
        except ConnectionError as error:
            now = time.monotonic()
            begin = now if begin is None else begin
            if is_ending():
                raise
            if now + pause > begin + PATIENCE:
                _give_up(storage, now)
            if now < storage.given_up_until:
                raise _at_the_end_of_patience(error) from None
            _tell(storage, error, now)
        _wait(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


def place_of(url):
    """The part of a URL that says which storage it is: scheme and bucket or host."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"


def forget():
    """Makes patience begin anew, as in a new process.

    Calls that are under way keep what they know of their storage.
    """
    _storages.clear()


def answer_of(url, function):
    """Calls a function in a thread that neither its end nor the process' waits for.

    Args:
        url: What the call is about, for messages.
        function: Takes nothing.

    Returns:
        What the function returns.

    Raises:
        ConnectionError: After `TIMEOUT` seconds, or as soon as the process is ending.
    """
    answer = concurrent.futures.Future()

    def run():
        try:
            answer.set_result(function())
        except BaseException as error:
            answer.set_exception(error)

    threading.Thread(target=run, name="read a URL", daemon=True).start()
    return wait_for(url, answer)


def wait_for(url, answer):
    """The result of a future, or a `ConnectionError` as `answer_of` raises it."""
    deadline = time.monotonic() + TIMEOUT
    while not answer.done():
        if is_ending():
            raise ConnectionError(f"{url}: not read, the Python process is ending")
        if time.monotonic() > deadline:
            raise ConnectionError(f"{url}: no answer in {TIMEOUT:.0f} s")
        concurrent.futures.wait([answer], _LOOK)
    return answer.result()


def _give_up(storage, now):
    """For a while every call to the storage fails at its first failure.

    Otherwise the reads that tf.data has started would be patient too, one by one.
    """
    storage.given_up_until = now + TIMEOUT


def _at_the_end_of_patience(error):
    # The same for all: of several readers, anyone's error may be the one that is shown.
    return ConnectionError(
        f"{error}. It was tried for {PATIENCE:.0f} s. Check that the storage can be "
        "reached, then go on from the last checkpoint."
    )


def _tell(storage, error, now):
    if now < storage.told_until:
        return
    storage.told_until = now + PATIENCE
    logger.warning("%s. It is tried again, for up to %.0f s.", error, PATIENCE)


def _wait(seconds):
    end = time.monotonic() + seconds
    while not is_ending() and time.monotonic() < end:
        time.sleep(_LOOK)
