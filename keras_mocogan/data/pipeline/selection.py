"""Which clips of a source are long enough, as far as that is known at the start."""

import concurrent.futures

import numpy as np

_THREADS = 8
# If there are more files, each is opened only when its turn comes.
_OPENED_AT_START = 2000


def usable_clips(source, chosen, clip_frames, frame_stride, skipped):
    """Numbers of the clips to use; reports those that cannot be used.

    Args:
        source: Where clips come from.
        chosen: The user's list of the clips to use, or `None` for all.
        clip_frames, frame_stride: See `video_dataset`.
        skipped: `Skipped`, which records clips that cannot be read or are too short.

    Returns:
        `int64` array. If there are very many files, it holds all that were chosen:
        their lengths are found when they are read.

    Raises:
        ValueError: If `chosen` does not fit, no clip can be read, or none is long
            enough.
    """
    clips = _check_chosen(chosen, len(source.names))
    needed = (clip_frames - 1) * frame_stride + 1
    if source.lengths is not None:
        lengths, readable = source.lengths[clips], np.ones(len(clips), bool)
    elif len(clips) > _OPENED_AT_START:
        return clips
    else:
        lengths, readable = _count_all(source, clips, skipped)
    if not readable.any():
        name = source.names[clips[0]]
        raise ValueError(
            "`source` must hold at least one clip that can be read. Received: "
            f"{len(readable)} clips, of which none can be read, such as {name}: "
            f"{skipped[name]}; the warning before this names them all."
        )
    long_enough = readable & (lengths >= needed)
    if not long_enough.any():
        are_files = source.lengths is None
        lengths = lengths[readable]
        raise ValueError(_all_too_short(lengths, clip_frames, frame_stride, are_files))
    short = np.flatnonzero(readable & ~long_enough)
    wanted = f"clip_frames={clip_frames} with frame_stride={frame_stride}"
    lengths = {source.names[clips[i]]: int(lengths[i]) for i in short}
    skipped.add_short(lengths, len(clips), needed, wanted)
    return clips[long_enough]


def _all_too_short(lengths, clip_frames, frame_stride, are_files):
    longest = int(lengths.max())
    message = (
        "`clip_frames` must fit into at least one clip. Received: "
        f"clip_frames={clip_frames} with frame_stride={frame_stride}, which takes "
        f"{(clip_frames - 1) * frame_stride + 1} frames, but the {len(lengths)} "
        f"clips have {lengths.min()} to {longest}. "
    )
    if longest == 1 and are_files:
        return message + (
            "Still pictures are clips of one frame unless they are strips, whose long "
            "side is a whole multiple of their short side. If they are the frames of "
            "one clip, put them in a folder of their own, and pass the folder above "
            'it with layout="frames".'
        )
    hints = [f"clip_frames to {(longest - 1) // frame_stride + 1}"]
    if frame_stride > 1 and longest >= clip_frames:
        hints.append(f"frame_stride to {(longest - 1) // (clip_frames - 1)}")
    return f"{message}Lower {' or '.join(hints)}."


def _check_chosen(chosen, num_clips):
    """Sorted numbers of the clips that the user chose; of all for `None`."""
    if chosen is None:
        return np.arange(num_clips)
    clips = np.asarray(chosen)
    fits = clips.ndim == 1 and clips.size and clips.dtype.kind in "iu"
    if not fits or clips.min() < 0 or clips.max() >= num_clips:
        raise ValueError(
            f"`indices` must be a list of whole numbers from 0 to {num_clips - 1}, one "
            f"for each clip to use. Received: indices={chosen!r}."
        )
    return np.unique(clips)


def _count_all(source, clips, skipped):
    """Numbers of frames of the clips, and which of them can be opened."""

    def count(clip):
        try:
            return source.count_frames(clip)
        except ConnectionError:  # not the clip's fault: the next would fail too
            raise
        except Exception as error:  # whatever the decoder raises
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
