"""The measures of generated clips of moving shapes."""

import numpy as np

import keras_mocogan as km


def measure(videos, labels, directions, classifier, real_features):
    """A dictionary from measure to number.

    Args:
        videos: uint8 `(n, frames, height, width, channels)`.
        labels: Classes that were asked for, `(n,)`.
        directions: The way each class moves, such as `["up", "left"]`.
        classifier: `km.metrics.VideoClassifier` of real clips.
        real_features: Its features of held-out real clips.
    """
    metrics = km.metrics
    features, probabilities = classifier.classify(videos)
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
        "kernel_distance": metrics.kernel_distance(features, real_features),
    }
