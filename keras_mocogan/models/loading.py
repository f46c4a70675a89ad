"""Loading models whose class the file knows: `.keras` files and presets."""

import json
import os
import re
import warnings
import zipfile
from typing import Any

import keras

from keras_mocogan import presets
from keras_mocogan.training.optimizer_group import averages
from keras_mocogan.utils.files import local_copy

_PACKAGE = "keras_mocogan"
_SKIPPED = "Skipping variable loading for optimizer"


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
            the state of its optimizers does not match its weights, a preset is given
            options, or nothing installed opens the URL.

    Example:

    ```python
    model = km.load_model("shapes")
    model.save("memory://models/shapes.keras")
    model = km.load_model("memory://models/shapes.keras")
    ```
    """
    if not str(source).endswith(".keras"):
        if options:
            received = ", ".join(f"{name}={x!r}" for name, x in options.items())
            raise ValueError(
                "A preset takes no options, only a `.keras` file does. Received: "
                f"{received} with {str(source)!r}. Leave them out; a preset comes not "
                "compiled."
            )
        return _class_of(source).from_preset(source, **options)
    with local_copy(source) as file:
        return _load(file, source, options)


def load_networks(source: str | os.PathLike[str]) -> keras.Model:
    """Loads a `.keras` file or a preset without its loss and its optimizers.

    They may be of another version, or of the user's own code, which is not there. The
    generator of a checkpoint (`step_00001500.keras`) has its averaged weights, if these
    are in the file; `model.keras` of a run holds nothing else.
    """
    if not str(source).endswith(".keras"):
        return load_model(source)
    with local_copy(source) as file:
        model = _load(file, source, {"compile": False})
        if re.fullmatch(r"step_\d+", file.stem) and _has_averages(file):
            _take_averages(model, file, source)
    return model


def _has_averages(file):
    """Whether the generator's optimizer in a `.keras` file averages weights."""
    with zipfile.ZipFile(file) as archive:
        compiled = json.loads(archive.read("config.json")).get("compile_config")
    try:
        members = compiled["optimizer"]["config"]["members"]
        return bool(members["generator"]["config"]["use_ema"])
    except (KeyError, TypeError):  # not compiled, or not of this package
        return False


def _take_averages(model, file, source):
    try:
        trained = _load(file, source, {})
    except Exception as error:  # whatever code of users, or of another version, raises
        warnings.warn(
            f"The averaged weights in {str(source)!r} cannot be read, so the generator "
            f"has those of the last step. The reason: {error}",
            stacklevel=3,
        )
        return
    for weight, average in averages(trained.optimizer["generator"]):
        if weight.trainable:
            weight.assign(keras.ops.convert_to_numpy(average))
    model.set_weights(trained.get_weights())


def _load(file, source, options):
    # Keras calls a damaged file a missing one.
    if not zipfile.is_zipfile(file):
        what = "does not exist. Check the name."
        if file.exists():
            what = "is no such file, or damaged. Copy it again, or save it anew."
        raise ValueError(
            "`source` must be a whole `.keras` file, or a preset. Received: "
            f"{str(source)!r}, which {what}"
        )
    # Keras only warns, and training would go on with moments and averages of zero.
    with warnings.catch_warnings():
        warnings.filterwarnings("error", _SKIPPED)
        try:
            return keras.models.load_model(file, **options)
        except ValueError as error:
            if _SKIPPED not in str(error):
                raise
            raise ValueError(
                "`source` must have optimizer state that fits its weights. Received: "
                f"{str(source)!r}, which another version of this package or of Keras "
                "wrote, with its weights in another order. Go on training with that "
                "version, or pass `compile=False` to have the networks alone, with the "
                "weights of the last step."
            ) from error


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
