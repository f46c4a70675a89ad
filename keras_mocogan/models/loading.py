"""Loading models whose class the file knows: `.keras` files and presets."""

import os
import zipfile
from typing import Any

import keras

from keras_mocogan import presets
from keras_mocogan.utils.files import local_copy

_PACKAGE = "keras_mocogan"


def load_model(source: str | os.PathLike[str], **options: Any) -> keras.Model:
    """Loads a `.keras` file or a preset, whatever the class of its model.

    For the path of a `.keras` file it is `keras.models.load_model`. URLs need
    `keras-mocogan[remote]`.

    Args:
        source: Path or URL of a `.keras` file, such as `latest_checkpoint` returns or
            `"s3://bucket/model.keras"`; or a preset as for `from_preset`: a name, a
            folder, or its URL.
        **options: As for `keras.models.load_model`; a preset takes none.

    Returns:
        The model.

    Raises:
        FileNotFoundError: If there is no such file at the URL.
        ConnectionError: If the storage does not answer, or refuses.
        ValueError: If it is not a model, a file on this machine is missing or damaged,
            or nothing installed opens the URL.

    Example:

    ```python
    model = km.load_model("shapes")
    model.save("memory://models/shapes.keras")
    model = km.load_model("memory://models/shapes.keras")
    ```
    """
    if not str(source).endswith(".keras"):
        return _class_of(source).from_preset(source, **options)
    with local_copy(source) as file:
        # Keras calls a damaged file a missing one.
        if not zipfile.is_zipfile(file):
            what = "does not exist. Check the name."
            if file.exists():
                what = "is no such file, or damaged. Copy it again, or save it anew."
            raise ValueError(
                "`source` must be a whole `.keras` file, or a preset. Received: "
                f"{str(source)!r}, which {what}"
            )
        return keras.models.load_model(file, **options)


def _class_of(source):
    name = presets.class_name(source)
    found = keras.saving.get_registered_object(f"{_PACKAGE}>{name}")
    if not hasattr(found, "network_slots"):
        raise ValueError(
            "A preset must be of a model of this package, such as MoCoGAN. Received: "
            f"{str(source)!r}, which is of {name!r}. If that is a class of yours, call "
            "its own `from_preset`."
        )
    return found
