"""Video files, read by PyAV (FFmpeg)."""

import itertools

import numpy as np
from PIL import Image

from keras_mocogan.data.frames.images import to_array
from keras_mocogan.data.frames.lost_frames import LostFramesError
from keras_mocogan.data.video_files.demuxing import (
    FAILURE,
    SeekError,
    decode,
    held_back,
    open_video,
    packets_from,
    packets_of,
    time_of,
)
from keras_mocogan.data.video_files.indexing import correct_index, find_index


class _MismatchError(Exception):
    """Decoding gave something else than the index said."""


def count_frames(path):
    """Number of frames, counted by packets, or by decoding if packets do not tell.

    Headers promise frames that are not there, or give no number at all.

    Raises:
        ValueError: If the file has no video stream, or no undamaged frame.
    """
    return find_index(path).num_frames


def frame_times(path):
    """When each frame is shown and when the last one ends, in seconds from the first.

    Raises:
        ValueError: If the file has no times.
    """
    index = find_index(path)
    # AVI only says that pictures are evenly spaced, not in which order they come.
    times = np.sort(index.times)
    if not index.has_times:
        raise ValueError("the file does not say when its frames are shown")
    times = np.append(times, times[-1] + index.last_duration) - times[0]
    return times * float(index.time_base)


def read_frames(path, numbers, channels):
    """Yields frames by ascending numbers, each `(height, width, channels)`.

    They are what decoding from the start of the file gives. Decoding begins at the last
    keyframe before them that proves to be one, and holds one frame at a time.

    Raises:
        LostFramesError: If one of them cannot be decoded.
        ValueError: If the file gives other frames than when it was counted.
    """
    numbers = list(numbers)
    index = find_index(path)
    index.check(numbers)
    found = 0
    try:
        for picture in _find(path, index, numbers):
            found += 1
            yield _to_array(picture, channels)
        return
    except _MismatchError:
        measured = correct_index(path, index)
    measured.check(numbers)
    if found and not np.array_equal(measured.times, index.times):
        # The frames before this had other numbers.
        raise LostFramesError(measured.remaining, index.num_frames)
    for picture in _find(path, measured, numbers[found:]):
        yield _to_array(picture, channels)


def _find(path, index, numbers):
    """Yields pictures by ascending numbers.

    Raises:
        _MismatchError: If packets do not hold what they promised.
        ValueError: If decoding does not give what it gave before.
    """
    found = 0
    starts = [*index.starts(numbers[0]), None] if numbers else []
    for start in starts:
        try:
            for picture in _run(path, index, start, numbers[found:]):
                found += 1
                yield picture
            return
        except SeekError:
            continue
        except _MismatchError:
            if not index.is_measured:
                raise
    if numbers:
        raise ValueError(
            f"frame {numbers[found]} was decoded once, but not a second time"
        )


def _run(path, index, start, numbers):
    """Yields pictures decoded from one start on, as long as they are as expected.

    The first must be a keyframe, and all must have the right times and no damage: after
    a wrong start or a missing frame, pictures cannot be trusted.
    """
    with open_video(path) as (container, stream):
        if start is None:
            first, packets = 0, packets_of(container, stream)
        else:
            first, size = start
            time = int(index.times[first])
            packets = packets_from(container, stream, time, size)
        pictures = decode(stream, packets)
        if index.is_measured:  # its failures have no numbers
            pictures = (item for item in pictures if item is not FAILURE)
        if start is not None:  # pictures of the group before may still come
            pictures = itertools.dropwhile(lambda item: time_of(item) < time, pictures)
        wanted = set(numbers)
        proves_itself = start is None and index.is_measured
        for number, time in index.run(first, numbers[-1]):
            picture = next(pictures, None)
            if picture is None or time_of(picture) != time:
                raise _MismatchError
            proves_itself = proves_itself or picture.key_frame
            if not proves_itself or picture.is_corrupt and not index.lost[number]:
                raise _MismatchError
            if number in wanted:
                yield picture
        # Pictures that are shown later may be what earlier ones depend on.
        if not index.is_measured and any(p.is_corrupt for p in held_back(stream)):
            raise _MismatchError


def _to_array(frame, channels):
    pixel_format = "rgb24" if channels in (1, 3) else "rgba"
    array = frame.to_ndarray(format=pixel_format)
    # Phones store upright clips lying down, and say how to turn them.
    turns = round(frame.rotation / 90)
    if channels == 3 and not turns:
        return array
    array = np.rot90(array, turns)
    return to_array(Image.fromarray(np.ascontiguousarray(array)), channels)
