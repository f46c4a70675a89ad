"""Little people who walk, run, jump and wave, drawn with NumPy only."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from keras_mocogan.checks import check_choice, check_integer
from keras_mocogan.data.figure_drawing.looks import (
    ATTRIBUTE_NAMES,
    NUM_DRAWS,
    choose_looks,
    colors_of,
)
from keras_mocogan.data.figure_drawing.motions import CYCLES, mirror, move
from keras_mocogan.data.figure_drawing.painting import FigurePainter
from keras_mocogan.data.figure_drawing.skeleton import (
    JOINTS,
    YAWS,
    Build,
    place_joints,
    view,
)
from keras_mocogan.utils.image_sizes import check_square_size

FIGURE_ACTIONS = tuple(CYCLES)
FIGURE_DIRECTIONS = ("left", "right", "front")
_MINIMUM_IMAGE_SIZE = 16
# As parts of the frame: the height of a figure of average build, and the ground's
# place.
_HEIGHT, _GROUND = 0.78, 0.95
# This many fit into a processor's cache.
_FRAMES_AT_ONCE = 256


class FigureClips(NamedTuple):
    """The result of `figures`; `videos, labels = clips[:2]` is what `fit` needs.

    Attributes:
        videos: `uint8` array of shape
            `(num_videos, num_frames, image_size, image_size, 3)`.
        labels: `int32` array of shape `(num_videos,)`, indices into `class_names`.
        attributes: Attribute -> array of shape `(num_videos,)`: `int32` indices into
            `attribute_names[attribute]`, or a `float32` proportion, 1 being average
            (`height`, `width`, `head_size`).
        class_names: A name for each class, such as `"walk_left"`.
        attribute_names: Attribute -> names of its values; proportions have none.
        poses: `float32` array of shape `(num_videos, num_frames, joints, 2)`: each
            joint's distance to the right and down from the frame's upper left corner,
            in pixels.
        joint_names: A name for each joint, such as `"left_knee"`.
        phases: `float32` array of shape `(num_videos, num_frames)` in 0..1: how far the
            motion is through its cycle.
    """

    videos: np.ndarray
    labels: np.ndarray
    attributes: dict[str, np.ndarray]
    class_names: tuple[str, ...]
    attribute_names: dict[str, tuple[str, ...]]
    poses: np.ndarray
    joint_names: tuple[str, ...]
    phases: np.ndarray


def figures(
    num_videos: int,
    num_frames: int = 16,
    image_size: int = 64,
    seed: int = 0,
    actions: Sequence[str] = FIGURE_ACTIONS,
    directions: Sequence[str] = FIGURE_DIRECTIONS,
    speed: tuple[float, float] = (0.8, 1.25),
) -> FigureClips:
    """Draws little people, each of whom can do every action.

    Each person has their own skin, hair, clothes and proportions; a class is an action
    in a direction. Smooth periodic functions of time move the joints, so clips may have
    any length, and the place of every joint in every frame is known. At speed 1 a cycle
    takes 12 frames for walking (two steps), 8 for running, 14 for jumping and 8 for
    waving; a clip begins anywhere in it.

    Video `i` depends only on `seed` and `i`: a larger `num_videos` adds videos and
    changes none. Classes take turns: video `i` has class `i % len(class_names)`.

    Args:
        num_videos: Number of videos, at least 1.
        num_frames: Frames of a video, at least 1.
        image_size: Height and width in pixels, at least 16: frames are square. Faces
            have mouths from about 40 pixels on.
        seed: Non-negative integer.
        actions: Names from `FIGURE_ACTIONS`.
        directions: Where people face: `"left"`, `"right"`, `"front"`, `"back"`. Moving
            to the left is the mirror image of moving to the right.
        speed: Smallest and largest speed of a clip, positive. A clip keeps its speed,
            whose logarithm is uniform; 2 is twice as fast as the cycles above.

    Returns:
        `FigureClips`: `videos`, `labels`, `attributes` (`skin`, `hair`, `hair_color`,
        `top`, `top_color`, `legs`, `legs_color`, `shoes_color`, `background`, `height`,
        `width`, `head_size`), `class_names`, `attribute_names`, `poses`, `joint_names`
        and `phases`.

    Raises:
        ValueError: If an argument does not fit.

    Example:

    ```python
    clips = km.data.figures(12, num_frames=8, image_size=32)
    videos, labels = clips[:2]
    clips.class_names[labels[0]]  # "walk_left"
    clips.poses[0, :, clips.joint_names.index("left_hand")]  # (8, 2), in pixels
    ```
    """
    num_videos = check_integer("num_videos", num_videos, 1)
    num_frames = check_integer("num_frames", num_frames, 1)
    image_size = check_square_size(image_size, _MINIMUM_IMAGE_SIZE)
    seed = check_integer("seed", seed, 0)
    classes = [
        (action, direction)
        for action in _check_names("actions", actions, FIGURE_ACTIONS)
        for direction in _check_names("directions", directions, tuple(YAWS))
    ]
    _check_speed(speed)

    # Filled row by row, so that video i does not depend on num_videos.
    draws = np.random.default_rng(seed).random((num_videos, NUM_DRAWS + 2))
    looks = choose_looks(draws[:, :NUM_DRAWS])
    start, pace = draws[:, NUM_DRAWS:].T
    labels = np.arange(num_videos, dtype=np.int32) % np.int32(len(classes))
    acts, faced = np.array(classes)[labels].T
    step = (
        speed[0] * (speed[1] / speed[0]) ** pace / [CYCLES[action] for action in acts]
    )
    phases = (start[:, None] + step[:, None] * np.arange(num_frames)) % 1

    places, head_axes = _pose(acts, faced, phases, looks)
    places *= (image_size * _HEIGHT, image_size * _HEIGHT, 1)
    places[..., :2] += (image_size / 2, image_size * _GROUND)
    videos = _paint(places, head_axes * image_size * _HEIGHT, looks, image_size)
    names = tuple(f"{action}_{direction}" for action, direction in classes)
    poses = places[:, :, : len(JOINTS), :2].astype(np.float32)
    return FigureClips(
        videos,
        labels,
        looks,
        names,
        dict(ATTRIBUTE_NAMES),
        poses,
        JOINTS,
        phases.astype(np.float32),
    )


def _check_names(name, values, choices):
    is_sized = hasattr(values, "__len__") and not isinstance(values, str)
    if not is_sized or not len(values) or len(set(values)) < len(values):
        raise ValueError(
            f"`{name}` must be a sequence of at least one of {choices}, none twice. "
            f"Received: {name}={values!r}."
        )
    for value in values:
        check_choice(name, value, choices)
    return tuple(values)


def _check_speed(speed):
    try:
        least, most = speed
        fits = 0 < least <= most < float("inf")
    except (TypeError, ValueError):
        fits = False
    if not fits:
        raise ValueError(
            "`speed` must be the smallest and the largest speed, both positive, such "
            f"as (0.8, 1.25), or (1, 1) for one speed. Received: speed={speed!r}."
        )


def _pose(actions, directions, phases, looks):
    """Places and axes of heads as the viewer sees them, in heights of a figure."""
    angles = mirror(move(actions, phases), directions == "left")
    build = Build(*(looks[name] for name in Build._fields))
    places, head_axes = place_joints(angles, build)
    yaws = np.array([YAWS[direction] for direction in directions])
    return view(places, yaws), view(head_axes, yaws)


def _paint(places, head_axes, looks, image_size):
    """Paints the clips: `uint8` of shape `(n, frames, image_size, image_size, 3)`."""
    shape = places.shape[:2]
    clip = np.repeat(np.arange(shape[0]), shape[1])
    places, head_axes = (
        array.reshape(-1, *array.shape[2:]) for array in (places, head_axes)
    )
    colors = colors_of(looks)
    frames = np.empty((len(clip), image_size, image_size, 3), np.uint8)
    for first in range(0, len(frames), _FRAMES_AT_ONCE):
        part = slice(first, first + _FRAMES_AT_ONCE)
        canvas = np.empty(frames[part].shape, np.float32)
        some = {name: values[clip[part]] for name, values in looks.items()}
        FigurePainter(
            canvas,
            places[part],
            head_axes[part],
            image_size * _HEIGHT * some["height"],
            image_size * _GROUND,
            some,
            {name: values[clip[part]] for name, values in colors.items()},
        ).paint()
        frames[part] = np.rint(canvas)
    return frames.reshape(*shape, image_size, image_size, 3)
