"""The random numbers of an exported page, drawn by Python."""

import math
from collections.abc import Iterator

import keras
import numpy as np

from keras_mocogan.checks import check_at_least, check_integer

# Each kind of draw has its own streams.
_CONTENT, _STATE, _NOISE = range(3)
_WORD = 0xFFFFFFFF


def page_latents(
    seed: int,
    model: keras.Model,
    contents: int = 6,
    motions: int = 4,
    num_frames: int | None = None,
) -> dict[str, np.ndarray]:
    """What an exported page draws for a seed.

    The page draws with the generator sfc32, which is short in JavaScript: its three
    words of state start as the seed, the kind of draw (0 contents, 1 first states, 2
    noise) and the number of the column or row; its counter starts at 1, and 12 words
    are thrown away. Box and Muller's method makes two normal numbers of two words. So
    columns and rows do not depend on how many there are, and longer paths continue
    shorter ones.

    Args:
        seed: Integer from 0 to 2**32 - 1, as in the page's address.
        model: The `MoCoGAN` of the page.
        contents: Number of columns.
        motions: Number of rows.
        num_frames: Frames of a path; None means the model's `num_frames`.

    Returns:
        A dictionary with the float32 arrays `"content"` `(contents, content_dim)`, and
        R_M's inputs `"state"` `(motions, motion_dim)` and `"noise"` `(motions,
        num_frames, noise_dim)`.

    Raises:
        ValueError: If a number is out of range.

    Example:

    ```python
    model = km.MoCoGAN.from_preset("shapes")
    drawn = km.export.page_latents(1, model)
    drawn["content"]  # (6, 16)
    ```
    """
    seed = check_integer("seed", seed, 0, _WORD)  # NumPy's integers would overflow
    num_frames = model.num_frames if num_frames is None else num_frames
    check_at_least(1, contents=contents, motions=motions, num_frames=num_frames)
    noise = _normals(seed, _NOISE, motions, num_frames * model.noise_dim)
    return {
        "content": _normals(seed, _CONTENT, contents, model.content_dim),
        "state": _normals(seed, _STATE, motions, model.motion_dim),
        "noise": noise.reshape(motions, num_frames, model.noise_dim),
    }


def _normals(seed, kind, rows, count):
    """Box and Muller's method: float32 `(rows, count)`."""
    drawn = np.zeros((rows, count + count % 2), "float32")
    for row in range(rows):
        words = _words(seed, kind, row)
        for i in range(0, count, 2):
            radius = math.sqrt(-2 * math.log((next(words) + 1) / 2**32))
            angle = 2 * math.pi * next(words) / 2**32
            drawn[row, i : i + 2] = radius * math.cos(angle), radius * math.sin(angle)
    return drawn[:, :count]


def _words(a: int, b: int, c: int) -> Iterator[int]:
    """Integers of 32 random bits, from sfc32 of Doty-Humphrey's PractRand."""
    counter, to_skip = 1, 12
    while True:
        word = (a + b + counter) & _WORD
        counter = (counter + 1) & _WORD
        a = b ^ (b >> 9)
        b = (c + (c << 3)) & _WORD
        c = (((c << 21) | (c >> 11)) + word) & _WORD
        if to_skip:
            to_skip -= 1
        else:
            yield word
