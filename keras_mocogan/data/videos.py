"""Video files, read by PyAV (FFmpeg)."""

import contextlib
import functools
from typing import NamedTuple

import av
import numpy as np
from PIL import Image

from keras_mocogan.data import storage
from keras_mocogan.data.images import MAX_PIXELS, check_size, to_array

# Of an hour at 30 frames a second it takes 2 MB.
_INDICES_KEPT = 32


class _Index(NamedTuple):
    """What the packets of a video tell without being decoded.

    Attributes:
        num_frames: Number of frames, in the order in which they are shown.
        times: `int64` array of their times in units of `time_base`, or `None` where
            packets carry none, or two the same.
        keyframes: Sorted times at which decoding may begin.
        time_base: Seconds, a fraction.
        last_duration: Of the last frame, in units of `time_base`.
    """

    num_frames: int
    times: np.ndarray | None
    keyframes: np.ndarray
    time_base: object
    last_duration: int


def count_frames(path):
    """Number of frames, counted by reading the file through without decoding it.

    Headers promise frames that are not there, or give no number at all.

    Raises:
        ValueError: If the file has no video stream, or no frame in it.
    """
    return _index(path, storage.version(path)).num_frames


def frame_times(path):
    """When each frame is shown and when the last one ends, in seconds from the first.

    Raises:
        ValueError: If the packets tell no times.
    """
    index = _index(path, storage.version(path))
    if index.times is None:
        raise ValueError("the file does not tell when its frames are shown")
    end = index.times[-1] + index.last_duration
    times = np.append(index.times, end) - index.times[0]
    return times * float(index.time_base)


def read_frames(path, numbers, channels):
    """Yields the frames of these rising numbers, each `(height, width, channels)`.

    Decodes from the last keyframe before the first frame wanted to the last frame
    wanted, holding one at a time.

    Raises:
        ValueError: If the file ends before the last frame wanted.
    """
    numbers = list(numbers)
    found = 0
    for frame in _seek(path, numbers):
        found += 1
        yield _to_array(frame, channels)
    if found < len(numbers):  # The container's times do not hold: count from the start.
        for frame in _count_through(path, numbers[found:]):
            yield _to_array(frame, channels)


def _seek(path, numbers):
    """Yields frames found by their times, up to the first that is not found so."""
    index = _index(path, storage.version(path))
    if index.times is None or numbers[-1] >= index.num_frames:
        return
    wanted = index.times[numbers]
    before = index.keyframes[index.keyframes <= wanted[0]]
    if len(before) < 2:  # Nothing to be skipped.
        return
    with _open(path) as (container, stream):
        container.seek(int(before[-1]), stream=stream)
        found = 0
        for frame in container.decode(stream):
            if frame.pts is None or frame.pts > wanted[found]:
                return
            if frame.pts == wanted[found]:
                yield frame
                found += 1
                if found == len(wanted):
                    return


def _count_through(path, numbers):
    wanted = set(numbers)
    with _open(path) as (container, stream):
        number = -1
        for number, frame in enumerate(container.decode(stream)):
            if number in wanted:
                yield frame
            if number == numbers[-1]:
                return
    raise ValueError(
        f"decoding ended after {number + 1} frames, frame {numbers[-1] + 1} is wanted"
    )


@functools.lru_cache(_INDICES_KEPT)
def _index(path, version):
    """The `_Index` of a file; `version` keeps a changed file from an old one's."""
    with _open(path) as (container, stream):
        shown = [
            (packet.pts, packet.is_keyframe, packet.duration)
            for packet in container.demux(stream)
            if _is_shown(packet, stream)
        ]
        time_base = stream.time_base
    if not shown:
        raise ValueError("the file holds no frame")
    times = [pts for pts, _, _ in shown]
    if None in times or len(set(times)) < len(times):
        return _Index(len(shown), None, np.zeros(0, np.int64), time_base, 0)
    keyframes = [pts for pts, is_keyframe, _ in shown if is_keyframe]
    _, _, last_duration = max(shown)
    return _Index(
        len(shown),
        np.sort(np.array(times, np.int64)),
        np.sort(np.array(keyframes, np.int64)),
        time_base,
        last_duration or 1,
    )


@contextlib.contextmanager
def _open(path):
    # The prefix keeps FFmpeg from taking a name such as "a:b.mp4" for a URL.
    file = storage.open_remote(path) if storage.is_url(path) else f"file:{path}"
    with av.open(file) as container:
        # FFmpeg takes any content for an image where the suffix says so.
        if container.format.name == "image2":
            raise ValueError("the file is neither an image nor a video")
        if not container.streams.video:
            raise ValueError("the file has no video stream")
        stream = container.streams.video[0]
        codec = stream.codec_context
        check_size(codec.width, codec.height)
        codec.options = {"max_pixels": str(MAX_PIXELS)}  # sizes change within a stream
        # Clips are decoded side by side already.
        codec.thread_count = 1
        yield container, stream


def _is_shown(packet, stream):
    """Whether decoding the packet gives a frame."""
    # The last packet that PyAV gives is empty and flushes the decoder.
    if not packet.size or packet.is_discard:
        return False
    if stream.codec_context.name == "vp8":
        # Frames kept for reference only; bit 4 of the first byte (RFC 6386, 9.1).
        return bool(bytes(packet)[0] & 0x10)
    return True


def _to_array(frame, channels):
    pixel_format = "rgb24" if channels in (1, 3) else "rgba"
    array = frame.to_ndarray(format=pixel_format)
    # Phones store upright clips lying down, and how to turn them.
    turns = round(frame.rotation / 90)
    if channels == 3 and not turns:
        return array
    array = np.rot90(array, turns)
    return to_array(Image.fromarray(np.ascontiguousarray(array)), channels)
