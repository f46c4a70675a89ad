"""Content, motion and category codes on the host: NumPy, the same on every backend."""

from collections.abc import Sequence
from numbers import Integral

import numpy as np
import numpy.typing as npt

from keras_mocogan.checks import as_array, is_number
from keras_mocogan.utils.finite import check_finite_rows

# Each kind of draw has its own stream, so that asking for other contents does not
# change the motions of a seed.
_CONTENT, _NOISE, _STATE, _LABELS = range(4)


def sample_content(n: int, content_dim: int, seed: int | None = None) -> np.ndarray:
    """Draws content vectors from N(0, I).

    Clip `i` of a seed is the same for every `n`.

    Args:
        n: Number of clips.
        content_dim: Size of a content vector, d_C.
        seed: Integer, or None for new vectors at every call.

    Returns:
        float32 array of shape `(n, content_dim)`.
    """
    return _normal(n, (content_dim,), seed, _CONTENT)


def sample_uniform(n: int, latent_dim: int, seed: int | None = None) -> np.ndarray:
    """Draws latent vectors uniformly from [-1, 1), float32 `(n, latent_dim)`.

    Args:
        n: Number of vectors.
        latent_dim: Size of a vector.
        seed: Integer, or None for new vectors at every call.
    """
    draws = [g.uniform(-1, 1, latent_dim) for g in _generators(n, seed, _CONTENT)]
    return np.array(draws, "float32")


def sample_noise(
    n: int, num_frames: int, noise_dim: int, seed: int | None = None
) -> np.ndarray:
    """Draws R_M's noise from N(0, I); more frames continue the same noise.

    Args:
        n: Number of clips.
        num_frames: Frames of a clip.
        noise_dim: Size of R_M's noise at each frame.
        seed: Integer, or None for new noise at every call.

    Returns:
        float32 array of shape `(n, num_frames, noise_dim)`.
    """
    return _normal(n, (num_frames, noise_dim), seed, _NOISE)


def sample_state(n: int, motion_dim: int, seed: int | None = None) -> np.ndarray:
    """Draws R_M's first states from N(0, I), float32 `(n, motion_dim)`.

    Args:
        n: Number of clips.
        motion_dim: Size of a motion vector, d_M.
        seed: Integer, or None for new states at every call.
    """
    return _normal(n, (motion_dim,), seed, _STATE)


def sample_labels(n: int, num_classes: int, seed: int | None = None) -> np.ndarray:
    """Draws classes uniformly, int32 of shape `(n,)`.

    Args:
        n: Number of clips.
        num_classes: Number of classes.
        seed: Integer, or None for new classes at every call.
    """
    generators = _generators(n, seed, _LABELS)
    return np.array([g.integers(num_classes) for g in generators], "int32")


def one_hot(labels: np.ndarray, num_classes: int) -> np.ndarray:
    """float32 codes of shape `(n, num_classes)` for integer labels of shape `(n,)`."""
    return np.eye(num_classes, dtype="float32")[labels]


def check_labels(labels: npt.ArrayLike, n: int, num_classes: int) -> np.ndarray:
    """Given labels as int32 `(n,)`; a single integer stands for all.

    Raises:
        ValueError: If they are not such integers, or not classes.
    """
    given = as_array(labels, "labels")
    if given.shape not in ((), (1,), (n,)) or given.dtype.kind not in "iu":
        raise ValueError(
            f"`labels` must be one integer, or integers of shape ({n},). Received: "
            f"shape {given.shape}, dtype {given.dtype}."
        )
    if given.min() < 0 or given.max() >= num_classes:
        raise ValueError(
            f"`labels` must be from 0 to {num_classes - 1}, this model's classes. "
            f"Received: labels in {given.min()}..{given.max()}."
        )
    return np.broadcast_to(given, (n,)).astype("int32")


def rows(
    array: npt.ArrayLike, n: int, shape: Sequence[int | None], name: str
) -> np.ndarray:
    """`array` as float32 with `n` rows of `shape`; a single row stands for all.

    Raises:
        ValueError: If it has other rows, or numbers that are not finite; None in
            `shape` stands for any length.
    """
    array = as_array(array, name, "float32")
    fits = (
        array.ndim == 1 + len(shape)
        and array.size
        and all(
            want in (None, got)
            for want, got in zip(shape, array.shape[1:], strict=True)
        )
    )
    if not fits or len(array) not in (1, n):
        wanted = ", ".join("frames" if s is None else str(s) for s in shape)
        raise ValueError(
            f"`{name}` must have the shape ({n}, {wanted}), or one row for all, and "
            f"not be empty. Received: shape {array.shape}."
        )
    check_finite_rows(array, name)
    return np.broadcast_to(array, (n, *array.shape[1:]))


def pad_rows(array: np.ndarray, axes: int = 1) -> np.ndarray:
    """float32, padded with zeros to powers of two on the first `axes` axes."""
    grown = [(0, (1 << (n - 1).bit_length()) - n) for n in array.shape[:axes]]
    rest = [(0, 0)] * (array.ndim - axes)
    return np.pad(np.asarray(array, "float32"), grown + rest)


def change_speed(motion: npt.ArrayLike, speed: float) -> np.ndarray:
    """Follows motion paths faster or slower, linearly between their vectors.

    Args:
        motion: Array of shape `(n, frames, motion_dim)`.
        speed: Positive factor; 2 halves the number of frames, 0.5 about doubles it.

    Returns:
        float32 array of shape `(n, 1 + floor((frames - 1) / speed), motion_dim)`;
        the first vectors are those of `motion`.

    Raises:
        ValueError: If `motion` is not such an array or `speed` is not positive.

    Example:

    ```python
    model = km.MoCoGAN.from_preset("shapes")
    motion = model.sample_motion(2, seed=0)  # 8 frames
    videos = model.generate(2, motion=km.latents.change_speed(motion, 0.5))  # 15
    ```
    """
    motion = as_array(motion, "motion", "float64")
    if motion.ndim != 3 or not motion.shape[1]:
        raise ValueError(
            "`motion` must be motion paths (n, frames, motion_dim) with at least one "
            f"frame. Received: shape {motion.shape}."
        )
    if not is_number(speed) or speed <= 0:
        raise ValueError(
            f"`speed` must be a positive, finite number. Received: speed={speed!r}."
        )
    frames = motion.shape[1]
    # The tiny addition keeps 3 / 0.1 from losing its last frame to rounding.
    steps = 1 + int(np.floor((frames - 1) / speed + 1e-9))
    positions = np.minimum(np.arange(steps) * speed, frames - 1)
    before = np.floor(positions).astype(int)
    after = np.minimum(before + 1, frames - 1)
    share = (positions - before)[None, :, None]
    walked = (1 - share) * motion[:, before] + share * motion[:, after]
    return walked.astype("float32")


def interpolate_content(
    start: npt.ArrayLike, end: npt.ArrayLike, steps: int
) -> np.ndarray:
    """Goes from one content to another along the sphere (White, 2016).

    A straight line between two Gaussian vectors passes through lengths that the
    generator never saw; here the direction turns evenly and the length changes
    linearly.

    Args:
        start, end: Arrays of shape `(content_dim,)`.
        steps: Number of vectors, both ends included, at least 2.

    Returns:
        float32 array of shape `(steps, content_dim)`.

    Raises:
        ValueError: If the shapes or `steps` do not fit.

    Example:

    ```python
    model = km.MoCoGAN.from_preset("shapes")
    content = km.latents.interpolate_content(*model.sample_content(2, seed=0), steps=4)
    videos = model.generate(4, content=content, motion=model.sample_motion(1, seed=0))
    ```
    """
    start, end = _ends(start, end, steps)
    if start.ndim == 0 or start.size != start.shape[-1]:
        raise ValueError(
            "`start` and `end` must be one content each, of shape (content_dim,). "
            f"Received: shape {start.shape}. Pass rows one by one, such as content[0]."
        )
    start, end = start.reshape(-1), end.reshape(-1)
    lengths = np.linalg.norm(start), np.linalg.norm(end)
    share = np.linspace(0, 1, steps)[:, None]
    if min(lengths) == 0:
        return ((1 - share) * start + share * end).astype("float32")
    a, b = start / lengths[0], end / lengths[1]
    angle = np.arccos(np.clip(a @ b, -1, 1))
    if np.sin(angle) < 1e-6:  # one direction or opposite ones: no plane to turn in
        return ((1 - share) * start + share * end).astype("float32")
    turned = np.sin((1 - share) * angle) * a + np.sin(share * angle) * b
    length = (1 - share) * lengths[0] + share * lengths[1]
    return (length * turned / np.sin(angle)).astype("float32")


def interpolate_motion(
    start: npt.ArrayLike, end: npt.ArrayLike, steps: int
) -> np.ndarray:
    """Goes from one motion path to another, linearly.

    Args:
        start, end: Paths of shape `(frames, motion_dim)`.
        steps: Number of paths, both ends included, at least 2.

    Returns:
        float32 array of shape `(steps, frames, motion_dim)`.

    Raises:
        ValueError: If the shapes or `steps` do not fit.

    Example:

    ```python
    model = km.MoCoGAN.from_preset("shapes")
    motion = km.latents.interpolate_motion(*model.sample_motion(2, seed=0), steps=4)
    videos = model.generate(4, content=model.sample_content(1, seed=0), motion=motion)
    ```
    """
    start, end = _ends(start, end, steps)
    if start.ndim != 2:
        raise ValueError(
            "`start` and `end` must be one path each, of shape (frames, motion_dim). "
            f"Received: shape {start.shape}. Pass paths one by one, such as motion[0]."
        )
    share = np.linspace(0, 1, steps)[:, None, None]
    return ((1 - share) * start + share * end).astype("float32")


def _generators(n, seed, stream):
    if seed is None:
        seed = np.random.SeedSequence().entropy
    elif not isinstance(seed, int | np.integer) or seed < 0:
        raise ValueError(
            "`seed` must be an integer of at least 0, or None. Received: "
            f"seed={seed!r}."
        )
    return [np.random.default_rng([seed, stream, clip]) for clip in range(n)]


def _normal(n, shape, seed, stream):
    draws = [g.standard_normal(shape) for g in _generators(n, seed, stream)]
    return np.array(draws, "float32").reshape(n, *shape)


def _ends(start, end, steps):
    start, end = as_array(start, "start", "float64"), as_array(end, "end", "float64")
    if start.shape != end.shape:
        raise ValueError(
            "`start` and `end` must have the same shape, as both ends of an "
            f"interpolation. Received: shapes {start.shape} and {end.shape}."
        )
    if not isinstance(steps, Integral) or steps < 2:
        raise ValueError(
            "`steps` must be an integer, 2 or more: both ends count. Received: "
            f"steps={steps!r}."
        )
    return start, end
