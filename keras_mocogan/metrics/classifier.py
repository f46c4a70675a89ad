"""A compact classifier of clips, for MCS, inception score, and as a feature space."""

import os
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import keras
import numpy as np
import numpy.typing as npt
from keras import layers

from keras_mocogan.checks import check_integer
from keras_mocogan.metrics.trained_classifier import (
    TrainedClassifier,
    check_class_names,
)
from keras_mocogan.utils.files import local_copy
from keras_mocogan.utils.image_sizes import check_image_size, sides
from keras_mocogan.utils.remote.remote_path import as_path

Kind = TypeVar("Kind", bound=TrainedClassifier)


@keras.saving.register_keras_serializable(package="keras_mocogan")
class VideoClassifier(TrainedClassifier):
    """3D convolutions that halve time and space, an average over all places, classes.

    It maps uint8 clips `(batch, clip_frames, height, width, channels)` to a dictionary
    of float32 tensors: `"features"` `(batch, 8 * filters)` and `"logits"` `(batch,
    num_classes)`. `keras-mocogan classifier` trains it.

    Args:
        num_classes: Number of classes, at least 2.
        image_size: int or (height, width) of the frames in pixels.
        channels: Channels of the frames.
        clip_frames: Frames of a clip.
        filters: Channels of the first level; three more levels double them.
        class_names: Names of the classes, in the order of their numbers, or None.
        held_out: Its score on clips that it was not trained on: a dictionary with
            `"accuracy"`, `"interval"` (two numbers, 95 %) and `"clips"`; or None. It is
            saved with the weights, because scores made with the classifier depend on
            it.
        name: Name of the model.
    """

    advice = "Train one: keras-mocogan classifier --output=classifier.keras"

    def __init__(
        self,
        num_classes: int,
        image_size: int | tuple[int, int] = 64,
        channels: int = 3,
        clip_frames: int = 16,
        filters: int = 16,
        class_names: Sequence[str] | None = None,
        held_out: Mapping[str, Any] | None = None,
        name: str = "video_classifier",
        **kwargs: Any,
    ) -> None:
        check_integer("num_classes", num_classes, 2)
        check_integer("clip_frames", clip_frames, 1)
        check_class_names(class_names, num_classes, "")
        image_size = check_image_size(image_size)
        shape = (clip_frames, *sides(image_size), channels)
        clips = keras.Input(shape, dtype="uint8", name="clips")
        x = layers.Rescaling(1 / 127.5, offset=-1, name="range")(clips)
        for level in range(4):
            # Time is halved from the second level on, until one frame is left.
            stride = 2 if level and x.shape[1] > 1 else 1
            x = layers.Conv3D(
                filters * 2**level,
                3,
                strides=(stride, 2, 2),
                padding="same",
                use_bias=False,
                data_format="channels_last",
                name=f"conv_{level}",
            )(x)
            x = layers.BatchNormalization(momentum=0.9, name=f"norm_{level}")(x)
            x = layers.ReLU(name=f"relu_{level}")(x)
        features = layers.GlobalAveragePooling3D(
            data_format="channels_last", name="features"
        )(x)
        logits = layers.Dense(num_classes, name="logits")(features)
        arguments = {
            "num_classes": num_classes,
            "image_size": image_size,
            "channels": channels,
            "clip_frames": clip_frames,
            "filters": filters,
        }
        outputs = {"features": features, "logits": logits}
        super().__init__(
            clips, outputs, arguments, class_names, held_out, name, **kwargs
        )

    def classify(
        self, videos: npt.ArrayLike, batch_size: int = 32
    ) -> tuple[np.ndarray, np.ndarray]:
        """Features and class probabilities of videos.

        Args:
            videos: uint8 `(n, frames, height, width, channels)` of `clip_frames` frames
                or more; the middle ones are used.
            batch_size: Clips at once.

        Returns:
            float64 arrays `(n, 8 * filters)` and `(n, num_classes)`.

        Raises:
            ValueError: If the videos do not fit.
        """
        videos = self._middle(videos)
        outputs = self.predict(videos, batch_size=batch_size, verbose=0)
        logits = outputs["logits"].astype("float64")
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        probabilities = odds / odds.sum(axis=1, keepdims=True)
        return outputs["features"].astype("float64"), probabilities

    def _middle(self, videos):
        frames = self._arguments["clip_frames"]
        videos = self._check_fit(videos, frames)
        start = (videos.shape[1] - frames) // 2
        return videos[:, start : start + frames]


def load_classifier(
    path: str | os.PathLike[str], kind: type[Kind] = VideoClassifier
) -> Kind:
    """The classifier in a file that a script of this project wrote.

    The file may be anybody's: Keras runs no code that it holds, and nothing but a
    classifier is returned.

    Args:
        path: Path or URL of the `.keras` file.
        kind: `VideoClassifier`, which `keras-mocogan classifier` writes, or
            `AttributeClassifier`, which `tools/train_attributes.py` writes.

    Returns:
        The classifier, with its weights.

    Raises:
        ValueError: If there is no such file or it holds anything else.
    """
    # Formats other than `.keras` were made to run what they hold.
    if not str(path).endswith(".keras") or not as_path(path).is_file():
        raise ValueError(
            f"A classifier must be a `.keras` file. Received: {path}. {kind.advice}"
        )
    with local_copy(path) as file:
        model = _load(file, path, kind.advice)
    if not isinstance(model, kind):
        raise ValueError(
            f"The file must hold one {kind.__name__}. Received: {path} with one "
            f"{type(model).__name__}. {kind.advice}"
        )
    return model


def _load(file, path, advice):
    damage = "no archive, or not all of one"
    if zipfile.is_zipfile(file):
        try:
            return keras.models.load_model(file, compile=False, safe_mode=True)
        # Of a part that is missing or something else.
        except (KeyError, TypeError, OSError, zipfile.BadZipFile) as error:
            damage = f"{type(error).__name__}: {error}"
    raise ValueError(
        f"A classifier must be a whole `.keras` file. Received: {path}, which is "
        f"damaged ({damage}). Copy it again. {advice}"
    )
