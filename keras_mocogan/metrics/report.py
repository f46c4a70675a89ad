"""Scores with their intervals and their floors: what evaluate.py prints."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from keras_mocogan.metrics.classifier import VideoClassifier
from keras_mocogan.metrics.content_distance import content_distances
from keras_mocogan.metrics.control_score import motion_control_score
from keras_mocogan.metrics.coverage import SQUARE, color_coverage, squareness
from keras_mocogan.metrics.frechet import frechet_distance
from keras_mocogan.metrics.inception import inception_score
from keras_mocogan.metrics.kernel import kernel_distance
from keras_mocogan.metrics.moving_shape import shape_colors
from keras_mocogan.metrics.trained_classifier import accuracy_interval


class Score(NamedTuple):
    """One line of a report.

    Attributes:
        key: Its name in logs and files.
        name: What was measured.
        value: The score of the generated videos.
        low, high: Its 95 % interval; for a distance or a coverage, the 95 % range over
            random splits.
        real: The score of real videos; for a distance, between real videos and others.
    """

    key: str
    name: str
    value: float
    low: float
    high: float
    real: float


def evaluate_videos(
    generated: tuple[np.ndarray, np.ndarray | None],
    real: tuple[np.ndarray, np.ndarray | None],
    classifier: VideoClassifier | None = None,
    extractor: Callable[[np.ndarray], np.ndarray] | None = None,
    colors: bool = True,
    seed: int = 0,
    count: int | None = None,
) -> list[Score]:
    """All scores that the arguments allow.

    Args:
        generated, real: Pairs of uint8 videos `(n, frames, height, width, channels)`
            and of their classes, integers `(n,)` or None.
        classifier: `VideoClassifier` for MCS, inception score and distances, or None.
        extractor: Another feature extractor for distances, such as `metrics.i3d`'s.
        colors: Whether the videos show one bright shape whose color should stay the
            same.
        seed: Fixes all draws.
        count: How many videos of each set are used, except for distances and coverage,
            which split all of them into halves; None for all.

    Returns:
        List of `Score`.

    Raises:
        ValueError: If the two sets differ in more than their number, hold too few
            videos to split, or a classifier does not know their classes.
    """
    if generated[0].shape[1:] != real[0].shape[1:]:
        raise ValueError(
            "`generated` and `real` must be videos of one shape: only their number may "
            f"differ. Received: shapes {generated[0].shape} and {real[0].shape}."
        )
    has_features = classifier is not None or extractor is not None
    check_counts(len(generated[0]), len(real[0]), has_features)
    scores = []
    if colors:
        if generated[0].shape[1] > 1:  # a color can change only from frame to frame
            scores += color_scores(generated[0][:count], real[0][:count], seed=seed)
        scores += coverage_scores(generated[0], real[0], seed=seed)
    if classifier is not None:
        judged = [classifier.classify(videos) for videos, _ in (generated, real)]
        pairs = [
            (opinions[:count], None if labels is None else labels[:count])
            for (_, opinions), labels in zip(
                judged, (generated[1], real[1]), strict=True
            )
        ]
        scores += class_scores(*pairs, seed=seed)
        scores += distance_scores(*(features for features, _ in judged), seed=seed)
    if extractor is not None:
        features = [extractor(videos) for videos, _ in (generated, real)]
        scores += [
            score._replace(
                key=f"extractor_{score.key}", name=f"{score.name}, extractor"
            )
            for score in distance_scores(*features, seed=seed)
        ]
    return scores


def check_counts(generated: int, real: int, has_features: bool) -> None:
    """Refuses sets that are too small for what compares their halves.

    Args:
        generated, real: Numbers of videos.
        has_features: Whether features are compared, whose covariance takes two videos.

    Raises:
        ValueError: If one of the sets is too small.
    """
    least = 4 if has_features else 2
    if min(generated, real) < least:
        raise ValueError(
            f"There must be at least {least} generated and {least} real videos: "
            f"halves of them are compared. Received: {generated} generated and {real} "
            "real ones. Give more clips."
        )


def about_counts(count: int, generated: int, real: int) -> str:
    """How many videos a table is about, in words.

    Args:
        count: Videos of each set that were asked for, twice as many for what compares
            halves.
        generated, real: Videos that there were.
    """
    fewest, used = min(generated, real), [min(count, n) for n in (generated, real)]
    halves = "twice as many" if fewest >= 2 * count else f"{fewest:,} of each"
    shown = f"{used[0]:,} generated and real videos"
    if used[0] != used[1]:
        shown = f"{used[0]:,} generated and {used[1]:,} real videos"
    return f"{shown}; distances and coverage: random halves of {halves}"


def color_scores(
    generated: npt.ArrayLike, real: npt.ArrayLike, repeats: int = 200, seed: int = 0
) -> list[Score]:
    """ACD of a moving shape's color, on the two scales that the paper may mean.

    Args:
        generated, real: uint8 videos `(n, frames, height, width, channels)`.
        repeats: Bootstrap draws for an interval.
        seed: Fixes these draws.

    Returns:
        List of `Score`.
    """
    ours, theirs = (content_distances(shape_colors(v)) for v in (generated, real))
    scores = []
    for key, scale, top in (("acd", "0..255", 1), ("acd_unit", "[0, 1]", 255)):
        name, pair = f"ACD, colors in {scale}", (ours / top, theirs / top)
        scores.append(bootstrap_score(key, name, np.mean, *pair, repeats, seed))
    return scores


def coverage_scores(
    generated: npt.ArrayLike, real: npt.ArrayLike, repeats: int = 200, seed: int = 0
) -> list[Score]:
    """What a collapsed generator lacks: the real colors, and both shapes.

    Coverage is computed over random splits, like distances: a bootstrap would lose
    colors.

    Args:
        generated, real, seed: As for `color_scores`.
        repeats: Splits, and bootstrap draws.

    Returns:
        List of `Score`.
    """
    colors = [shape_colors(videos).mean(axis=1) for videos in (generated, real)]
    key, name = "color_coverage", "real colors generated"
    coverage = split_score(key, name, color_coverage, *colors, repeats, seed)
    squares = squareness(generated) > SQUARE, squareness(real) > SQUARE
    key, name = "square_share", "squares among shapes"
    return [coverage, bootstrap_score(key, name, np.mean, *squares, repeats, seed)]


def class_scores(
    generated: tuple[np.ndarray, np.ndarray | None],
    real: tuple[np.ndarray, np.ndarray | None],
    repeats: int = 200,
    seed: int = 0,
) -> list[Score]:
    """MCS and inception score, by a classifier's opinions.

    Args:
        generated, real: Pairs of class probabilities `(n, classes)` and of the wanted
            classes, integers `(n,)`, or None if none was asked for.
        repeats, seed: As for `color_scores`.

    Returns:
        List of `Score`; MCS only if both are labeled.
    """
    scores = []
    if generated[1] is not None and real[1] is not None:
        for opinions, labels in (generated, real):
            motion_control_score(opinions, labels)  # raises where they do not fit
        ours, theirs = (p.argmax(axis=1) == labels for p, labels in (generated, real))
        interval = accuracy_interval(ours.sum(), len(ours))
        scores.append(Score("mcs", "MCS", ours.mean(), *interval, theirs.mean()))

    def inception(probabilities):
        # Each part would be biased by its size; the interval shows the spread.
        return inception_score(probabilities, splits=1)[0]

    # Fewer videos score lower, so both sets must have the same size.
    count = min(len(generated[0]), len(real[0]))
    pair = generated[0][:count], real[0][:count]
    key, name = "inception_score", "inception score"
    scores.append(bootstrap_score(key, name, inception, *pair, repeats, seed))
    return scores


def distance_scores(
    generated: np.ndarray, real: np.ndarray, repeats: int = 20, seed: int = 0
) -> list[Score]:
    """Fréchet and kernel distance to real features, and those between real features.

    Both sets are split at random into halves of the same size. Half of the generated
    features and the other half of the real ones are each compared with one half of the
    real ones. The scores are the mean and the 95 % range over `repeats` splits.

    Args:
        generated, real: Features `(n, dimensions)`.
        repeats: Number of splits.
        seed: Fixes the splits.

    Returns:
        List of `Score`.
    """
    half = min(len(generated), len(real)) // 2
    return [
        split_score(
            key, f"{name}, {half} of each", distance, generated, real, repeats, seed
        )
        for key, name, distance in (
            ("frechet_distance", "Fréchet distance", frechet_distance),
            ("kernel_distance", "kernel distance", kernel_distance),
        )
    ]


def split_score(key, name, distance, generated, real, repeats, seed):
    """`distance(half, half of the real ones)` over random splits into halves."""
    half = min(len(generated), len(real)) // 2
    random = np.random.default_rng(seed)
    found, floor = [], []
    for _ in range(repeats):
        of_real = random.permutation(len(real))
        of_generated = random.permutation(len(generated))
        one, other = real[of_real[:half]], real[of_real[half : 2 * half]]
        found.append(distance(generated[of_generated[:half]], one))
        floor.append(distance(other, one))
    low, high = np.quantile(found, (0.025, 0.975))
    return Score(key, name, *map(float, (np.mean(found), low, high, np.mean(floor))))


def bootstrap_score(key, name, statistic, generated, real, repeats, seed):
    """The statistic of both, and the bootstrap interval of the first."""
    random = np.random.default_rng(seed)
    draws = [
        statistic(generated[random.integers(0, len(generated), len(generated))])
        for _ in range(repeats)
    ]
    low, high = np.quantile(draws, (0.025, 0.975))
    values = statistic(generated), low, high, statistic(real)
    return Score(key, name, *map(float, values))


def to_table(scores: Sequence[Score]) -> str:
    """Text with one line for each score, in columns."""
    width = max(len(score.name) for score in scores)
    lines = [f"{'':{width}}{'generated':>11}{'95 % range':>24}{'real':>11}"]
    for score in scores:
        interval = f"{score.low:.4g} to {score.high:.4g}"
        lines.append(
            f"{score.name:{width}}{score.value:>11.4g}{interval:>24}{score.real:>11.4g}"
        )
    return "\n".join(lines)
