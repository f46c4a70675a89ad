"""Lets several processes act at the same step, whichever of them has the reason."""

from keras_mocogan import backend
from keras_mocogan.utils import processes


class Agreement:
    """Tells all processes the largest number that any of them gave.

    Each process must make the same calls in the same order. A single process agrees
    with itself at once.
    """

    def __init__(self) -> None:
        self._pending, self._met = None, 0

    def reach(self, number):
        """Gives an integer, and returns the largest that was given one call earlier.

        By then it has been computed, behind the previous step, so no process waits. The
        first call returns 0.
        """
        if processes.shard()[1] == 1:
            return number
        earlier, self._pending = self._pending, backend.largest(number)
        met, self._met = self._met, 0
        earlier = 0 if earlier is None else int(earlier)
        return earlier if earlier > met else 0

    def reach_now(self, number):
        """The largest integer given to this call or to the one before it."""
        if processes.shard()[1] == 1:
            return number
        earlier, self._pending = self._pending, None
        now = int(backend.largest(number))
        return now if earlier is None else max(now, int(earlier))

    def meet(self, number):
        """Records that wishes up to `number` are fulfilled.

        A number that is still on its way was given before that, and is not acted on a
        second time unless it is larger.
        """
        self._met = number
