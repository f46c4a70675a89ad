"""Time of a training, without the time that measuring takes."""

import contextlib
import time

# Learning curves are straighter over the logarithm of time.
_FIRST_SHARE, _GROWTH = 0.01, 1.25


class TrainingClock:
    """Minutes of training, and when to measure: at growing intervals up to a limit.

    Args:
        limit: Minutes after which the training is over.
        minutes: What passed before, in an interrupted training.
    """

    def __init__(self, limit, minutes=0.0):
        self.limit, self._passed, self._since = limit, minutes, None
        self._plan()

    def start(self):
        """Lets the time run."""
        self._since = time.monotonic()

    @property
    def minutes(self):
        if self._since is None:
            return self._passed
        return self._passed + (time.monotonic() - self._since) / 60

    def is_due(self):
        """Whether it is time to measure."""
        return self.minutes >= self._due

    def is_over(self):
        return self.minutes >= self.limit

    @contextlib.contextmanager
    def stopped(self):
        """Takes the time out that a `with` block takes, and plans the next measure."""
        self._passed, self._since = self.minutes, None
        yield
        self._plan()
        self.start()

    def _plan(self):
        due = _FIRST_SHARE * self.limit
        while due <= self._passed:
            due *= _GROWTH
        self._due = min(due, self.limit)
