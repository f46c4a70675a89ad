"""Precision and recall: do generated samples look real, and are real ones generated?"""

import numpy as np
import numpy.typing as npt

from keras_mocogan.metrics.neighbors import (
    centered_pair,
    distance_blocks,
    squared_radii,
)


def precision_recall(
    real_features: npt.ArrayLike, fake_features: npt.ArrayLike, k: int = 3
) -> tuple[float, float]:
    """Share of generated samples among real ones, and of real among generated ones.

    A sample lies among others if it is no further from one of them than that one's
    `k`-th neighbor. Precision measures quality, recall variety: a generator that
    repeats one perfect clip has a precision of 1 and a recall of nearly 0. Real samples
    do not score 1 against other real ones, so compare with their score. Both depend on
    the number of samples; the paper uses 50,000 of each and `k=3`.

    Args:
        real_features, fake_features: Features `(samples, dimensions)`, more than `k`
            samples each. Distances are computed in blocks, so that 10,000 of each need
            about 100 MB besides the features.
        k: The neighbor whose distance is a sample's radius.

    Returns:
        Precision and recall, two floats in 0..1.

    Raises:
        ValueError: If shapes do not fit, a feature is not finite, or a set has `k`
            samples or fewer.

    References:
        Kynkäänniemi, Karras, Laine, Lehtinen, Aila: Improved Precision and Recall
        Metric for Assessing Generative Models, NeurIPS 2019, equations 1 to 3.

    Example:

    ```python
    random = np.random.default_rng(0)
    real, generated = random.normal(0, 1, (500, 4)), random.normal(0, 0.3, (500, 4))
    precision, recall = km.metrics.precision_recall(real, generated)  # 0.99, 0.13
    ```
    """
    real, fake = centered_pair(real_features, fake_features)
    return _share_among(fake, real, k), _share_among(real, fake, k)


def _share_among(points, others, k):
    radii = squared_radii(others, k)
    found = [
        (block <= radii).any(axis=1) for _, block in distance_blocks(points, others)
    ]
    return float(np.concatenate(found).mean())
