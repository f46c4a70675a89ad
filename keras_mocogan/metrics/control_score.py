"""Motion control score: do videos show the motion that was asked for?"""

import numpy as np
import numpy.typing as npt


def motion_control_score(predicted: npt.ArrayLike, wanted: npt.ArrayLike) -> float:
    """Accuracy of a classifier of real videos on generated ones (MCS).

    MoCoGAN paper, section 4.2: a spatio-temporal network trained on labeled real
    videos names the class of generated ones.

    Args:
        predicted: Class numbers `(videos,)`, or class scores `(videos, classes)`.
        wanted: Class numbers `(videos,)` that the videos were generated for.

    Returns:
        Share of videos whose predicted class is the wanted one, a float.

    Raises:
        ValueError: If shapes do not fit, numbers are not integers, or the classifier
            does not know a wanted class.

    Example:

    ```python
    predicted, wanted = np.array([0, 1, 1, 0]), np.array([0, 1, 0, 0])
    km.metrics.motion_control_score(predicted, wanted)  # 0.75
    ```
    """
    predicted, wanted = np.asarray(predicted), np.asarray(wanted)
    if predicted.ndim == 2:
        _check_integers(wanted, "wanted")
        _check_classes(wanted, predicted.shape[1])
        if predicted.dtype.kind not in "iuf":
            raise ValueError(
                "`predicted` must be numbers. Received: scores of dtype "
                f"{predicted.dtype}."
            )
        if not np.isfinite(predicted).all():
            raise ValueError(
                "`predicted` must be finite. Received: scores that are not."
            )
        predicted = predicted.argmax(axis=1)
    _check_integers(predicted, "predicted")
    _check_integers(wanted, "wanted")
    if predicted.shape != wanted.shape or wanted.ndim != 1 or not wanted.size:
        raise ValueError(
            "`predicted` and `wanted` must hold one class number for each of at least "
            f"one video. Received: shapes {predicted.shape} and {wanted.shape}."
        )
    return float(np.mean(predicted == wanted))


def _check_integers(numbers, name):
    if numbers.dtype.kind not in "iu":
        raise ValueError(
            f"`{name}` must be class numbers, integers. Received: dtype "
            f"{numbers.dtype}."
        )


def _check_classes(wanted, num_classes):
    if wanted.size and (wanted.min() < 0 or wanted.max() >= num_classes):
        raise ValueError(
            f"`wanted` must be classes from 0 to {num_classes - 1}, the classifier's. "
            f"Received: classes from {wanted.min()} to {wanted.max()}. The classifier "
            "was trained on other ones."
        )
