"""Which engine reads a URL: fsspec, or tensorflow-io where only that is installed.

An engine is a module with the functions `exists`, `is_folder`, `list_folder`,
`matching`, `size`, `version` and `read`, which take a URL.
"""

import importlib.util

from keras_mocogan.utils.remote import fsspec_files


def engine_of(url):
    """The engine's module.

    Raises:
        ValueError: If nothing that is installed opens the URL; it says what would.
    """
    if fsspec_files.can_open(url) or not _has_tensorflow_io():
        return fsspec_files  # without the file system it says what to install
    # Loaded at the first URL: it runs TensorFlow in a separate process.
    from keras_mocogan.data.storage import remote

    return remote


def _has_tensorflow_io():
    return importlib.util.find_spec("tensorflow_io") is not None
