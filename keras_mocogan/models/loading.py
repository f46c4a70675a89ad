"""Loading models from `.keras` files, on disk or in object storage."""

import os
from typing import Any

import keras

from keras_mocogan.utils.files import local_copy


def load_model(path: str | os.PathLike[str], **options: Any) -> keras.Model:
    """Loads a `.keras` file from a path or a URL such as `s3://bucket/model.keras`.

    For a path it is `keras.models.load_model`. URLs need `keras-mocogan[remote]`.

    Args:
        path: Of the file, such as `latest_checkpoint` returns.
        **options: As for `keras.models.load_model`.

    Returns:
        The model.

    Raises:
        FileNotFoundError: If there is no such file at the URL.
        ConnectionError: If the storage does not answer, or refuses.
        ValueError: If the file is not a model, or nothing installed opens the URL.

    Example:

    ```python
    model = km.MoCoGAN.from_preset("shapes")
    model.save("memory://models/shapes.keras")
    model = km.load_model("memory://models/shapes.keras")
    ```
    """
    with local_copy(path) as file:
        return keras.models.load_model(file, **options)
