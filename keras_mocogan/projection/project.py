"""`project` finds latents of real clips, `swap` combines those of several."""

from typing import NamedTuple

import keras
import numpy as np
import numpy.typing as npt

from keras_mocogan.checks import check_at_least, check_choice, is_number
from keras_mocogan.projection.distance import feature_networks
from keras_mocogan.projection.reading import read
from keras_mocogan.projection.stages import Stages
from keras_mocogan.projection.starts import draw_starts
from keras_mocogan.sampling.latents import check_labels
from keras_mocogan.training import inputs
from keras_mocogan.video import to_uint8


class Projection(NamedTuple):
    """What `project` found.

    Attributes:
        content: float32 `(n, content_dim)`.
        motion: float32 paths `(n, frames, motion_dim)`.
        labels: int32 classes `(n,)`: those given, or the best ones; None if the model
            has no classes. With a free path it is the class of the path that the best
            search started from.
        videos: uint8 `(n, frames, height, width, channels)`, what the model makes of
            content and motion.
        distances: float32 `(n, frames)`, the mean absolute difference between each
            frame's pixels and the real ones, both in 0..255.

    Example:

    ```python
    model = km.MoCoGAN.from_preset("shapes")
    clips, _ = km.data.shape_motion(2, num_frames=8, image_size=64)
    options = {"steps": 4, "starts": 1, "motion": "reachable", "verbose": 0}
    found = km.project(model, clips, **options)
    found.distances.mean(axis=1)  # one number for each clip
    ```
    """

    content: np.ndarray
    motion: np.ndarray
    labels: np.ndarray | None
    videos: np.ndarray
    distances: np.ndarray


def project(
    model: keras.Model,
    videos: npt.ArrayLike,
    steps: int = 200,
    labels: npt.ArrayLike | None = None,
    motion: str = "free",
    starts: int = 8,
    learning_rate: float = 0.1,
    prior_weight: float = 0.001,
    feature_weight: float = 0.0,
    batch_size: int = 8,
    seed: int | None = None,
    verbose: int = 1,
) -> Projection:
    """Finds the content and the motion with which a model draws given clips.

    Adam moves the latents of each clip from the best of several starts. Where the model
    reads contents from frames, with an image encoder or with a D_I that recovers them,
    all starts have that content and random motions, and the nearest one is taken.
    Otherwise contents are drawn too, and all starts are followed for an eighth of the
    steps. What is minimized is the mean absolute difference of pixels in [-1, 1],
    averaged over frames of full size and pooled by 2, 4, 8 and 16. The weights of the
    model stay as they are.

    Args:
        model: A trained `MoCoGAN`.
        videos: `(n, frames, height, width, channels)` of the model's size and any
            number of frames, uint8 or floats in [-1, 1].
        steps: Steps of Adam, at least 4.
        labels: Class of each clip, an integer or `(n,)` integers; None chooses it among
            those that Q holds likely, or among all without a trained D_V, or if the
            clip is shorter than `clip_frames`. Must be None without classes.
        motion: `"free"` finds a motion vector for each frame, beginning with a path of
            R_M. `"reachable"` finds R_M's noise and first state instead: the path is
            one that the model could draw.
        starts: Random starts for each clip. With classes to choose from, the starts
            take them in turn, and there is at least one for each likely class.
        learning_rate: Adam's; after the first steps it falls to zero along a cosine.
        prior_weight: Weight of the mean square of the content, and of R_M's noise and
            first state, all of which a model draws from N(0, I).
        feature_weight: Weight of the distance of the discriminators' features, relative
            to their size. 0 leaves it out and needs no trained discriminators, which
            some presets lack.
        batch_size: Clips that are searched for at once, which bounds the memory: the
            first steps draw `batch_size * starts` clips.
        seed: Integer that fixes the starts, or None for new ones.
        verbose: 0 for silence, 1 for Keras' progress bar, 2 for one line.

    Returns:
        A `Projection`.

    Raises:
        ValueError: If the model is no `MoCoGAN`, or videos, labels or a number do not
            fit.

    References:
        Abdal, Qin and Wonka, "Image2StyleGAN", ICCV 2019, on finding latents of
        pictures by descent.

    Example:

    ```python
    model = km.MoCoGAN.from_preset("shapes")
    clips, _ = km.data.shape_motion(2, num_frames=8, image_size=64)
    found = km.project(model, clips, steps=4, starts=2, seed=0, verbose=0)
    other = model.generate(1, content=found.content[:1], motion=found.motion[1:])
    ```
    """
    videos = _checked_videos(model, videos, feature_weight)
    check_at_least(4, steps=steps)
    check_at_least(1, starts=starts, batch_size=batch_size)
    check_choice("motion", motion, ("free", "reachable"))
    _check_number(False, learning_rate=learning_rate)
    _check_number(True, prior_weight=prior_weight, feature_weight=feature_weight)
    labels = _checked_labels(model, labels, len(videos))

    n, frames = videos.shape[:2]
    batch_size = min(batch_size, n)
    reading = read(model, videos, batch_size)
    drawn = draw_starts(model, (n, starts, frames), labels, seed, reading)
    search = Stages(
        model,
        (batch_size, drawn.trials, frames),
        motion,
        steps,
        learning_rate,
        follow=reading.contents is None,
        prior_weight=prior_weight,
        feature_networks=feature_networks(model) if feature_weight else [],
        feature_weight=feature_weight,
    )
    found, labels = _in_batches(search, videos, drawn, batch_size, verbose)
    return _finished(model, videos, found, labels)


def _in_batches(search, videos, drawn, batch_size, verbose):
    """Latents of all clips, name -> `(n, ...)`, and their classes `(n,)` or None."""
    n = len(videos)
    bar = keras.utils.Progbar(-(-n // batch_size) * search.steps, verbose=verbose)
    found, classes = [], []
    for start in range(0, n, batch_size):
        # Filled up with the last clip, so that every batch has the compiled size.
        rows = np.minimum(np.arange(start, start + batch_size), n - 1)
        best, labels = search.run(videos[rows], drawn.of(rows), bar)
        found.append(best)
        classes.append(labels)
    joined = {name: np.concatenate([x[name] for x in found])[:n] for name in found[0]}
    return joined, None if drawn.labels is None else np.concatenate(classes)[:n]


def _finished(model, videos, found, labels):
    """The `Projection` of latents that were found."""
    drawn = model.generate(
        len(videos),
        labels=labels if model.category_input == "frame" else None,
        content=found["content"],
        motion=found["motion"],
    )
    difference = np.abs(drawn.astype("float32") - to_uint8(videos))
    distances = difference.mean(axis=(2, 3, 4))
    return Projection(found["content"], found["motion"], labels, drawn, distances)


def swap(
    model: keras.Model, contents: Projection, motions: Projection | None = None
) -> np.ndarray:
    """Draws every content with every motion.

    Args:
        model: The `MoCoGAN` that the clips were projected into.
        contents: `Projection` whose contents are drawn.
        motions: `Projection` whose motions are; None means `contents` too. If the class
            goes into the frames, it is that of the motion.

    Returns:
        uint8 `(motions, contents, frames, height, width, channels)`: as in
        `preview_videos`, a row has one motion, a column one content.

    Example:

    ```python
    model = km.MoCoGAN.from_preset("shapes")
    clips, _ = km.data.shape_motion(2, num_frames=8, image_size=64)
    found = km.project(model, clips, steps=4, starts=2, seed=0, verbose=0)
    swapped = km.swap(model, found)  # (2, 2, 8, 64, 64, 3)
    ```
    """
    motions = contents if motions is None else motions
    rows, columns = len(motions.motion), len(contents.content)
    labels = None
    if model.num_classes and model.category_input == "frame":
        labels = np.repeat(motions.labels, columns)
    videos = model.generate(
        rows * columns,
        labels=labels,
        content=np.tile(contents.content, (rows, 1)),
        motion=np.repeat(motions.motion, columns, axis=0),
    )
    return videos.reshape(rows, columns, *videos.shape[1:])


# === Checks ===


def _checked_videos(model, videos, with_features):
    if not hasattr(model, "sample_motion"):
        raise ValueError(
            "`model` must be a `MoCoGAN`, which keeps content and motion apart. "
            f"Received: a {type(model).__name__}. Pass a model from `km.load_model` or "
            "`km.MoCoGAN.from_preset`."
        )
    videos = inputs.to_numpy(videos)
    # Pixels can be compared in clips of any length, D_V's features cannot.
    least = model.clip_frames if with_features else 1
    inputs.check_videos(videos, model.clip_spec._replace(clip_frames=least))
    return videos


def _checked_labels(model, labels, n):
    if labels is None:
        return None
    if not model.num_classes:
        raise ValueError(
            "`labels` must be None: the model was built with num_classes=0. Received: "
            f"labels={labels!r:.100}. Leave them out."
        )
    return check_labels(labels, n, model.num_classes)


def _check_number(zero_allowed, **arguments):
    for name, value in arguments.items():
        if not is_number(value) or value < 0 or (value == 0 and not zero_allowed):
            least = "0 or more" if zero_allowed else "above 0"
            raise ValueError(
                f"`{name}` must be a finite number, {least}. Received: "
                f"{name}={value!r}."
            )
