"""What a Fréchet distance would be without the bias of few samples."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from keras_mocogan.metrics.checks import check_features, check_same_width
from keras_mocogan.metrics.frechet import frechet_distance

# Parts that the samples are divided into, at most, and groups of the jackknife.
_MOST_PARTS = 4
_GROUPS = 10


class Extrapolation(NamedTuple):
    """A Fréchet distance at an infinite number of samples.

    Attributes:
        value: The extrapolated distance; below 0 if there is less than the noise.
        standard_error: Of `value`.
        bias: How much larger the distance of all samples is.
        samples: Numbers of samples of each set, the largest first.
        distances: Mean distances of that many samples.
    """

    value: float
    standard_error: float
    bias: float
    samples: tuple[int, ...]
    distances: tuple[float, ...]

    def __str__(self) -> str:
        return (
            f"{self.value:.4g} ± {self.standard_error:.2g} for infinitely many clips "
            f"(bias of {self.samples[0]:,}: {self.bias:.4g})"
        )


def extrapolated_frechet_distance(
    x: npt.ArrayLike, y: npt.ArrayLike, ddof: int = 1, seed: int = 0
) -> Extrapolation:
    """The Fréchet distance for infinitely many samples of both sets.

    The distance of `N` samples is too large by nearly `bias / N`, and the bias depends
    on the model. Both sets are divided into 1 and 2 parts, and into 3 and 4 if there
    are enough samples; the mean distances of the parts are fitted by a line in `1 / N`,
    and the value of that line at 0 is returned. Its standard error comes from a
    jackknife over ten groups of samples, and is rather too large than too small. The
    larger set is cut to the size of the smaller one.

    Args:
        x, y: Features `(samples, dimensions)`. Half of the smaller set must still be
            more samples than dimensions: with fewer the bias follows another law.
        ddof: As for `frechet_distance`.
        seed: Fixes the parts; a non-negative integer.

    Returns:
        An `Extrapolation`.

    Raises:
        ValueError: If shapes do not fit, a feature is not finite, or there are too few
            samples.

    References:
        Chong, Forsyth: Effectively Unbiased FID and Inception Score and where to find
        them, CVPR 2020, section 4: FID is linear in 1 / N. The paper draws sets of 15
        sizes and leaves the real set as it is; here both are divided, because sets of
        real clips are small, too.

    Example:

    ```python
    random = np.random.default_rng(0)
    x, y = random.normal(0, 1, (500, 16)), random.normal(0, 1, (500, 16))
    km.metrics.frechet_distance(x, y)  # 0.37, of one distribution
    print(km.metrics.extrapolated_frechet_distance(x, y))  # 0.033 ± 0.072 for ...
    ```
    """
    x, y = check_features(x, "x"), check_features(y, "y")
    check_same_width(x.shape[1], y.shape[1])
    count, random = min(len(x), len(y)), np.random.default_rng(seed)
    x, y = (z[random.permutation(len(z))[:count]] for z in (x, y))
    # Every part loses its share of a group, and keeps the others: the parts of a
    # jackknife that were drawn anew would differ by more than what was left out.
    groups = np.arange(count) % _GROUPS
    parts = choose_parts(count, x.shape[1])
    samples, distances = _by_size(x, y, groups >= 0, parts, ddof)
    value = _at_infinity(samples, distances)
    left_out = [
        _at_infinity(*_by_size(x, y, groups != group, parts, ddof))
        for group in range(_GROUPS)
    ]
    deviations = np.square(np.array(left_out) - np.mean(left_out))
    error = np.sqrt((_GROUPS - 1) * deviations.mean())
    return Extrapolation(
        value, float(error), distances[0] - value, tuple(samples), tuple(distances)
    )


def choose_parts(count: int, dimensions: int) -> int:
    """The largest number of parts whose samples outnumber the dimensions.

    Args:
        count: Samples of each set, of which the jackknife leaves out a group.
        dimensions: Of a sample.

    Returns:
        A number from 2 to 4.

    Raises:
        ValueError: If there are not enough for two parts.
    """
    # Groups take turns: of neighbors, such as those of a part, a group is a tenth,
    # rounded up at most. The smallest of the parts must keep enough without it.
    enough = -(-(dimensions + 1) * _GROUPS // (_GROUPS - 1))
    parts = min(_MOST_PARTS, count // enough)
    if parts < 2:
        least = 2 * enough
        raise ValueError(
            "Both sets must have more than twice as many samples as dimensions, or "
            f"there is no line to extrapolate. Received: {count} samples of "
            f"{dimensions} dimensions. Use at least {least} of each."
        )
    return parts


def _by_size(x, y, used, most_parts, ddof):
    """Samples of a part, and the mean distance of parts, for 1, 2, ... parts.

    `used` says of each sample whether it counts.
    """
    samples, distances = [], []
    for parts in range(1, most_parts + 1):
        part = np.arange(len(x)) * parts // len(x)
        pieces = [used & (part == i) for i in range(parts)]
        found = [frechet_distance(x[piece], y[piece], ddof) for piece in pieces]
        samples.append(int(used.sum()) // parts)
        distances.append(float(np.mean(found)))
    return samples, distances


def _at_infinity(samples, distances):
    _, value = np.polyfit(1 / np.array(samples), distances, 1)
    return float(value)
