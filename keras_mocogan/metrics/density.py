"""Density and coverage: precision and recall that single outliers do not spoil."""

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
    """How many real neighborhoods hold a generated sample, and how many are held.

    The neighborhood of a real sample reaches to its `k`-th real neighbor. Density
    counts the neighborhoods that a generated sample lies in, divided by `k`; coverage
    is the share of the neighborhoods that hold a generated sample. Unlike with
    `precision_recall` an outlier among the generated samples makes nothing
    look covered, and one among the real ones adds little to density. For two sets of
    one distribution and of one size density is 1 on average, and coverage nearly
    1 - 2^-k.

    Args:
        real: Features `(samples, dimensions)`, more than `k` samples.
        fake: Features `(samples, dimensions)`. Blocks: see `precision_recall`.
        k: Neighbor whose distance is a real sample's radius.

    Returns:
        Density, a float of at least 0 that may be above 1, and coverage, a float in
        0..1.

    Raises:
        ValueError: If shapes do not fit, a feature is not finite, or there are no
            more than `k` real samples.

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
