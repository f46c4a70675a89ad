"""What the classifiers share: files with their arguments, class names and accuracy."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from keras_mocogan.metrics.checks import check_videos
from keras_mocogan.utils.image_sizes import sides


class TrainedClassifier(keras.Model):
    """A functional network whose file holds its arguments, names and accuracy.

    Args:
        inputs, outputs: Inputs and outputs of the network.
        arguments: Arguments of the constructor, to make the network again.
        class_names: Names of the classes, or None.
        held_out: Its score on clips that it was not trained on, or None.
        name: Name of the model.

    Attributes:
        advice: How to train one, a sentence for messages.
    """

    advice: str

    def __init__(
        self,
        inputs: Any,
        outputs: Any,
        arguments: Mapping[str, Any],
        class_names: Any,
        held_out: Mapping[str, Any] | None,
        name: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(inputs, outputs, name=name, **kwargs)
        self.class_names = class_names
        self.held_out = held_out
        self._arguments = arguments

    def get_config(self):
        metadata = {"class_names": self.class_names, "held_out": self.held_out}
        return {"name": self.name, **self._arguments, **metadata}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        return cls(**config)

    def _check_fit(self, videos, least_frames):
        """`videos` as an array that the network can take, or `ValueError`."""
        videos = check_videos(videos)
        height, width = sides(self._arguments["image_size"])
        channels = self._arguments["channels"]
        fits = videos.shape[2:] == (height, width, channels)
        if not fits or videos.shape[1] < least_frames:
            raise ValueError(
                "`videos` must be uint8 of shape "
                f"(n, frames >= {least_frames}, {height}, {width}, {channels}) for "
                f"this classifier. Received: shape {videos.shape}."
            )
        return videos


def check_class_names(names: Any, num_classes: int, what: str) -> None:
    """Checks that there is one name for each class, or that there are none.

    Args:
        names: Names of the classes, or None.
        num_classes: How many there must be.
        what: Whose names they are, for the message.

    Raises:
        ValueError: If their number is another one.
    """
    if names is not None and len(names) != num_classes:
        raise ValueError(
            f"`class_names` must be None or have one name for each of {num_classes} "
            f"classes{what}. Received: {len(names)} names, {list(names)}."
        )


def accuracy_interval(hits: int, count: int) -> tuple[float, float]:
    """Wilson's 95 % interval of an accuracy of `hits` in `count` clips.

    It stays in [0, 1] and does not shrink to a point if all or none are right.

    Args:
        hits: Clips that were judged correctly.
        count: Clips in all, at least 1.

    Returns:
        The lower and the upper end, two floats.

    Raises:
        ValueError: If there are no clips, or more hits than clips.
    """
    if count < 1:
        raise ValueError(
            "`count` must be at least 1: no clips have no accuracy. Received: "
            f"count={count}."
        )
    if not 0 <= hits <= count:
        raise ValueError(
            f"`hits` must be from 0 to {count}, the number of clips. Received: "
            f"hits={hits}."
        )
    z = 1.959964
    share, spread = hits / count, z * z / count
    centre = (share + spread / 2) / (1 + spread)
    half = (
        z * np.sqrt(share * (1 - share) / count + spread / (4 * count)) / (1 + spread)
    )
    return float(max(0.0, centre - half)), float(min(1.0, centre + half))
