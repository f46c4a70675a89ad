"""The clips of a source: their paths and their classes."""

import dataclasses
import os

from keras_mocogan.data.readers.suffixes import is_array
from keras_mocogan.data.storage import storage


@dataclasses.dataclass(frozen=True)
class Listing:
    """Clips in files, in the order in which they are counted.

    Attributes:
        paths: Files, or folders of numbered frames.
        numbered: Whether all are known to be folders of numbered frames.
        labels: Class number of each path, or `None` without class folders.
        class_names: Sorted names of the class folders, or `None`.
        failures: Folders that could not be listed: path -> error.
    """

    paths: list
    numbered: bool = False
    labels: list | None = None
    class_names: list | None = None
    failures: dict = dataclasses.field(default_factory=dict)


def list_paths(paths):
    """The `Listing` of paths that were given one by one, each a clip.

    The folders that they lie in are their classes, if there are several.

    Raises:
        ValueError: If all are paths of arrays, or one is of records.
    """
    # Plain text, for `os.scandir` takes a `numpy.str_` for bytes.
    paths = [os.path.expanduser(str(os.fsdecode(path))) for path in paths]
    if all(map(is_array, paths)):
        check_no_array(paths[0])
    for path in paths:
        if path.endswith(".tfrecord"):
            raise ValueError(
                "Records must be passed as their folder, or as a pattern such as "
                f"'records/clips-0000[0-4]*.tfrecord'. Received: a list with {path}."
            )
    classes = [os.path.basename(os.path.dirname(_absolute(path))) for path in paths]
    if len(set(classes)) < 2:
        return Listing(paths)
    return Listing(paths, False, *number_classes(classes))


def number_classes(classes):
    """Number of each clip's class, and the sorted names of the classes."""
    class_names = sorted(set(classes))
    numbers = {name: number for number, name in enumerate(class_names)}
    return [numbers[name] for name in classes], class_names


def check_no_array(path):
    """Raises `ValueError` for the path of a file that holds an array."""
    if is_array(path):
        raise ValueError(
            "Arrays must be passed as arrays, uint8 of shape (clips, frames, height, "
            f"width, channels), not as a path. Received: {path}. Load the clips and "
            "pass one array of them, or write each, as uint8, with "
            "`keras_mocogan.video.write_mp4`."
        )


def _absolute(path):
    path = path.rstrip("/" + os.sep)
    return path if storage.is_url(path) else os.path.abspath(path)
