"""SIGTERM, recorded instead of obeyed at once."""

import signal
import threading


class Termination:
    """Records that the process was asked to end, so that a step can be finished first.

    Only the main thread may set signal handlers. In another thread nothing is recorded,
    and SIGTERM ends the process as usual.

    Attributes:
        asked: Whether SIGTERM came.
    """

    def __init__(self) -> None:
        self.asked = False
        self._former = None

    def watch(self):
        """Sets the handler."""
        self.release()  # after a training that ended with an error
        self.asked = False
        if threading.current_thread() is threading.main_thread():
            former = signal.signal(signal.SIGTERM, self._note)
            # None means a handler that was not set from Python, such as JAX's with
            # several processes; it cannot be restored.
            self._former = signal.SIG_DFL if former is None else former

    def _note(self, *_):
        self.asked = True
        # A second SIGTERM ends the process, even if nothing reacts to the first one any
        # more, as after an error that ended the training.
        self.release()

    def release(self):
        """Restores the former handler."""
        if self._former is not None:
            signal.signal(signal.SIGTERM, self._former)
            self._former = None
