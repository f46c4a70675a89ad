"""A text that changes when the clips of a data set do, or how they are cut."""

import hashlib
import os


class Fingerprint:
    """Computes the fingerprint of a data set; an attribute of it, called like a method.

    Files count by size and time of change, records by their checksums, arrays by their
    content. Where the files lie does not count, nor who reads them.

    Args:
        source: Where clips come from; see `sources`.
        clips: Numbers of the source's clips in use.
        settings: Dictionary of what else decides what the clips look like.
    """

    def __init__(self, source, clips, settings):
        self._source, self._clips, self._settings = source, clips, settings

    def __call__(self) -> str:
        """64 hexadecimal digits."""
        names = [str(self._source.names[clip]) for clip in self._clips]
        # The folders that all clips share; of a single one its name remains.
        shared = os.path.commonprefix([os.path.dirname(name) for name in names])
        digest = hashlib.sha256(repr(sorted(self._settings.items())).encode())
        for name, clip in zip(names, self._clips, strict=True):
            entry = f"{name.removeprefix(shared)} {self._source.digest(clip)}\n"
            digest.update(entry.encode("utf-8", "surrogateescape"))
        return digest.hexdigest()
