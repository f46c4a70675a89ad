"""The synthetic shape-motion videos of the MoCoGAN paper, drawn with NumPy only."""

from collections.abc import Sequence

import numpy as np

from keras_mocogan.checks import check_choice, check_integer
from keras_mocogan.utils.image_sizes import check_square_size

# Direction -> (axis of travel: 0 vertical, 1 horizontal; whether it runs backwards).
_TRAVEL = {
    "left_to_right": (1, False),
    "right_to_left": (1, True),
    "top_to_bottom": (0, False),
    "bottom_to_top": (0, True),
}
SHAPE_MOTION_DIRECTIONS = tuple(_TRAVEL)
PAPER_DIRECTIONS = ("left_to_right", "top_to_bottom")
PUBLISHED_DIRECTIONS = ("bottom_to_top", "right_to_left")

# Measured in the published clips: 8 to 14 pixels of 64.
_SMALLEST, _LARGEST = 8 / 64, 14 / 64
_MINIMUM_IMAGE_SIZE = 8
_DRAWS_PER_VIDEO = 10
_VIDEOS_AT_ONCE = 256


def shape_motion(
    num_videos: int = 4000,
    num_frames: int = 16,
    image_size: int = 64,
    seed: int = 0,
    directions: Sequence[str] = PAPER_DIRECTIONS,
) -> tuple[np.ndarray, np.ndarray]:
    """Draws the shape-motion videos: one shape crossing a black frame.

    A circle or a square of one saturated color, 1/8 to 7/32 of the frame's width,
    crosses the frame along a cubic Bezier curve. It touches one side in the first frame
    and the opposite side in the last, starts and ends at the same lateral coordinate,
    never turns back and never leaves the frame. With 16 frames of 64 pixels it moves
    3.5 pixels a frame on average, like the published clips of 32 frames if every second
    frame is taken.

    Video `i` depends only on `seed` and `i`: a larger `num_videos` adds videos and
    changes none. Classes take turns, so they are balanced: video `i` has class
    `i % len(directions)`.

    Args:
        num_videos: Number of videos, at least 1. The paper draws 4,000.
        num_frames: Frames of a video, at least 1.
        image_size: Height and width in pixels, at least 8: frames are square.
        seed: Non-negative integer.
        directions: Names from `SHAPE_MOTION_DIRECTIONS`, one for each class, in the
            order of the labels. `PAPER_DIRECTIONS`, the default, is what the paper
            describes; `PUBLISHED_DIRECTIONS` is what the files published with it show.

    Returns:
        A tuple `(videos, labels)`: `uint8` array of shape
        `(num_videos, num_frames, image_size, image_size, 3)`, and `int32` array of
        shape `(num_videos,)`.

    Raises:
        ValueError: If a number is not an integer or is too small, if a direction is
            unknown, or if there is none.

    References:
        Tulyakov, Liu, Yang, Kautz: MoCoGAN: Decomposing Motion and Content for Video
        Generation, CVPR 2018, section 4.

    Example:

    ```python
    videos, labels = km.data.shape_motion(4, num_frames=8, image_size=32)
    videos.shape, labels  # (4, 8, 32, 32, 3), [0, 1, 0, 1]
    ```
    """
    num_videos = check_integer("num_videos", num_videos, 1)
    num_frames = check_integer("num_frames", num_frames, 1)
    image_size = check_square_size(image_size, _MINIMUM_IMAGE_SIZE)
    seed = check_integer("seed", seed, 0)
    directions = _check_directions(directions)

    # Filled row by row, so that video i does not depend on num_videos.
    draws = np.random.default_rng(seed).random((num_videos, _DRAWS_PER_VIDEO))
    labels = np.arange(num_videos, dtype=np.int32) % np.int32(len(directions))
    diameters = image_size * (_SMALLEST + (_LARGEST - _SMALLEST) * draws[:, 0])
    circles = draws[:, 1] < 0.5
    colors = _saturated_colors(draws[:, 2:5])
    paths = _unit_paths(draws[:, 5:10], num_frames, labels, directions)
    # From the unit square to pixels, so that the shape just stays inside.
    reach = (image_size - diameters)[:, None, None]
    centres = diameters[:, None, None] / 2 + paths * reach

    videos = np.zeros((num_videos, num_frames, image_size, image_size, 3), np.uint8)
    for first in range(0, num_videos, _VIDEOS_AT_ONCE):
        part = slice(first, first + _VIDEOS_AT_ONCE)
        _draw(videos[part], centres[part], diameters[part], circles[part], colors[part])
    return videos, labels


def _check_directions(directions):
    is_sized = hasattr(directions, "__len__") and not isinstance(directions, str)
    if not is_sized or not len(directions):
        raise ValueError(
            "`directions` must be a sequence of at least one direction, such as "
            f"{PAPER_DIRECTIONS}. Received: directions={directions!r}."
        )
    for direction in directions:
        check_choice("directions", direction, SHAPE_MOTION_DIRECTIONS)
    return tuple(directions)


def _saturated_colors(draws):
    """Maps `(n, 3)` uniform draws to `(n, 3)` colors in 0..255 that stand out."""
    hue = 6 * draws[:, :1]
    saturation = 0.5 + 0.5 * draws[:, 1:2]
    value = 0.65 + 0.35 * draws[:, 2:3]
    pure = np.clip(np.abs((hue + np.array([0, 4, 2])) % 6 - 3) - 1, 0, 1)
    return 255 * value * (1 - saturation * (1 - pure))


def _unit_paths(draws, num_frames, labels, directions):
    """Bezier paths in the unit square.

    Args:
        draws: Array of shape `(n, 5)`: the lateral start, then the lateral and the
            forward coordinates of the two inner control points.

    Returns:
        Array of shape `(n, num_frames, 2)` of (vertical, horizontal) in 0..1.
    """
    # A Bezier curve lies within the hull of its control points, so it stays inside.
    # Sorted forward coordinates make it only move forward.
    lateral = _bezier(draws[:, 0], draws[:, 1], draws[:, 2], draws[:, 0], num_frames)
    control = np.sort(draws[:, 3:5], axis=1)
    start, end = np.zeros(len(draws)), np.ones(len(draws))
    forward = _bezier(start, control[:, 0], control[:, 1], end, num_frames)

    axis, backwards = np.array([_TRAVEL[name] for name in directions])[labels].T
    forward = np.where(backwards[:, None], 1 - forward, forward)
    horizontal = axis[:, None] == 1
    return np.stack(
        [
            np.where(horizontal, lateral, forward),
            np.where(horizontal, forward, lateral),
        ],
        axis=-1,
    )


def _bezier(p0, p1, p2, p3, num_points):
    """Cubic Bezier curves through 1D control points `(n,)` as `(n, num_points)`."""
    t = np.linspace(0, 1, num_points)
    u = 1 - t
    weights = np.stack([u**3, 3 * u**2 * t, 3 * u * t**2, t**3])
    return np.stack([p0, p1, p2, p3], axis=1) @ weights


def _draw(videos, centres, diameters, circles, colors):
    """Draws each shape into `videos`, touching only the patch around its centre."""
    num_videos, num_frames, image_size = videos.shape[:3]
    radii = np.repeat(diameters / 2, num_frames).astype(np.float32)[:, None, None]
    # Three more pixels, for the rounding of the corner and the circle's soft edge.
    patch = int(np.ceil(_LARGEST * image_size)) + 3

    centres = centres.reshape(-1, 2)
    corners = np.floor(centres - patch / 2).astype(np.int64)
    corners = np.clip(corners, 0, image_size - patch)
    pixels = corners[:, :, None] + np.arange(patch)  # (frames, 2, patch)
    offsets = np.abs(pixels + 0.5 - centres[:, :, None]).astype(np.float32)
    down, across = offsets[:, 0, :, None], offsets[:, 1, None, :]

    # Edges are antialiased: a pixel is as bright as the part of it that is covered,
    # exactly for squares and to first order for circles.
    round_cover = np.clip(radii + 0.5 - np.sqrt(down**2 + across**2), 0, 1)
    square_cover = np.clip(radii + 0.5 - down, 0, 1) * np.clip(
        radii + 0.5 - across, 0, 1
    )
    circles = np.repeat(circles, num_frames)[:, None, None]
    cover = np.where(circles, round_cover, square_cover)[..., None]
    colors = np.repeat(colors.astype(np.float32), num_frames, axis=0)

    frames = videos.reshape(num_videos * num_frames, image_size, image_size, 3)
    rows, columns = pixels[:, 0, :, None], pixels[:, 1, None, :]
    order = np.arange(len(frames))[:, None, None]
    frames[order, rows, columns] = np.rint(cover * colors[:, None, None]).astype(
        np.uint8
    )
