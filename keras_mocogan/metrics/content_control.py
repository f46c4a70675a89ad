"""Does only the content decide what is seen, and only the motion what happens?

All scores here are computed from class numbers that classifiers such as
`AttributeClassifier` and `VideoClassifier` give. Classifiers make errors, and a back
view does not show a face: compare each share with that of real clips, which is the
highest that can be expected.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from keras_mocogan.metrics.control_score import motion_control_score


class Kept(NamedTuple):
    """The result of `content_kept`.

    Attributes:
        shares: Attribute -> share of the clips that keep it.
        jointly: Share of the clips that keep all attributes.
    """

    shares: dict[str, float]
    jointly: float


class Obeyed(NamedTuple):
    """The result of `content_obeyed`: three shares for each attribute.

    Attributes:
        pairs: The figure to quote: the share of pairs of motions under which one
            content agrees, the mean over contents.
        all_motions: Share of the contents that agree under all motions. One error
            counts against a content, so it falls with the number of motions.
        by_chance: The share of agreeing pairs for two motions of two contents: `pairs`
            of a generator that draws its attributes without using the content. It is 1
            if all contents look the same.
    """

    pairs: dict[str, float]
    all_motions: dict[str, float]
    by_chance: dict[str, float]


def content_kept(predictions: Mapping[str, npt.ArrayLike]) -> Kept:
    """Share of the clips whose frames all show the same class of an attribute.

    Args:
        predictions: Attribute -> class numbers of frames, integers `(n, frames)`, such
            as the second value that `AttributeClassifier.classify` returns.

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

    If the same content is to give the same attributes under all motions in at least
    90 %, `pairs` must be 0.9: any two clips of one content agree that often, however
    many motions are tried.

    Args:
        predictions: Attribute -> class numbers, integers `(contents, motions)` for
            clips, or `(contents, motions, frames)` for frames: then the most common
            class of a clip's frames counts. At least two contents and two motions.

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
        for each class, a dictionary.

    Raises:
        ValueError: If shapes do not fit or numbers are not integers.

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

    A generator that repeats itself has few. Compare the number with that of as many
    real clips.

    Args:
        predictions: Attribute -> class numbers, integers `(n,)` for clips, or
            `(n, frames)` for frames: then the most common class of a clip's frames
            counts.

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
    """Attribute -> class numbers of clips `(contents, motions)`, or `ValueError`."""
    shapes = {2: "(contents, motions)", 3: "(contents, motions, frames)"}
    predictions = _check(predictions, shapes)
    clips = {n: commonest(p) if p.ndim == 3 else p for n, p in predictions.items()}
    contents, motions = next(iter(clips.values())).shape
    if min(contents, motions) < 2:
        raise ValueError(
            "`predictions` must have at least two contents and two motions, to compare "
            f"them. Received: {contents} contents and {motions} motions."
        )
    return clips


def commonest(predictions: np.ndarray) -> np.ndarray:
    """The most common number along the last axis; of several, the lowest."""
    values = np.unique(predictions)
    counts = np.stack([(predictions == value).sum(axis=-1) for value in values])
    return values[counts.argmax(axis=0)]


def frames_agree(predictions: Mapping[str, npt.ArrayLike]) -> dict[str, np.ndarray]:
    """Attribute -> whether all frames of a clip agree, `(n,)`, or `ValueError`."""
    predictions = _check(predictions, {2: "(clips, frames)"})
    return {name: (p == p[:, :1]).all(axis=1) for name, p in predictions.items()}


def agreement_of_contents(clips: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Share of agreeing pairs of motions, for each content.

    Args:
        clips: Class numbers, integers `(contents, motions)`.

    Returns:
        Two float64 arrays `(contents,)`: for pairs of one content, and for pairs of
        this content and another one.
    """
    contents, motions = clips.shape
    shown = clips[..., None] == np.unique(clips)  # (contents, motions, classes)
    of_content = shown.sum(axis=1, keepdims=True)
    of_motion = shown.sum(axis=0, keepdims=True)
    # A clip agrees with itself, and is counted both for its content and for its motion.
    same = (shown * (of_content - 1)).sum(axis=2)
    others = of_content.sum(axis=0) - of_content - of_motion + 1
    other = (shown * others).sum(axis=2) / (contents - 1)
    return tuple(agreeing.mean(axis=1) / (motions - 1) for agreeing in (same, other))


def _check(predictions, shapes):
    """Attribute -> array of integers, all of one shape, or `ValueError`."""
    if not isinstance(predictions, Mapping):
        raise ValueError(
            "`predictions` must hold arrays of integers by attribute, a dictionary. "
            f"Received: a {type(predictions).__name__}. Give it a name: "
            "{name: predictions}."
        )
    arrays = {name: _as_array(values) for name, values in predictions.items()}
    kinds = {(a.shape, a.dtype.kind in "iu") for a in arrays.values()}
    fits = len(kinds) == 1 and all(whole for _, whole in kinds)
    shape = next(iter(kinds))[0] if fits else ()
    if not fits or len(shape) not in shapes or 0 in shape:
        received = {name: (a.shape, str(a.dtype)) for name, a in arrays.items()}
        raise ValueError(
            "`predictions` must hold at least one attribute, all of them arrays of "
            f"integers of the same shape {' or '.join(shapes.values())}. Received: "
            f"{received}."
        )
    return arrays


def _as_array(values):
    try:
        return np.asarray(values)
    except ValueError:  # rows of several lengths: of dtype object, which is refused
        return np.fromiter(values, object)
