"""Inception score: sharp classes in each video, all classes over many."""

from numbers import Integral

import numpy as np
import numpy.typing as npt

from keras_mocogan.metrics.checks import check_features


def inception_score(
    probabilities: npt.ArrayLike, splits: int = 10
) -> tuple[float, float]:
    """exp of the mean KL divergence between p(y|x) and p(y).

    Salimans and others, NIPS 2016, with a classifier of videos (for UCF-101 the
    papers use C3D). Few samples bias it downward.

    Args:
        probabilities: Class probabilities `(videos, classes)`, rows summing to 1.
        splits: Parts for which the score is computed; part i has the rows from
            `i * n // splits` to `(i + 1) * n // splits`.

    Returns:
        Mean and standard deviation over the parts, two floats.

    Raises:
        ValueError: If the rows are not probabilities or fewer than `splits`.

    Example:

    ```python
    probabilities = np.eye(4)[np.arange(40) % 4]  # sure of each, classes balanced
    mean, deviation = km.metrics.inception_score(probabilities)  # 4.0, 0.0
    ```
    """
    p = check_features(probabilities, "probabilities")
    if p.min() < 0 or np.abs(p.sum(axis=1) - 1).max() > 1e-3:
        raise ValueError(
            "`probabilities` must be 0 or more and sum to 1 in each row. Received: "
            f"rows that sum to {p.sum(axis=1).min():.3g}..{p.sum(axis=1).max():.3g} "
            f"with entries from {p.min():.3g}. Pass the softmax of the logits."
        )
    if not isinstance(splits, Integral) or not 1 <= splits <= len(p):
        raise ValueError(
            f"`splits` must be an integer from 1 to {len(p)}, the number of videos. "
            f"Received: splits={splits!r}."
        )
    bounds = [i * len(p) // splits for i in range(splits + 1)]
    scores = [
        np.exp(_mean_divergence(p[start:end]))
        for start, end in zip(bounds[:-1], bounds[1:], strict=True)
    ]
    return float(np.mean(scores)), float(np.std(scores))


def _mean_divergence(p):
    mean = p.mean(axis=0)
    # p log p is 0 where p is 0.
    own = np.where(p > 0, p * np.log(np.where(p > 0, p, 1)), 0).sum(axis=1).mean()
    return own - np.sum(mean * np.log(np.where(mean > 0, mean, 1)))
