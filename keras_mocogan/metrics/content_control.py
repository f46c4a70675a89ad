"""Does content rule what is seen, and motion alone what happens?

All are made of class numbers that classifiers give, such as `AttributeClassifier` and
`VideoClassifier`. Classifiers err, and a back view does not show all of a face: read
each share beside that of real clips, which is the highest that can be expected.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from keras_mocogan.metrics.control_score import motion_control_score


class Kept(NamedTuple):
    """What `content_kept` finds.

    Attributes:
        shares: Share of the clips that keep it, by attribute.
        jointly: Share of the clips that keep all attributes.
    """

    shares: dict[str, float]
    jointly: float


class Obeyed(NamedTuple):
    """What `content_obeyed` finds: a share by attribute, three times.

    Attributes:
        pairs: The figure to quote: share of the pairs of two motions of one content
            that agree, the mean over contents.
        all_motions: Share of the contents that agree under all motions: one error in
            one of them counts against a content, so it falls with their number.
        by_chance: Share of the pairs of two motions of two contents that agree:
            `pairs` of a generator that draws its attributes without looking at
            the content. 1 where all contents look the same.
    """

    pairs: dict[str, float]
    all_motions: dict[str, float]
    by_chance: dict[str, float]


def content_kept(predictions: Mapping[str, npt.ArrayLike]) -> Kept:
    """Share of the clips whose frames all show one and the same attribute.

    Args:
        predictions: Class numbers of frames by attribute, integers `(n, frames)`, such
            as the second of what `AttributeClassifier.classify` returns.

    Returns:
        `Kept`.

    Raises:
        ValueError: If there are no attributes, or shapes do not fit.

    Example:

    ```python
    predictions = {"hair": [[0, 0], [1, 2]], "shirt": [[3, 3], [4, 4]]}
    km.metrics.content_kept(predictions)  # hair 0.5, shirt 1.0; jointly 0.5
    ```
    """
    kept = frames_agree(predictions)
    jointly = np.all(list(kept.values()), axis=0).mean()
    return Kept({name: float(k.mean()) for name, k in kept.items()}, float(jointly))


def content_obeyed(predictions: Mapping[str, npt.ArrayLike]) -> Obeyed:
    """Does one content show the same attributes under all motions?

    Of "the same content under all motions gives the same attributes in at least 90 %"
    it is `pairs` that must be 0.9: any two clips of one content agree that often,
    however many motions are tried.

    Args:
        predictions: Class numbers by attribute, integers `(contents, motions)` of
            clips, or `(contents, motions, frames)` of frames: then the commonest of a
            clip's frames counts. At least two contents and two motions.

    Returns:
        `Obeyed`.

    Raises:
        ValueError: If there are no attributes, or shapes do not fit.

    Example:

    ```python
    # The second content's hair changes in one of three motions.
    predictions = {"hair": [[0, 0, 0], [1, 1, 2]]}
    km.metrics.content_obeyed(predictions).pairs  # {"hair": 0.667}
    ```
    """
    clips = clips_of_grid(predictions)
    agreement = {name: agreement_of_contents(p) for name, p in clips.items()}
    return Obeyed(
        {name: float(one.mean()) for name, (one, _) in agreement.items()},
        {name: float(np.mean(one == 1)) for name, (one, _) in agreement.items()},
        {name: float(other.mean()) for name, (_, other) in agreement.items()},
    )


def motion_obeyed(
    predicted_classes: npt.ArrayLike, wanted: npt.ArrayLike
) -> tuple[float, dict[int, float]]:
    """Does one motion show its class under all contents?

    Args:
        predicted_classes: Class numbers of clips, integers `(contents, motions)`.
        wanted: Class number of each motion, integers `(motions,)`.

    Returns:
        Share of the clips that show the class of their motion, a float, and the same
        by class, a dictionary.

    Raises:
        ValueError: If shapes do not fit or numbers are no integers.

    Example:

    ```python
    predicted = [[0, 1, 1], [0, 1, 0]]  # two contents under three motions
    km.metrics.motion_obeyed(predicted, [0, 1, 1])  # 0.833, {0: 1.0, 1: 0.75}
    ```
    """
    predicted, wanted = np.asarray(predicted_classes), np.asarray(wanted)
    if predicted.ndim != 2 or wanted.shape != predicted.shape[1:]:
        raise ValueError(
            "`predicted_classes` must be of shape (contents, motions), and `wanted` "
            f"(motions,). Received: shapes {predicted.shape} and {wanted.shape}."
        )
    wanted = np.broadcast_to(wanted, predicted.shape)
    share = motion_control_score(predicted.ravel(), wanted.ravel())
    hits = predicted == wanted
    classes = np.unique(wanted).tolist()
    return share, {c: float(hits[wanted == c].mean()) for c in classes}


def distinct_characters(predictions: Mapping[str, npt.ArrayLike]) -> int:
    """Number of combinations of attributes that clips show.

    A generator that repeats itself has few. Compare it with that of as many real
    clips.

    Args:
        predictions: Class numbers by attribute, integers `(n,)` of clips, or
            `(n, frames)` of frames: then the commonest of a clip's frames counts.

    Returns:
        An integer from 1 to `n`.

    Raises:
        ValueError: If there are no attributes, or shapes do not fit.

    Example:

    ```python
    predictions = {"hair": [0, 0, 1], "shirt": [2, 2, 2]}
    km.metrics.distinct_characters(predictions)  # 2
    ```
    """
    predictions = _check(predictions, {1: "(clips,)", 2: "(clips, frames)"})
    clips = [commonest(p) if p.ndim == 2 else p for p in predictions.values()]
    return len(np.unique(np.stack(clips, axis=1), axis=0))


def clips_of_grid(
    predictions: Mapping[str, npt.ArrayLike],
) -> dict[str, np.ndarray]:
    """Class numbers `(contents, motions)` of clips by attribute, or `ValueError`."""
    shapes = {2: "(contents, motions)", 3: "(contents, motions, frames)"}
    predictions = _check(predictions, shapes)
    clips = {n: commonest(p) if p.ndim == 3 else p for n, p in predictions.items()}
    contents, motions = next(iter(clips.values())).shape
    if min(contents, motions) < 2:
        raise ValueError(
            "`predictions` must be of at least two contents and two motions, to be "
            f"compared. Received: {contents} contents and {motions} motions."
        )
    return clips


def commonest(predictions: np.ndarray) -> np.ndarray:
    """The number that occurs most often along the last axis, of several the lowest."""
    values = np.unique(predictions)
    counts = np.stack([(predictions == value).sum(axis=-1) for value in values])
    return values[counts.argmax(axis=0)]


def frames_agree(predictions: Mapping[str, npt.ArrayLike]) -> dict[str, np.ndarray]:
    """Whether all frames of a clip agree, bool `(n,)` by attribute, or `ValueError`."""
    predictions = _check(predictions, {2: "(clips, frames)"})
    return {name: (p == p[:, :1]).all(axis=1) for name, p in predictions.items()}


def agreement_of_contents(clips: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Share of agreeing pairs of two motions, by content.

    Args:
        clips: Class numbers, integers `(contents, motions)`.

    Returns:
        Two float64 arrays `(contents,)`: of the pairs of one content, and of those of
        this content and another one.
    """
    contents, motions = clips.shape
    shown = clips[..., None] == np.unique(clips)  # (contents, motions, classes)
    of_content = shown.sum(axis=1, keepdims=True)
    of_motion = shown.sum(axis=0, keepdims=True)
    # Of the clips that agree with a clip, it is itself one of its content's and one
    # of its motion's.
    same = (shown * (of_content - 1)).sum(axis=2)
    others = of_content.sum(axis=0) - of_content - of_motion + 1
    other = (shown * others).sum(axis=2) / (contents - 1)
    return tuple(agreeing.mean(axis=1) / (motions - 1) for agreeing in (same, other))


def _check(predictions, shapes):
    """Arrays of integers of one shape by attribute, or `ValueError`."""
    arrays = {name: np.asarray(values) for name, values in predictions.items()}
    kinds = {(a.shape, a.dtype.kind in "iu") for a in arrays.values()}
    fits = len(kinds) == 1 and all(whole for _, whole in kinds)
    shape = next(iter(kinds))[0] if fits else ()
    if not fits or len(shape) not in shapes or 0 in shape:
        received = {name: (a.shape, str(a.dtype)) for name, a in arrays.items()}
        raise ValueError(
            "`predictions` must hold at least one attribute, each an array of integers "
            f"of one shape {' or '.join(shapes.values())}. Received: {received}."
        )
    return arrays
