"""The measures of generated clips of moving shapes."""

from typing import Any

import numpy as np

import keras_mocogan as km
from learning.clips import turns

CELLS, FRAMES = 8, 4
_HELD_OUT = 512


def coarse_pixels(videos: np.ndarray) -> np.ndarray:
    """A few frames of each clip at 8x8 pixels, float32 `(n, d)` in [-1, 1].

    The classifier's features would not work here: far from real clips, where early
    samples are, they grow without bound, and with them the third power in the kernel.
    """
    chosen = np.linspace(0, videos.shape[1] - 1, FRAMES).round().astype(int)
    n, _, height, width, channels = videos.shape
    cells = videos[:, chosen].reshape(
        n, FRAMES, CELLS, height // CELLS, CELLS, width // CELLS, channels
    )
    return cells.mean(axis=(3, 5)).reshape(n, -1).astype("float32") / 127.5 - 1


def held_out_shapes(data: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Moving shapes that no training sees, as `(videos, labels)`.

    Args:
        data: Dictionary as for `clips.make_dataset`, with the source `"shapes"`.
    """
    videos, labels = km.data.shape_motion(
        _HELD_OUT,
        data["frame_stride"] * (data["clip_frames"] - 1) + 1,
        data["image_size"],
        seed=1,
        directions=turns(data["directions"]),
    )
    return videos[:, :: data["frame_stride"]], labels


def held_out_pixels(data: dict[str, Any]) -> np.ndarray:
    """`coarse_pixels` of `held_out_shapes`."""
    return coarse_pixels(held_out_shapes(data)[0])


def measure(
    videos: np.ndarray,
    labels: np.ndarray,
    directions: list[str],
    classifier: Any,
    real_pixels: np.ndarray,
) -> dict[str, float]:
    """A dictionary from measure to number.

    Args:
        videos: uint8 `(n, frames, height, width, channels)`.
        labels: Classes that were asked for, `(n,)`.
        directions: The way each class moves, such as `["up", "left"]`.
        classifier: `km.metrics.VideoClassifier` of real clips.
        real_pixels: `coarse_pixels` of real clips.
    """
    metrics = km.metrics
    _, probabilities = classifier.classify(videos)
    distances = metrics.content_distances(metrics.shape_colors(videos))
    ways = np.array(metrics.path_directions(videos))
    return {
        "direction": float(np.mean(ways == np.array(directions)[labels])),
        "bright_area": float(np.median(metrics.bright_area(videos))),
        "object_share": float(np.median(metrics.object_share(videos))),
        "acd": float(distances.mean()),
        # Each pixel's deviation over the clips: small if all contents look alike.
        "spread": float(videos.astype("float32").std(axis=0).mean()),
        "mcs": float(np.mean(probabilities.argmax(axis=1) == labels)),
        "kernel_distance": metrics.kernel_distance(coarse_pixels(videos), real_pixels),
    }
