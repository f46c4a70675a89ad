"""Video files, read by PyAV (FFmpeg)."""

import itertools

import numpy as np
from PIL import Image

from keras_mocogan.data.demuxing import (
    Failure,
    SeekError,
    decode,
    open_video,
    packets_from,
    packets_of,
    time_of,
)
from keras_mocogan.data.images import to_array
from keras_mocogan.data.indexing import correct_index, find_index
from keras_mocogan.data.lost_frames import LostFramesError


def count_frames(path):
    """Number of frames: of packets, or of decoded ones where packets do not tell.

    Headers promise frames that are not there, or give no number at all.

    Raises:
        ValueError: If the file has no video stream, or no whole frame in it.
    """
    return find_index(path).num_frames


def frame_times(path):
    """When each frame is shown and when the last one ends, in seconds from the first.

    Raises:
        ValueError: If the file tells no times.
    """
    index = find_index(path)
    # AVI only tells that pictures are evenly spaced, not in which order they come.
    times = np.sort(index.times)
    if not index.has_times:
        raise ValueError("the file does not tell when its frames are shown")
    times = np.append(times, times[-1] + index.last_duration) - times[0]
    return times * float(index.time_base)


def read_frames(path, numbers, channels):
    """Yields the frames of these rising numbers, each `(height, width, channels)`.

    They are what decoding from the start of the file gives. Decoding begins at the last
    keyframe before them that proves to be one, holding one frame at a time.

    Raises:
        LostFramesError: If one of them cannot be decoded.
        ValueError: If the file gives other frames than when it was counted.
    """
    numbers = list(numbers)
    index = find_index(path)
    index.check(numbers)
    found = 0
    for picture in _find(path, index, numbers):
        found += 1
        yield _to_array(picture, channels)
    if found < len(numbers) and not index.is_measured:
        measured = correct_index(path, index)
        measured.check(numbers)
        if found and not np.array_equal(measured.times, index.times):
            # Those before went by other numbers.
            raise LostFramesError(measured.remaining, index.num_frames)
        for picture in _find(path, measured, numbers[found:]):
            found += 1
            yield _to_array(picture, channels)
    if found < len(numbers):
        raise ValueError(
            f"frame {numbers[found]} was decoded once, and cannot be a second time"
        )


def _find(path, index, numbers):
    """Yields pictures, up to the first that is not found where the index says."""
    found = 0
    for start in (*index.starts(numbers[0]), None):
        try:
            for picture in _run(path, index, start, numbers[found:]):
                yield picture
                found += 1
        except SeekError:
            continue
        if found == len(numbers) or not index.is_measured:
            return


def _run(path, index, start, numbers):
    """Yields pictures decoded from one start on, as long as they are what is expected.

    The first must be a keyframe, and all must have their times and no damage: after a
    false start, or a frame that is missing, pictures are not to be trusted.
    """
    with open_video(path) as (container, stream):
        if start is None:
            first, packets = 0, packets_of(container, stream)
        else:
            first, size = start
            time = int(index.times[first])
            packets = packets_from(container, stream, time, size)
        pictures = decode(stream, packets)
        if index.is_measured:  # in which failures have no number
            pictures = (item for item in pictures if not isinstance(item, Failure))
        if start is not None:  # Of the group before there may be some that are shown.
            pictures = itertools.dropwhile(lambda item: time_of(item) < time, pictures)
        wanted = set(numbers)
        proves_itself = start is None and index.is_measured
        for (number, time), picture in zip(
            index.run(first, numbers[-1]), pictures, strict=False
        ):
            proves_itself = proves_itself or picture.key_frame
            is_whole = index.lost[number] or not picture.is_corrupt
            if not proves_itself or not is_whole or time_of(picture) != time:
                return
            if number in wanted:
                yield picture


def _to_array(frame, channels):
    pixel_format = "rgb24" if channels in (1, 3) else "rgba"
    array = frame.to_ndarray(format=pixel_format)
    # Phones store upright clips lying down, and how to turn them.
    turns = round(frame.rotation / 90)
    if channels == 3 and not turns:
        return array
    array = np.rot90(array, turns)
    return to_array(Image.fromarray(np.ascontiguousarray(array)), channels)
