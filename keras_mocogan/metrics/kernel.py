"""Kernel distance between two sets of features: the unbiased squared MMD."""

import numpy as np
import numpy.typing as npt

from keras_mocogan.metrics.checks import check_features, check_same_width

_BLOCK = 1024


def kernel_distance(x: npt.ArrayLike, y: npt.ArrayLike) -> float:
    """Squared maximum mean discrepancy with the kernel (x.y/d + 1)^3, unbiased.

    Binkowski, Sutherland, Arbel and Gretton, "Demystifying MMD GANs", ICLR 2018. Its
    expectation is 0 for two samples from one distribution, and single values may be
    negative. Unlike the Fréchet distance it is not biased for small samples.

    Args:
        x, y: Features `(samples, dimensions)`, at least two samples each. Products are
            computed in blocks, so memory grows only with the samples.

    Returns:
        A float, which may be negative.

    Raises:
        ValueError: If shapes do not fit or a feature is not finite.

    Example:

    ```python
    random = np.random.default_rng(0)
    real, generated = random.normal(0, 1, (500, 4)), random.normal(1, 1, (500, 4))
    km.metrics.kernel_distance(generated, real)  # 9.6
    ```
    """
    x, y = check_features(x, "x"), check_features(y, "y")
    check_same_width(x.shape[1], y.shape[1])
    if min(len(x), len(y)) < 2:
        raise ValueError(
            f"Each set must have at least two samples. Received: {len(x)} and {len(y)}."
        )
    within = _mean_of_pairs(x) + _mean_of_pairs(y)
    return float(within - 2 * _sum(x, y) / (len(x) * len(y)))


def _mean_of_pairs(x):
    diagonal = ((np.square(x).sum(axis=1) / x.shape[1] + 1) ** 3).sum()
    return (_sum(x, x) - diagonal) / (len(x) * (len(x) - 1))


def _sum(x, y):
    return sum(
        ((x[i : i + _BLOCK] @ y[j : j + _BLOCK].T / x.shape[1] + 1) ** 3).sum()
        for i in range(0, len(x), _BLOCK)
        for j in range(0, len(y), _BLOCK)
    )
