"""Density and coverage: like precision and recall, but robust to single outliers."""

import numpy as np
import numpy.typing as npt

from keras_mocogan.metrics.neighbors import (
    centered_pair,
    distance_blocks,
    squared_radii,
)


def density_coverage(
    real: npt.ArrayLike, fake: npt.ArrayLike, k: int = 5
) -> tuple[float, float]:
    """How densely generated samples fill the neighborhoods of real ones, and how many.

    The neighborhood of a real sample reaches to its `k`-th real neighbor. Density is
    the number of neighborhoods that a generated sample lies in, divided by `k`;
    coverage is the share of neighborhoods that hold a generated sample. Unlike with
    `precision_recall`, an outlier among the generated samples does not make anything
    look covered, and one among the real samples adds little to density. For two sets
    from one distribution and of the same size, density is 1 on average, and coverage
    nearly 1 - 2^-k.

    Args:
        real: Features `(samples, dimensions)`, more than `k` samples.
        fake: Features `(samples, dimensions)`. For memory see `precision_recall`.
        k: The neighbor whose distance is a real sample's radius.

    Returns:
        Density, a float of at least 0 that may be above 1, and coverage, a float in
        0..1.

    Raises:
        ValueError: If shapes do not fit, a feature is not finite, or there are `k` real
            samples or fewer.

    References:
        Naeem, Oh, Uh, Choi, Yoo: Reliable Fidelity and Diversity Metrics for
        Generative Models, ICML 2020, section 3.

    Example:

    ```python
    random = np.random.default_rng(0)
    real, generated = random.normal(0, 1, (500, 4)), random.normal(0, 0.3, (500, 4))
    density, coverage = km.metrics.density_coverage(real, generated)  # 1.26, 0.30
    ```
    """
    real, fake = centered_pair(real, fake)
    radii = squared_radii(real, k)
    within, covered = 0, np.zeros(len(real), bool)
    for _, block in distance_blocks(fake, real):
        inside = block <= radii
        within += inside.sum()
        covered |= inside.any(axis=0)
    return float(within / (k * len(fake))), float(covered.mean())
