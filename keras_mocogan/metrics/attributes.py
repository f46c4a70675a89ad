"""A compact classifier of frames, for what the content of a clip looks like."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import layers

from keras_mocogan.metrics.trained_classifier import (
    TrainedClassifier,
    check_class_names,
)
from keras_mocogan.utils.image_sizes import check_image_size, sides


@keras.saving.register_keras_serializable(package="keras_mocogan")
class AttributeClassifier(TrainedClassifier):
    """Names several attributes of a frame, such as the colors of hair and shirt.

    It has convolutions that halve the frame, a layer of features that sees all of it,
    and a head for each attribute. It maps uint8 frames `(batch, height, width,
    channels)` to a dictionary of float32 tensors: `"features"` `(batch, feature_dim)`,
    and for each attribute its logits `(batch, number of classes)`.
    `tools/train_attributes.py` trains it.

    Args:
        attributes: Attribute -> number of its classes, at least 2.
        image_size: int or (height, width) of the frames in pixels, multiples of 16.
        channels: Channels of the frames.
        filters: Channels of the first level.
        feature_dim: Width of the features.
        class_names: Attribute -> names of its classes, in the order of their numbers;
            or None.
        held_out: Its score on clips that it was not trained on: for each attribute the
            `"accuracy"` for single frames, the `"interval"` (two numbers, 95 %) and the
            number of `"clips"`; or None. It is saved with the weights, because it shows
            which attributes can be recognized at all.
        name: Name of the model.

    Attributes:
        attributes: As given.

    Example:

    ```python
    classifier = km.metrics.AttributeClassifier({"color": 6, "shape": 2}, image_size=64)
    _, predictions = classifier.classify(videos)
    predictions["color"].shape  # (2, 16): of 2 clips of 16 frames
    ```
    """

    advice = "Train one with tools/train_attributes.py of the project's repository."

    def __init__(
        self,
        attributes: Mapping[str, int],
        image_size: int | tuple[int, int] = 64,
        channels: int = 3,
        filters: int = 24,
        feature_dim: int = 128,
        class_names: Mapping[str, Sequence[str]] | None = None,
        held_out: Mapping[str, Mapping[str, Any]] | None = None,
        name: str = "attribute_classifier",
        **kwargs: Any,
    ) -> None:
        _check_attributes(attributes)
        _check_names(class_names, attributes)
        arguments = {
            "attributes": dict(attributes),
            "image_size": check_image_size(image_size),
            "channels": channels,
            "filters": filters,
            "feature_dim": feature_dim,
        }
        shape = (*sides(arguments["image_size"]), channels)
        frames = keras.Input(shape, dtype="uint8", name="frames")
        x = layers.Rescaling(1 / 127.5, offset=-1, name="range")(frames)
        for level in range(4):
            x = layers.Conv2D(
                filters * 2**level,
                5 if level == 0 else 3,
                strides=2,
                padding="same",
                use_bias=False,
                data_format="channels_last",
                name=f"conv_{level}",
            )(x)
            x = layers.BatchNormalization(momentum=0.9, name=f"norm_{level}")(x)
            x = layers.ReLU(name=f"relu_{level}")(x)
        x = layers.Flatten(data_format="channels_last", name="flatten")(x)
        x = layers.Dense(feature_dim, use_bias=False, name="dense")(x)
        # Without it, all features were dead for all frames after the first steps of
        # a training, and nothing was learned from then on.
        x = layers.BatchNormalization(momentum=0.9, name="norm_features")(x)
        features = layers.ReLU(name="features")(x)
        outputs = {"features": features}
        for attribute, count in attributes.items():
            outputs[attribute] = layers.Dense(count, name=f"logits_{attribute}")(
                features
            )
        super().__init__(
            frames, outputs, arguments, class_names, held_out, name, **kwargs
        )
        self.attributes = arguments["attributes"]

    def classify(
        self, videos: npt.ArrayLike, batch_size: int = 256
    ) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Features and attributes of all frames of videos.

        Args:
            videos: uint8 `(n, frames, height, width, channels)`.
            batch_size: Frames at once.

        Returns:
            float64 array of shape `(n, frames, feature_dim)`, and a dictionary from
            attribute to int64 class numbers `(n, frames)`.

        Raises:
            ValueError: If the videos do not fit.
        """
        videos = self._check_fit(videos, 1)
        frames = videos.reshape(-1, *videos.shape[2:])
        outputs = self.predict(frames, batch_size=batch_size, verbose=0)
        outputs = {n: o.reshape(*videos.shape[:2], -1) for n, o in outputs.items()}
        features = outputs.pop("features").astype("float64")
        return features, {name: o.argmax(axis=-1) for name, o in outputs.items()}


def _check_attributes(attributes):
    counts = dict(attributes)
    if not counts or "features" in counts or min(counts.values()) < 2:
        raise ValueError(
            "`attributes` must give the number of classes, at least 2, of at least one "
            f"attribute, and none named 'features'. Received: attributes={counts}."
        )


def _check_names(class_names, attributes):
    for attribute, names in (class_names or {}).items():
        if attribute not in attributes:
            raise ValueError(
                f"`class_names` must name classes of {list(attributes)}. Received: "
                f"names for {attribute!r}."
            )
        check_class_names(names, attributes[attribute], f" of {attribute!r}")
