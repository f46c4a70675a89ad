"""A cache bounded by the bytes that its values take."""

import collections
import threading


class BoundedCache:
    """Values by key; when room runs out, the least recently used ones are dropped.

    Args:
        room: Bytes that all values may take together.
    """

    def __init__(self, room):
        self._room = room
        self._used = 0
        self._kept = collections.OrderedDict()
        self._lock = threading.Lock()

    def get(self, key):
        """The value, or `None`."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def put(self, key, value, size):
        """Stores a value of `size` bytes in place of any other under this key."""
        with self._lock:
            _, replaced = self._kept.pop(key, (None, 0))
            self._kept[key] = value, size
            self._used += size - replaced
            while self._used > self._room:
                _, (_, dropped) = self._kept.popitem(last=False)
                self._used -= dropped
