"""Importing this makes TensorFlow one that is not installed, in a child process.

`sys.modules["tensorflow"] = None` also keeps it from being imported, but Keras takes it
for loaded then, and asks it whether it draws a graph.
"""

import sys


class _Without:
    """A finder of modules that finds everything else."""

    def __init__(self, finder):
        self._finder = finder

    def __getattr__(self, name):
        return getattr(self._finder, name)

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "tensorflow":
            return None
        return self._finder.find_spec(name, path, target)


if "tensorflow" in sys.modules:
    raise RuntimeError("TensorFlow has been imported already")
sys.meta_path[:] = map(_Without, sys.meta_path)
