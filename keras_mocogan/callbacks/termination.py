"""SIGTERM, noted instead of obeyed at once."""

import signal
import threading


class Termination:
    """Notes that the process was asked to end, so that a step can be finished first.

    Only the main thread may set signal handlers: elsewhere nothing is noted, and
    SIGTERM ends the process as ever.

    Attributes:
        asked: Whether SIGTERM came.
    """

    def __init__(self) -> None:
        self.asked = False
        self._former = None

    def watch(self):
        """Sets the handler."""
        self.release()  # of a training that an error ended
        self.asked = False
        if threading.current_thread() is threading.main_thread():
            former = signal.signal(signal.SIGTERM, self._note)
            # None is one that was not set from Python, such as JAX's of several
            # processes, and cannot be set back.
            self._former = signal.SIG_DFL if former is None else former

    def _note(self, *_):
        self.asked = True
        # A second one ends the process even where nobody heeds the first any more,
        # as after an error that ended the training.
        self.release()

    def release(self):
        """Sets the former handler back."""
        if self._former is not None:
            signal.signal(signal.SIGTERM, self._former)
            self._former = None
