"""Runs a clip generator on NumPy latents, a slice at a time."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from keras_mocogan.sampling import latents

if TYPE_CHECKING:
    from keras_mocogan.networks.base import ClipGenerator


def with_time(samples: np.ndarray) -> np.ndarray:
    """Videos as they are; pictures, of an `ImageGAN`, as videos of one frame."""
    return samples if samples.ndim == 5 else samples[:, None]


def decode(
    clip_generator: "ClipGenerator",
    codes: Mapping[str, np.ndarray],
    slice_rows: int,
    finish: Callable[[np.ndarray], np.ndarray] = lambda part: part,
) -> dict[str, np.ndarray]:
    """What a clip generator makes from latents on the host.

    Args:
        clip_generator: A `networks.base.ClipGenerator`.
        codes: Dictionary of float arrays, n rows each.
        slice_rows: Rows that are decoded at once, which bounds the memory.
        finish: Called with each part of each slice, before the slices are joined.

    Returns:
        Dictionary of NumPy arrays, n rows each, one for each part.
    """
    n = len(next(iter(codes.values())))
    slices = []
    for start in range(0, n, slice_rows):
        some = {name: code[start : start + slice_rows] for name, code in codes.items()}
        # With sizes padded to powers of two, few have to be compiled.
        padded = {name: latents.pad_rows(code) for name, code in some.items()}
        parts = clip_generator.predict_on_batch(padded)
        rows = min(slice_rows, n - start)
        slices.append({name: finish(part[:rows]) for name, part in parts.items()})
    return {name: np.concatenate([s[name] for s in slices]) for name in slices[0]}
