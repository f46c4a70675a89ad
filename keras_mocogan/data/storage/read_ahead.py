"""Large blocks of remote files, kept on disk, so that small reads need no requests.

Records are read in a random order, a few hundred kilobytes at a time. A request to
object storage takes longer than reading a clip, whatever its size: so a whole block is
read, and serves all clips in it from then on.
"""

import contextlib
import os
import shutil
import tempfile
import threading

from keras_mocogan.data.storage import storage

# Small enough that the first batches do not wait for long.
_BLOCK = 2**22
# Of the temporary folder's disk: larger sets are read record by record.
_SHARE_OF_FREE_SPACE = 0.5


class ReadAhead:
    """Reads from URLs, in blocks if all files together fit on the disk.

    The blocks lie in a temporary file without a name, which is gone with the process.

    Args:
        sizes: Bytes of each file, by URL.

    Attributes:
        sizes: As given.
    """

    def __init__(self, sizes):
        self.sizes = sizes
        self._places = {}
        place = 0
        for url, size in sizes.items():
            self._places[url] = place
            place += size
        self._num_bytes = place
        self._file = None
        self._opening = threading.Lock()
        # One lock for each block: a second reader waits for the first one's request.
        self._blocks = {}
        self._is_off = False

    def read(self, url, offset, length):
        """`length` bytes from `offset` on; fewer if the file ends before."""
        if not self._has_file() or offset + length > self.sizes[url]:
            return storage.read(url, offset, length)
        first, last = offset // _BLOCK, (offset + length - 1) // _BLOCK
        for block in range(first, last + 1):
            if not self._keep(url, block):
                return storage.read(url, offset, length)
        return os.pread(self._file.fileno(), length, self._places[url] + offset)

    def _has_file(self):
        with self._opening:
            if self._file is None and not self._is_off:
                free = shutil.disk_usage(tempfile.gettempdir()).free
                is_large = self._num_bytes > _SHARE_OF_FREE_SPACE * free
                self._is_off = is_large or not all(map(storage.reads_ahead, self.sizes))
                if not self._is_off:
                    self._file = tempfile.TemporaryFile(buffering=0)
        return not self._is_off

    def _keep(self, url, number):
        """Whether a block is kept, after reading it if need be."""
        with self._opening:
            block = self._blocks.setdefault((url, number), _Block())
        with block.reading:
            if not block.is_kept:
                begin = number * _BLOCK
                content = storage.read(url, begin, min(_BLOCK, self.sizes[url] - begin))
                block.is_kept = self._write(content, self._places[url] + begin)
            return block.is_kept

    def _write(self, content, place):
        with contextlib.suppress(OSError):  # others have filled the disk
            return os.pwrite(self._file.fileno(), content, place) == len(content)
        self._is_off = True
        return False


class _Block:
    def __init__(self):
        self.reading = threading.Lock()
        self.is_kept = False
