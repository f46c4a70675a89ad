"""DiffAugment: random changes of everything that the discriminators see.

A discriminator soon knows a small data set by heart, unless every sample looks
different each time. If generated samples are changed in the same way, and gradients
pass through the changes, they do not appear in what the generator makes: Zhao and
others, "Differentiable Augmentation for Data-Efficient GAN Training", NeurIPS 2020,
section 3.

Each sample has its own draw, which all frames of a clip share, because changes from
frame to frame would hide the motion. When a frame is moved, its edge is repeated. The
paper's code fills that part with gray, which would be a bright bar beside a black
background.
"""

from collections.abc import Callable, Sequence
from typing import Any

from keras import ops

# As in the paper, frames move by up to an eighth of their side, and lose half of it.
_TRANSLATION, _CUTOUT = 8, 2


class Augmentation:
    """Changes samples at random.

    Args:
        names: Some of `NAMES`; the changes are made in the order of `NAMES`.
        rng: `rng.StepRandom`.
    """

    def __init__(self, names: Sequence[str], rng: Any) -> None:
        self._changes = [_CHANGES[name] for name in NAMES if name in names]
        self._rng = rng

    def __call__(self, samples: Any) -> Any:
        """The changed samples, float32 of the same shape.

        Args:
            samples: float32 frames `(n, height, width, channels)` or clips `(n, frames,
                height, width, channels)` in [-1, 1].
        """
        for change, draw in self._changes:
            samples = change(samples, *draw(self._rng, samples))
        return samples


def color(samples: Any, brightness: Any, saturation: Any, contrast: Any) -> Any:
    """Changes colors; values may leave [-1, 1].

    With 1, 2 or 4 channels, which are not just red, green and blue, saturation stays as
    it is.

    Args:
        samples: float32 `(n, ..., channels)`.
        brightness: float32 `(n,)`, is added to all values; 0 changes nothing.
        saturation: float32 `(n,)`, factor of a color's distance from gray; 1 changes
            nothing.
        contrast: float32 `(n,)`, factor of a value's distance from the mean of its
            frame, or of its clip; 1 changes nothing.
    """
    brightness, saturation, contrast = (
        _over(samples, values) for values in (brightness, saturation, contrast)
    )
    if samples.shape[-1] != 3:
        saturation = 1.0
    gray = ops.mean(samples, axis=-1, keepdims=True)
    mean = ops.mean(gray, axis=tuple(range(1, len(gray.shape))), keepdims=True)
    # All three in one pass, because saturation and contrast do not change the mean.
    offset = (1.0 - contrast) * mean + brightness
    gray = contrast * (1.0 - saturation) * gray + offset
    return contrast * saturation * samples + gray


def translation(samples: Any, down: Any, right: Any) -> Any:
    """Moves frames by whole pixels, and fills the gap by repeating the edge.

    Args:
        samples: float32 `(n, ..., height, width, channels)`.
        down, right: int32 `(n,)`, pixels; 0 changes nothing.
    """
    height, width, channels = samples.shape[-3:]
    frames = samples.shape[1] if len(samples.shape) == 5 else 1
    # Products with matrices of zeros and ones: on CPUs the gradient of a gather is
    # slow.
    rows = _sources(down, height, samples.dtype)[:, None]
    moved = ops.reshape(samples, (-1, frames, height, width * channels))
    moved = ops.matmul(rows, moved)
    columns = _sources(right, width, samples.dtype)
    moved = ops.reshape(moved, (-1, frames * height, width * channels))
    moved = ops.matmul(moved, _for_each_channel(columns, channels))
    return ops.reshape(moved, (-1, *samples.shape[1:]))


def cutout(samples: Any, top: Any, left: Any) -> Any:
    """Makes half of the height by half of the width gray, which is 0.

    It is gray even on a black background: a thing that is cut out must not look like a
    thing that is not there.

    Args:
        samples: float32 `(n, ..., height, width, channels)`.
        top, left: int32 `(n,)`, the corner, which may lie outside the frame.
    """
    height, width = samples.shape[-3:-1]
    rows = _is_cut(top, height)[:, :, None]
    columns = _is_cut(left, width)[:, None, :]
    shape = (-1, *[1] * (len(samples.shape) - 4), height, width, 1)
    kept = ops.reshape(ops.logical_not(ops.logical_and(rows, columns)), shape)
    return samples * ops.cast(kept, samples.dtype)


def _over(samples, values):
    """Values `(n,)` in a shape that is broadcast over the samples."""
    values = ops.cast(values, samples.dtype)
    return ops.reshape(values, (-1, *[1] * (len(samples.shape) - 1)))


def _sources(shift, size, dtype):
    """`(n, size, size)`: in the row of each new place, 1 at the place it came from."""
    places = ops.arange(size, dtype="int32")
    source = ops.clip(places - shift[:, None], 0, size - 1)
    return ops.one_hot(source, size, dtype=dtype)


def _for_each_channel(matrices, channels):
    """`(n, width * channels, width * channels)`: from old places to new ones."""
    width = matrices.shape[-1]
    same = ops.eye(channels, dtype=matrices.dtype)[None, None, :, None, :]
    from_old = ops.transpose(matrices, (0, 2, 1))[:, :, None, :, None]
    return ops.reshape(from_old * same, (-1, width * channels, width * channels))


def _is_cut(start, size):
    places = ops.arange(size, dtype="int32")
    start = start[:, None]
    return ops.logical_and(places >= start, places < start + size // _CUTOUT)


# === Draws ===


def _draw_color(rng, samples):
    n = (ops.shape(samples)[0],)
    return rng.uniform(n, -0.5, 0.5), rng.uniform(n, 0.0, 2.0), rng.uniform(n, 0.5, 1.5)


def _draw_translation(rng, samples):
    return [
        rng.integers((ops.shape(samples)[0],), 2 * way + 1) - way
        for way in (size // _TRANSLATION for size in samples.shape[-3:-1])
    ]


def _draw_cutout(rng, samples):
    # The middle may lie anywhere in the frame.
    return [
        rng.integers((ops.shape(samples)[0],), size + 1) - size // _CUTOUT // 2
        for size in samples.shape[-3:-1]
    ]


_CHANGES: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "color": (color, _draw_color),
    "translation": (translation, _draw_translation),
    "cutout": (cutout, _draw_cutout),
}
NAMES = tuple(_CHANGES)


def make(names: Sequence[str] | None, rng: Any) -> Augmentation | None:
    """The `Augmentation` with these names, or None if there are none.

    Raises:
        ValueError: If they are not a list, or one is not known.
    """
    if names is None:
        return None
    known = isinstance(names, list | tuple) and all(name in NAMES for name in names)
    if not known:
        raise ValueError(
            f"`augmentation` must be None or a list of some of "
            f"{', '.join(map(repr, NAMES))}. Received: augmentation={names!r}. Write a "
            "single one as ['color']."
        )
    return Augmentation(names, rng) if names else None
