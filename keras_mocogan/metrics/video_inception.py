"""Inception score of videos by a named protocol."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from keras_mocogan.metrics.inception import inception_score
from keras_mocogan.metrics.protocol_clips import Clips
from keras_mocogan.metrics.protocols import Protocol, get_protocol
from keras_mocogan.metrics.video_distance import name_of


class VideoInceptionScore(NamedTuple):
    """An inception score, and all that it depends on. `print` shows it.

    Attributes:
        value: Mean over the splits.
        deviation: Standard deviation over the splits.
        protocol: `Protocol`.
        frame_size: Height and width of the frames.
        classifier: What it was judged by, and how many classes that knows.
    """

    value: float
    deviation: float
    protocol: Protocol
    frame_size: tuple[int, int]
    classifier: str

    def __str__(self) -> str:
        size = f"{self.frame_size[0]}x{self.frame_size[1]}"
        published = self.protocol.published_size
        return (
            f"inception score {self.value:.4g} ± {self.deviation:.2g}\n"
            f"  {self.protocol}\n"
            f"  frames of {size} (published figures: {published}x{published}), "
            f"{self.classifier}"
        )


def video_inception_score(
    generated: npt.ArrayLike | Iterable[Any],
    classify: Callable[[np.ndarray], np.ndarray],
    protocol: str | Protocol = "styleganv_isv2048_ucf",
) -> VideoInceptionScore:
    """The inception score of videos, as a paper computed it.

    Args:
        generated: As for `fvd`.
        classify: Function of uint8 clips that returns class probabilities
            `(clips, classes)`. Published figures for UCF-101 have those of C3D, which
            was trained on Sports-1M and UCF-101.
        protocol: A name, such as `"styleganv_isv2048_ucf"`, or a `Protocol`.

    Returns:
        A `VideoInceptionScore`.

    Raises:
        ValueError: If there is no such protocol, there are too few clips or frames, or
            what `classify` returns are no probabilities.

    References:
        Saito, Matsumoto, Saito: Temporal Generative Adversarial Nets with Singular
        Value Clipping, ICCV 2017, section 6.

    Example:

    ```python
    network = km.metrics.VideoClassifier(2, image_size=64, filters=2)
    protocol = km.metrics.get_protocol("styleganv_isv2048_ucf").with_clips(2)
    score = km.metrics.video_inception_score(
        videos, lambda clips: network.classify(clips)[1], protocol
    )
    ```
    """
    protocol = get_protocol(protocol, "inception_score")
    clips = Clips(generated, protocol, "generated")
    probabilities = clips.features(classify, protocol.generated)
    mean, deviation = inception_score(probabilities, protocol.splits)
    judge = f"{probabilities.shape[1]} classes of {name_of(classify)}"
    return VideoInceptionScore(mean, deviation, protocol, clips.size, judge)
