"""Where presets lie: in the package, in a folder, or at a URL."""

import os
from pathlib import Path

from keras_mocogan.utils.remote.remote_path import RemotePath, as_path, is_url

CONFIG = "config.json"

_FOLDER = Path(__file__).with_name("files")


def names() -> list[str]:
    """Sorted names of the presets that come with the package."""
    return sorted(path.parent.name for path in _FOLDER.glob(f"*/{CONFIG}"))


def find(source: str | os.PathLike[str]) -> Path | RemotePath:
    """The folder of a preset, a `Path` or a `RemotePath`.

    Args:
        source: One of `names()`, the path of a folder, or a folder's URL, such as
            `"hf://user/repo"`. A name means the package's preset; write `./NAME` for a
            folder that is called the same.

    Raises:
        ValueError: If it is none of these. What lies at a URL is not looked at.
    """
    if is_url(source):
        return as_path(source)
    if isinstance(source, str) and source in names():
        return _FOLDER / source
    folder = Path(source).expanduser()
    if not (folder / CONFIG).is_file():
        raise ValueError(
            f"A preset must be one of {', '.join(names())}, a folder that holds "
            f"{CONFIG}, or its URL, such as hf://user/repo. Received: {str(source)!r}."
        )
    return folder
