"""Files that are either complete or absent."""

import contextlib
import os
import uuid
from pathlib import Path


@contextlib.contextmanager
def replacing(path):
    """Gives a path beside `path`, and moves what was written there onto `path`.

    A reader sees the old file or the new one, never half of it. The suffix stays the
    same, because writers choose their format by it; missing folders are made.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.stem}.{uuid.uuid4().hex}{path.suffix}")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def remove_unfinished(folder, stem="*"):
    """Removes the unfinished files that killed writers left in `folder`.

    Args:
        folder: The folder; it does not have to exist.
        stem: Pattern of the files' names without suffix, for a folder that others
            write to as well.
    """
    for left_over in Path(folder).glob(f".{stem}.{'[0-9a-f]' * 32}*"):
        left_over.unlink()
