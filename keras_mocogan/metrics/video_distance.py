"""Fréchet video distance by a named protocol."""

import os
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from keras_mocogan.metrics import feature_files
from keras_mocogan.metrics.extrapolation import (
    Extrapolation,
    choose_parts,
    extrapolated_frechet_distance,
)
from keras_mocogan.metrics.frechet import frechet_distance
from keras_mocogan.metrics.protocol_clips import Clips
from keras_mocogan.metrics.protocols import Protocol, get_protocol


class FVD(NamedTuple):
    """A Fréchet video distance, and all that it depends on. `print` shows it.

    Attributes:
        value: The distance; the mean over the runs of the protocol.
        deviation: Standard deviation over the runs; None for a single run.
        protocol: `Protocol`.
        real: Real clips in a run, which may be fewer than the protocol takes.
        frame_size: Height and width of the generated frames.
        features: What made the features, and how many each clip has.
        extrapolated: `Extrapolation` of the first run, or None.
    """

    value: float
    deviation: float | None
    protocol: Protocol
    real: int
    frame_size: tuple[int, int]
    features: str
    extrapolated: Extrapolation | None

    def __str__(self) -> str:
        spread = "" if self.deviation is None else f" ± {self.deviation:.2g}"
        lines = [f"FVD {self.value:.4g}{spread}", f"  {self.protocol}"]
        size = f"{self.frame_size[0]}x{self.frame_size[1]}"
        published = self.protocol.published_size
        lines.append(
            f"  {self.real:,} real clips, frames of {size} (published figures: "
            f"{published}x{published}), {self.features}"
        )
        if self.extrapolated is not None:
            lines.append(f"  {self.extrapolated}")
        return "\n".join(lines)


def fvd(
    generated: npt.ArrayLike | Iterable[Any],
    real: npt.ArrayLike | Iterable[Any],
    extractor: Callable[[np.ndarray], np.ndarray],
    protocol: str | Protocol = "styleganv_fvd2048_16f",
    real_features: str | os.PathLike[str] | None = None,
    extrapolate: bool = False,
    seed: int = 0,
) -> FVD:
    """The Fréchet video distance, as a paper computed it.

    Videos hold consecutive frames, at least the `span` of the protocol. Of each
    generated video the first frames are used, of each real one a random window. Only
    scores of one protocol, one detector and one size of frames can be compared.

    Args:
        generated: uint8 array `(n, frames, height, width, channels)`, or an iterable of
            such batches, so that not all have to be in memory. It must hold as many as
            the protocol takes in all its runs.
        real: The same; batches may come with labels. Of an array the seed draws which
            videos are used, of an iterable the first ones are, so pass a data set of
            `km.data.video_dataset`, which shuffles. Each run iterates over it again. If
            there are fewer than the protocol takes, all are used.
        extractor: Function of uint8 clips that returns features, such as
            `km.metrics.i3d`'s. Published figures have I3D's.
        protocol: A name, such as `"styleganv_fvd2048_16f"`, `"digan_fvd2048_16f"` or
            `"tats_fvd2048_16f"`, or a `Protocol`.
        real_features: File, or its URL, in which the features of the real clips are
            kept. If it is there and fits, the real clips are not read again. It fits if
            the clips, the protocol and the seed are the same and the extractor answers
            to noise as it did; otherwise an error says what has changed.
        extrapolate: Whether to estimate the distance for infinitely many clips; see
            `extrapolated_frechet_distance`. It needs more clips than twice the features
            of one, and some time.
        seed: Fixes windows, and which clips are drawn; a non-negative integer.

    Returns:
        An `FVD`.

    Raises:
        ValueError: If there is no such protocol, there are too few generated clips or
            frames, frames of the two differ in size, or the file of features does not
            fit.

    References:
        Unterthiner and others: Towards Accurate Generative Models of Video, 2018.

    Example:

    ```python
    model = km.MoCoGAN.from_preset("shapes")
    real, _ = km.data.shape_motion(8, num_frames=20, image_size=64)
    network = km.metrics.VideoClassifier(2, image_size=64, filters=2)
    extractor = km.metrics.FeatureExtractor(network, "uint8")
    protocol = km.metrics.get_protocol("styleganv_fvd2048_16f").with_clips(8)
    score = km.metrics.fvd(model.generate(8, 16), real, extractor, protocol)
    print(score)  # with the protocol, and that it was changed to 8 clips
    ```
    """
    protocol = get_protocol(protocol, "fvd")
    real_runs, real_size = _real_runs(real, extractor, protocol, real_features, seed)
    if extrapolate:  # before the generated clips are made
        choose_parts(min(protocol.generated, len(real_runs[0])), real_runs[0].shape[1])
    clips = Clips(generated, protocol, "generated")
    values, extrapolated = [], None
    for real_run in real_runs:
        features = clips.features(extractor, protocol.generated)
        _check_sizes(clips.size, real_size)
        values.append(frechet_distance(features, real_run, protocol.ddof))
        if extrapolate and extrapolated is None:
            extrapolated = extrapolated_frechet_distance(
                features, real_run, protocol.ddof, seed
            )
    return FVD(
        float(np.mean(values)),
        float(np.std(values)) if protocol.runs > 1 else None,
        protocol,
        len(real_runs[0]),
        clips.size,
        f"{real_runs[0].shape[1]} features of {name_of(extractor)}",
        extrapolated,
    )


def _real_runs(real, extractor, protocol, path, seed):
    """Features of real clips, one array for each run, and the size of their frames."""
    clips = Clips(real, protocol, "real", np.random.default_rng(seed))

    def compute():
        return [clips.features(extractor, protocol.real) for _ in range(protocol.runs)]

    if path is None:
        return compute(), clips.size
    runs = feature_files.load_or_compute(path, real, protocol, extractor, seed, compute)
    return runs, feature_files.frame_shape(real)[:2]


def _check_sizes(generated, real):
    if real != generated:
        raise ValueError(
            "Generated and real frames must have one size: networks tell sizes "
            f"apart. Received: generated frames of {generated[0]}x{generated[1]}, real "
            f"ones of {real[0]}x{real[1]}. Resize the real ones: `video_dataset` takes "
            "`image_size`."
        )


def name_of(extractor: Callable[[np.ndarray], np.ndarray]) -> str:
    """What to call the features of an extractor."""
    return getattr(extractor, "name", None) or getattr(
        extractor, "__name__", type(extractor).__name__
    )
