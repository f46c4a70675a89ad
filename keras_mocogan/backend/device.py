"""An explicit choice of the kind of device that convolutions are written for."""

import contextlib
import contextvars

KINDS = ("cpu", "gpu")
_CHOSEN = contextvars.ContextVar("device", default=None)


@contextlib.contextmanager
def computed_on(kind):
    """Inside, convolutions take the form for this kind of device.

    It may be another kind than the one that computes here.

    Args:
        kind: `"cpu"` or `"gpu"`.
    """
    token = _CHOSEN.set(kind)
    try:
        yield
    finally:
        _CHOSEN.reset(token)


def chosen():
    """The kind of the innermost `computed_on`, or None."""
    return _CHOSEN.get()
