"""Fréchet distance between two sets of features, each treated as a Gaussian."""

import warnings
from typing import Self

import numpy as np
import numpy.typing as npt

from keras_mocogan.metrics.checks import check_features, check_same_width


def frechet_distance(x: npt.ArrayLike, y: npt.ArrayLike, ddof: int = 1) -> float:
    """`|m_x - m_y|^2 + Tr(C_x + C_y - 2 (C_x C_y)^(1/2))`, of means and covariances.

    Heusel and others, NIPS 2017; with features of I3D it is FVD (Unterthiner and
    others, 2018). It is exact even with fewer samples than dimensions: the trace of the
    root is the nuclear norm of the product of the centered features, which needs no
    root of a singular matrix. Few samples bias it upward.

    Args:
        x, y: Features `(samples, dimensions)`.
        ddof: Covariances are divided by `samples - ddof`: 1, as the FVD authors' code
            and NumPy's `cov` do, or 0, as StyleGAN-V's does.

    Returns:
        A float, at least 0.

    Raises:
        ValueError: If shapes do not fit, a feature is not finite, or a set has `ddof`
            samples or fewer.

    Example:

    ```python
    random = np.random.default_rng(0)
    real, generated = random.normal(0, 1, (500, 4)), random.normal(1, 1, (500, 4))
    km.metrics.frechet_distance(generated, real)  # 4.2
    ```
    """
    return FrechetStatistics().update(x).distance(FrechetStatistics().update(y), ddof)


class FrechetStatistics:
    """Mean and scatter of features that come in chunks, for `frechet_distance`.

    However many samples come, memory is that of a few `(dimensions, dimensions)`
    matrices, and chunks change only the rounding. A factor of the scatter matrix is
    kept, made triangular by QR, and never the matrix itself, in which small eigenvalues
    would be lost.

    Attributes:
        count: Number of samples so far.
        mean: float64 of shape `(dimensions,)`; None before the first `update`.
    """

    def __init__(self) -> None:
        self.count = 0
        self.mean = None
        self._factor = None  # (rows, dimensions): factor.T @ factor is the scatter

    def update(self, features: npt.ArrayLike) -> Self:
        """Adds features `(samples, dimensions)`; returns itself."""
        features = check_features(features)
        count, mean = len(features), features.mean(axis=0)
        rows = [features - mean]
        if self.count:
            check_same_width(len(self.mean), len(mean))
            # The scatter of two sets is the sum of both and of the scatter of the
            # means.
            weight = self.count * count / (self.count + count)
            rows += [self._factor, np.sqrt(weight) * (mean - self.mean)[None]]
            mean = self.mean + (mean - self.mean) * count / (self.count + count)
        self.count, self.mean = self.count + count, mean
        factor = np.concatenate(rows)
        if len(factor) > len(mean):
            factor = np.linalg.qr(factor, mode="r")
        self._factor = factor
        return self

    def distance(self, other: "FrechetStatistics", ddof: int = 1) -> float:
        """The distance to other statistics; for `ddof` see `frechet_distance`."""
        for statistics in (self, other):
            statistics._check_count(ddof)
        check_same_width(len(self.mean), len(other.mean))
        a, b = (s._factor / np.sqrt(s.count - ddof) for s in (self, other))
        root_trace = np.linalg.norm(a @ b.T, "nuc")
        traces = np.square(a).sum() + np.square(b).sum()
        means = np.square(self.mean - other.mean).sum()
        return float(max(means + traces - 2 * root_trace, 0.0))

    def _check_count(self, ddof):
        if self.count <= ddof:
            raise ValueError(
                f"Each set must have more than {ddof} samples, for a covariance with "
                f"ddof={ddof}. Received: {self.count} samples."
            )
        if self.count <= len(self.mean):
            warnings.warn(
                f"{self.count} samples of {len(self.mean)} dimensions: the Fréchet "
                "distance of so few is biased upward. Compare only figures with equal "
                "sample counts, or use more samples (2,048 is usual for FVD).",
                stacklevel=3,
            )
