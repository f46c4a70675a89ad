"""Makes modules ones that are not installed, in a child process, and notes who asks.

`sys.modules[name] = None` also keeps one from being imported, but libraries take such a
module for loaded, and an import that an `except` hides goes unnoticed.
"""

import sys


class _Without:
    """A finder of modules that finds all others."""

    def __init__(self, finder, names, asked):
        self._finder, self._names, self._asked = finder, names, asked

    def __getattr__(self, name):
        return getattr(self._finder, name)

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self._names:
            self._asked.add((_asking_module(), name))
            return None
        return self._finder.find_spec(name, path, target)


def _asking_module():
    frame = sys._getframe(2)
    while frame and frame.f_code.co_filename.startswith("<frozen importlib"):
        frame = frame.f_back
    return frame.f_globals["__name__"] if frame else ""


def hide(*names):
    """Hides modules that have not been imported yet.

    Returns:
        A set that grows as they are asked for, of `(the module that asks, name)`.
    """
    loaded = [name for name in names if name in sys.modules]
    if loaded:
        raise RuntimeError(f"imported already: {loaded}")
    asked = set()
    sys.meta_path[:] = [_Without(finder, names, asked) for finder in sys.meta_path]
    return asked
