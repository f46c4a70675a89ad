"""A file object for a URL, of which only what is needed is read."""

import io

_BUFFER = 2**18


def open_file(url, engine):
    """A seekable, buffered file object that one of the `engines` reads."""
    return io.BufferedReader(_RemoteFile(url, engine), _BUFFER)


class _RemoteFile(io.RawIOBase):
    def __init__(self, url, engine):
        self._url, self._engine = url, engine
        self._size, self._position = engine.size(url), 0

    def readable(self):
        return True

    def seekable(self):
        return True

    def tell(self):
        return self._position

    def seek(self, offset, whence=io.SEEK_SET):
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}
        self._position = start[whence] + offset
        return self._position

    def readinto(self, buffer):
        length = max(0, min(len(buffer), self._size - self._position))
        content = b""
        if length:
            content = self._engine.read(self._url, self._position, length)
        buffer[: len(content)] = content
        self._position += len(content)
        return len(content)
