"""The kind of device that convolutions take their form for, where it is chosen."""

import contextlib
import contextvars

KINDS = ("cpu", "gpu")
_CHOSEN = contextvars.ContextVar("device", default=None)


@contextlib.contextmanager
def computed_on(kind):
    """Inside, forms are those for this kind of device, whatever computes here.

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
