"""Do content and motion decide what they should, and do clips look real?"""

import numpy as np

from keras_mocogan.metrics.attributes import AttributeClassifier
from keras_mocogan.metrics.classifier import VideoClassifier
from keras_mocogan.metrics.content_control import (
    agreement_of_contents,
    clips_of_grid,
    commonest,
    distinct_characters,
    frames_agree,
)
from keras_mocogan.metrics.control_score import motion_control_score
from keras_mocogan.metrics.copies import nearest_training
from keras_mocogan.metrics.density import density_coverage
from keras_mocogan.metrics.precision import precision_recall
from keras_mocogan.metrics.report import (
    Score,
    bootstrap_score,
    distance_scores,
    split_score,
)

_REPEATS = 200  # bootstrap draws
_SPLITS = 20
_FEWEST = 12  # a half must outnumber the five neighbors of `density_coverage`
# Key -> its name, and a function of (generated, real) features.
_NEIGHBORS = {
    "precision": ("precision", lambda x, y: precision_recall(y, x)[0]),
    "recall": ("recall", lambda x, y: precision_recall(y, x)[1]),
    "density": ("density", lambda x, y: density_coverage(y, x)[0]),
    "coverage": ("coverage", lambda x, y: density_coverage(y, x)[1]),
}


def grid_scores(
    generated: np.ndarray,
    wanted: np.ndarray,
    classifier: VideoClassifier,
    attributes: AttributeClassifier,
    real: np.ndarray | None = None,
    seed: int = 0,
) -> list[Score]:
    """Is a motion obeyed under all contents, and a content under all motions?

    Args:
        generated: uint8 videos
            `(contents, motions, frames, height, width, channels)`: each content under
            each motion.
        wanted: Class of each motion, integers `(motions,)`.
        classifier: Classifier of the classes of motion.
        attributes: Classifier of what the content looks like.
        real: A grid of real clips, with the same motions and any number of contents.
            Its score is the highest that can be expected. If it is None, `real` of the
            scores is NaN.
        seed: Fixes the draws for the intervals, which are over contents.

    Returns:
        List of `Score`: the keys are `motion_obeyed`, `motion_obeyed/CLASS`, and for
        each attribute `content_obeyed/NAME` (pairs of motions),
        `content_obeyed_by_chance/NAME` and `content_obeyed_by_all/NAME`.

    Raises:
        ValueError: If the videos do not fit.
    """
    judges = classifier, attributes
    ours = _shares_by_content(generated, wanted, *judges)
    theirs = {} if real is None else _shares_by_content(real, wanted, *judges)
    unknown = np.array([np.nan])
    return [
        bootstrap_score(
            key,
            name,
            np.mean,
            shares,
            theirs.get(key, (name, unknown))[1],
            _REPEATS,
            seed,
        )
        for key, (name, shares) in ours.items()
    ]


def _shares_by_content(grid, wanted, classifier, attributes):
    """Key -> its name and float64 `(contents,)`."""
    if grid.ndim != 6 or len(wanted) != grid.shape[1]:
        raise ValueError(
            "A grid must be videos of shape (contents, motions, frames, height, width, "
            "channels), and `wanted` one class for each motion. Received: shape "
            f"{grid.shape} and {len(wanted)} classes."
        )
    videos = grid.reshape(-1, *grid.shape[2:])
    wanted = np.asarray(wanted)
    _, probabilities = classifier.classify(videos)
    # It raises where they do not fit.
    motion_control_score(probabilities, np.tile(wanted, len(grid)))
    hits = probabilities.argmax(axis=1).reshape(grid.shape[:2]) == wanted
    shares = {"motion_obeyed": ("motion obeyed", hits.mean(axis=1))}
    names = classifier.class_names or list(map(str, range(probabilities.shape[1])))
    for number in np.unique(wanted):
        of_class = hits[:, wanted == number].mean(axis=1)
        name = names[number]
        shares[f"motion_obeyed/{name}"] = f"motion obeyed, {name}", of_class
    _, predictions = attributes.classify(videos)
    frames = {name: p.reshape(*grid.shape[:3]) for name, p in predictions.items()}
    for name, clips in clips_of_grid(frames).items():
        pairs, by_chance = agreement_of_contents(clips)
        shares |= {
            f"content_obeyed/{name}": (f"content obeyed, {name}", pairs),
            f"content_obeyed_by_chance/{name}": ("- by chance", by_chance),
            f"content_obeyed_by_all/{name}": ("- by all motions", pairs == 1),
        }
    return shares


def clip_scores(
    generated: np.ndarray,
    real: np.ndarray,
    classifier: VideoClassifier,
    attributes: AttributeClassifier,
    seed: int = 0,
) -> list[Score]:
    """Do clips keep their content, are there many, and are they like real ones?

    Distances are computed twice: in the classifier's features, which distinguish
    motions, and in the attributes' features averaged over the frames, which distinguish
    looks.

    Args:
        generated, real: uint8 videos `(n, frames, height, width, channels)`, at least
            12 of each, because they are split into halves.
        classifier, attributes: As for `grid_scores`.
        seed: Fixes all draws.

    Returns:
        List of `Score`: the keys are `content_kept/NAME` and `content_kept`,
        `distinct_characters`, and each of the distances with the prefixes `motion_` and
        `look_`.

    Raises:
        ValueError: If the videos do not fit, or there are too few.
    """
    if min(len(generated), len(real)) < _FEWEST:
        raise ValueError(
            f"`generated` and `real` must hold at least {_FEWEST} videos each: their "
            f"halves are compared. Received: {len(generated)} generated and "
            f"{len(real)} real ones. Give more."
        )
    looks, predictions = zip(
        *(attributes.classify(videos) for videos in (generated, real)), strict=True
    )
    kept = [frames_agree(p) for p in predictions]
    scores = [
        bootstrap_score(
            f"content_kept/{name}",
            f"content kept, {name}",
            np.mean,
            *(of_set[name] for of_set in kept),
            _REPEATS,
            seed,
        )
        for name in kept[0]
    ]
    jointly = [np.all(list(of_set.values()), axis=0) for of_set in kept]
    key, name = "content_kept", "content kept, jointly"
    scores.append(bootstrap_score(key, name, np.mean, *jointly, _REPEATS, seed))
    scores.append(_distinct_score(*predictions, seed))
    motions = [classifier.classify(videos)[0] for videos in (generated, real)]
    scores += _set_scores("motion", *motions, seed)
    return scores + _set_scores("look", *(x.mean(axis=1) for x in looks), seed)


def _distinct_score(generated, real, seed):
    names = list(generated)

    def count(clips, _):
        return distinct_characters(dict(zip(names, clips.T, strict=True)))

    clips = [
        np.stack([commonest(p[n]) for n in names], axis=1) for p in (generated, real)
    ]
    half = min(map(len, clips)) // 2
    name = f"distinct characters among {half}"
    return split_score("distinct_characters", name, count, *clips, _SPLITS, seed)


def _set_scores(space, generated, real, seed):
    scores = distance_scores(generated, real, _SPLITS, seed)
    scores += [
        split_score(key, name, measure, generated, real, _SPLITS, seed)
        for key, (name, measure) in _NEIGHBORS.items()
    ]
    return [
        s._replace(key=f"{space}_{s.key}", name=f"{s.name}, {space}") for s in scores
    ]


def copy_scores(
    generated: np.ndarray,
    training: np.ndarray,
    held_out: np.ndarray,
    downsample: int = 1,
    seed: int = 0,
) -> list[Score]:
    """Are generated clips nearer to training clips than held-out ones are?

    Args:
        generated, training, held_out, downsample: As for `metrics.nearest_training`.
        seed: Fixes the draws for the intervals.

    Returns:
        List of two `Score`: the median distance, and the share of clips that are as
        near as the nearest 1 % of the held-out clips.
    """
    found = nearest_training(generated, training, held_out, downsample)
    pair = found.distances, found.held_out_distances
    key, name = "training_distance", "pixel distance to training clips, median"
    distance = bootstrap_score(key, name, np.median, *pair, _REPEATS, seed)
    near = [distances < found.near for distances in pair]
    key, name = "near_training", "nearer to them than 99 % of real clips"
    return [distance, bootstrap_score(key, name, np.mean, *near, _REPEATS, seed)]
