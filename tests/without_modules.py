"""Makes modules ones that are not installed, in a child process, and notes who asks."""

import sys


class Missing:
    """A finder that has none of some modules.

    Unlike `sys.modules[name] = None` it also notices an import that an `except` hides.

    Attributes:
        asked: Names of the modules that an import looked for.
    """

    def __init__(self, names):
        self._names = set(names)
        self.asked = set()

    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in self._names:
            return None
        self.asked.add(top)
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def hide(*names):
    """Hides modules that have not been imported yet; returns the finder."""
    loaded = [name for name in names if name in sys.modules]
    if loaded:
        raise RuntimeError(f"imported already: {loaded}")
    finder = Missing(names)
    sys.meta_path.insert(0, finder)
    return finder
