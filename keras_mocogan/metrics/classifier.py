"""A compact classifier of clips, for MCS, inception score, and as a feature space."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import layers

from keras_mocogan.metrics.checks import check_videos


@keras.saving.register_keras_serializable(package="keras_mocogan")
class VideoClassifier(keras.Model):
    """3D convolutions that halve time and space, an average over all places, classes.

    It maps uint8 clips `(batch, clip_frames, image_size, image_size, channels)` to a
    dictionary of float32 tensors: `"features"` `(batch, 8 * filters)` and `"logits"`
    `(batch, num_classes)`. `tools/train_classifier.py` trains it.

    Args:
        num_classes: Number of classes, at least 2.
        image_size: Side of the frames in pixels.
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

    def __init__(
        self,
        num_classes: int,
        image_size: int = 64,
        channels: int = 3,
        clip_frames: int = 16,
        filters: int = 16,
        class_names: Sequence[str] | None = None,
        held_out: Mapping[str, Any] | None = None,
        name: str = "video_classifier",
        **kwargs: Any,
    ) -> None:
        shape = (clip_frames, image_size, image_size, channels)
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
        super().__init__(
            clips, {"features": features, "logits": logits}, name=name, **kwargs
        )
        self.class_names = class_names
        self.held_out = held_out
        self._arguments = {
            "num_classes": num_classes,
            "image_size": image_size,
            "channels": channels,
            "clip_frames": clip_frames,
            "filters": filters,
        }

    def get_config(self):
        metadata = {"class_names": self.class_names, "held_out": self.held_out}
        return {"name": self.name, **self._arguments, **metadata}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        return cls(**config)

    def classify(
        self, videos: npt.ArrayLike, batch_size: int = 32
    ) -> tuple[np.ndarray, np.ndarray]:
        """Features and class probabilities of videos.

        Args:
            videos: uint8 `(n, frames, image_size, image_size, channels)` of
                `clip_frames` frames or more; the middle ones are used.
            batch_size: Clips at once.

        Returns:
            float64 arrays `(n, 8 * filters)` and `(n, num_classes)`.

        Raises:
            ValueError: If the videos do not fit.
        """
        videos = self._middle(check_videos(videos))
        outputs = self.predict(videos, batch_size=batch_size, verbose=0)
        logits = outputs["logits"].astype("float64")
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        probabilities = odds / odds.sum(axis=1, keepdims=True)
        return outputs["features"].astype("float64"), probabilities

    def _middle(self, videos):
        size, channels = self._arguments["image_size"], self._arguments["channels"]
        frames = self._arguments["clip_frames"]
        fits = videos.shape[2:] == (size, size, channels)
        if not fits or videos.shape[1] < frames:
            raise ValueError(
                "`videos` must be uint8 of shape "
                f"(n, frames >= {frames}, {size}, {size}, {channels}) for this "
                f"classifier. Received: shape {videos.shape}."
            )
        start = (videos.shape[1] - frames) // 2
        return videos[:, start : start + frames]


def load_classifier(path: str | os.PathLike[str]) -> VideoClassifier:
    """The `VideoClassifier` in a file that `tools/train_classifier.py` wrote.

    The file may be anybody's: Keras runs no code that it holds, and nothing but a
    classifier is returned.

    Args:
        path: Of the `.keras` file.

    Returns:
        The `VideoClassifier`, with its weights.

    Raises:
        ValueError: If there is no such file or it holds anything else.
    """
    # Formats other than `.keras` were made to run what they hold.
    if not str(path).endswith(".keras") or not os.path.isfile(path):
        raise ValueError(
            f"A classifier must be a `.keras` file. Received: {path}. Make one with "
            "tools/train_classifier.py --output=classifier.keras."
        )
    model = keras.models.load_model(path, compile=False, safe_mode=True)
    if not isinstance(model, VideoClassifier):
        raise ValueError(
            f"The file must hold a VideoClassifier. Received: {path} with a "
            f"{type(model).__name__}. Make one with tools/train_classifier.py "
            "--output=classifier.keras."
        )
    return model


def accuracy_interval(hits: int, count: int) -> tuple[float, float]:
    """Wilson's 95 % interval of an accuracy of `hits` in `count` clips.

    It stays in [0, 1] and does not shrink to a point where all or none are right.

    Args:
        hits: Clips that were judged rightly.
        count: Clips in all, at least 1.

    Returns:
        The lower and the upper end, two floats.

    Raises:
        ValueError: If there are no clips.
    """
    if count < 1:
        raise ValueError(
            "`count` must be at least 1: there is no accuracy of no clips. Received: "
            f"count={count}."
        )
    z = 1.959964
    share, spread = hits / count, z * z / count
    centre = (share + spread / 2) / (1 + spread)
    half = (
        z * np.sqrt(share * (1 - share) / count + spread / (4 * count)) / (1 + spread)
    )
    return float(max(0.0, centre - half)), float(min(1.0, centre + half))
