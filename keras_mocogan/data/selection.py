"""Which clips of a source are long enough, as far as that is known beforehand."""

import concurrent.futures

import numpy as np

from keras_mocogan.data.skipped import logger

_THREADS = 8
# More files than these are opened only when their turn comes.
_OPENED_AT_START = 2000


def usable_clips(source, chosen, needed, wanted, skipped):
    """Numbers of the clips to use; tells of those that are known not to be.

    Args:
        source: Where clips come from.
        chosen: The user's list of the clips to use, or `None` for all.
        needed: Frames that a clip must have.
        wanted: The user's words for it.
        skipped: `Skipped`, told of clips that cannot be read.

    Returns:
        `int64` array. Of very many files all that were chosen: their lengths are
        found when they are read.

    Raises:
        ValueError: If `chosen` does not fit, no clip can be read, or none is long
            enough.
    """
    clips = _check_chosen(chosen, len(source.names))
    if source.lengths is not None:
        lengths, readable = source.lengths[clips], np.ones(len(clips), bool)
    elif len(clips) > _OPENED_AT_START:
        return clips
    else:
        lengths, readable = _count_all(source, clips, skipped)
    if not readable.any():
        raise ValueError(
            f"None of the {len(readable)} clips can be read, such as "
            f"{source.names[clips[0]]}; the warning before says why."
        )
    long_enough = readable & (lengths >= needed)
    if not long_enough.any():
        lengths = lengths[readable]
        raise ValueError(
            f"No clip is long enough: {wanted} takes {needed} frames, and the "
            f"{len(lengths)} clips have {lengths.min()} to {lengths.max()}. Lower one "
            "of the two."
        )
    short = np.flatnonzero(readable & ~long_enough)
    if len(short):
        logger.warning(
            "Skipped %d of %d clips that are too short, such as %s: %s takes %d.",
            len(short),
            len(readable),
            source.names[clips[short[0]]],
            wanted,
            needed,
        )
    return clips[long_enough]


def _check_chosen(chosen, num_clips):
    """Sorted numbers of the clips that the user chose; of all for `None`."""
    if chosen is None:
        return np.arange(num_clips)
    clips = np.asarray(chosen)
    fits = clips.ndim == 1 and clips.size and clips.dtype.kind in "iu"
    if not fits or clips.min() < 0 or clips.max() >= num_clips:
        raise ValueError(
            f"`clips` must be a list of whole numbers from 0 to {num_clips - 1}, one "
            f"for each clip to use; received {chosen!r}."
        )
    return np.unique(clips)


def _count_all(source, clips, skipped):
    """Numbers of frames of the clips, and which of them can be opened."""

    def count(clip):
        try:
            return source.count_frames(clip)
        except Exception as error:  # Whatever the decoder raises.
            return error

    with concurrent.futures.ThreadPoolExecutor(_THREADS) as pool:
        counts = list(pool.map(count, clips))
    failures = {
        source.names[clip]: found
        for clip, found in zip(clips, counts, strict=True)
        if isinstance(found, Exception)
    }
    skipped.add_all(failures, len(counts))
    failed = np.array([isinstance(found, Exception) for found in counts])
    lengths = np.array([0 if isinstance(n, Exception) else n for n in counts])
    return lengths, ~failed
