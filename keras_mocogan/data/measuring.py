"""Finds a video's frames by decoding it whole, where its packets do not tell them."""

from typing import NamedTuple

import numpy as np

from keras_mocogan.data.demuxing import (
    NO_TIME,
    Failure,
    decode,
    open_video,
    packets_of,
    time_of,
)
from keras_mocogan.data.video_index import VideoIndex


class _Decoded(NamedTuple):
    """What came out of the decoder: a picture, or a failure in place of one."""

    time: int
    is_picture: bool
    is_keyframe: bool
    is_damaged: bool


def measure(path, promised=None):
    """Decodes the file from its start to its end.

    A frame is lost if the decoder says that it is damaged, or if it comes after damage
    and before the next keyframe: it is made of the damaged ones.

    Args:
        path: Of the file.
        promised: `VideoIndex` of its packets, if they were counted. Frames keep the
            numbers that they have there if some of them are lost.

    Returns:
        A `VideoIndex`.
    """
    with open_video(path) as (container, stream):
        packets = _Packets(packets_of(container, stream))
        decoded = [_describe(item) for item in decode(stream, packets)]
        time_base = stream.time_base
    lost = _find_lost(decoded, packets)
    is_harmed = lost.any() or not all(one.is_picture for one in decoded)
    pictures = [one for one in decoded if one.is_picture]
    times = np.array([one.time for one in pictures], np.int64)
    keyframes = _find_keyframes(pictures, lost, packets)
    numbers = np.arange(len(times), dtype=np.int32)
    last_duration = packets.last_duration
    if promised is not None and is_harmed and _are_among(times, promised.times):
        numbers = np.searchsorted(promised.times, times).astype(np.int32)
        times, last_duration = promised.times, promised.last_duration
        keyframes[:, 0] = numbers[keyframes[:, 0]]
        lost_pictures, lost = lost, np.ones(len(times), bool)
        lost[numbers] = lost_pictures
    return VideoIndex(
        times=times,
        keyframes=keyframes,
        time_base=time_base,
        last_duration=last_duration,
        is_measured=True,
        decoded=numbers,
        lost=lost,
    )


class _Packets:
    """Hands packets on and remembers what is wanted of them.

    Attributes:
        sizes: Of the packets by their time.
        starts_whole: Whether the first one is a keyframe.
        starts_late: Whether pictures are left out at the start, by an edit list.
        last_duration: Of the packet that is shown last.
    """

    def __init__(self, packets):
        self._packets = packets
        self.sizes = {}
        self.starts_whole = self.starts_late = False
        self.last_duration = 1

    def __iter__(self):
        latest = NO_TIME
        is_first = True
        for packet in self._packets:
            yield packet
            if packet is None or isinstance(packet, Failure):
                continue
            if is_first:
                self.starts_whole = packet.is_keyframe
                self.starts_late = packet.is_discard
                is_first = False
            time = time_of(packet)
            self.sizes[time] = packet.size
            if time >= latest:
                latest, self.last_duration = time, packet.duration or 1


def _describe(item):
    is_picture = not isinstance(item, Failure)
    return _Decoded(time_of(item), is_picture, item.key_frame, item.is_corrupt)


def _find_lost(decoded, packets):
    """`bool` array of one value a picture."""
    # Not all decoders tell keyframes: without any, a picture is taken as it comes.
    tells_keyframes = any(one.is_keyframe for one in decoded)
    harmed_since = None
    if tells_keyframes and not packets.starts_whole:
        harmed_since = NO_TIME
    lost = []
    for one in decoded:
        is_first = not lost and one.is_picture and not packets.starts_late
        if is_first and tells_keyframes and not one.is_keyframe:
            harmed_since = NO_TIME
        is_after = harmed_since is not None and (
            one.time == NO_TIME or one.time > harmed_since
        )
        if one.is_damaged:
            if harmed_since is None or one.time < harmed_since:
                harmed_since = one.time
        elif one.is_keyframe and is_after:
            harmed_since, is_after = None, False
        if one.is_picture:
            lost.append(is_after or one.is_damaged)
    return np.array(lost, bool)


def _find_keyframes(pictures, lost, packets):
    """Rows of number and size, of whole keyframes that a seek can find by their time.

    The first frame is not among them: it is found without a seek.
    """
    times = [one.time for one in pictures]
    once = {time for time in times if time != NO_TIME}
    if len(once) < len(times):
        return np.zeros((0, 2), np.int64)
    rows = [
        (number, packets.sizes[one.time])
        for number, one in enumerate(pictures)
        if one.is_keyframe and not lost[number] and one.time in packets.sizes
    ]
    return np.array(rows, np.int64).reshape(-1, 2)


def _are_among(times, promised):
    """Whether decoded times rise, and packets promised all of them."""
    rising = bool((np.diff(times) > 0).all())
    return len(times) > 0 and rising and bool(np.isin(times, promised).all())
