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


def held_out_pixels(data: dict[str, Any]) -> np.ndarray:
    """`coarse_pixels` of moving shapes that no training sees.

    Args:
        data: Dictionary as for `clips.make_dataset`, with the source `"shapes"`.
    """
    videos, _ = km.data.shape_motion(
        _HELD_OUT,
        data["clip_frames"],
        data["image_size"],
        seed=1,
        directions=turns(data["directions"]),
    )
    return coarse_pixels(videos)


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
        real_pixels: `coarse_pixels` of held-out real clips.
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
