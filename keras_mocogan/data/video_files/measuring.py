"""Finds a video's frames by decoding all of it, if its packets do not tell them."""

from typing import NamedTuple

import numpy as np

from keras_mocogan.data.video_files.demuxing import (
    FAILURE,
    NO_TIME,
    decode,
    open_video,
    packets_of,
    time_of,
)
from keras_mocogan.data.video_files.video_index import VideoIndex


class _Decoded(NamedTuple):
    """What came out of the decoder: a picture, or a failure in place of one."""

    time: int
    place: float | None  # among the packets
    is_picture: bool
    is_keyframe: bool
    is_damaged: bool


def measure(path, promised=None):
    """Decodes the file from its start to its end.

    A frame is lost if the decoder says that it is damaged, or if it is decoded after
    damage and before the next keyframe: then it depends on damaged frames.

    Args:
        path: Path of the file.
        promised: `VideoIndex` of its packets, if they were counted. Frames keep their
            numbers from there, even if others are missing.

    Returns:
        A `VideoIndex`.
    """
    with open_video(path) as (container, stream):
        packets = _Packets(packets_of(container, stream))
        decoded = [packets.describe(item) for item in decode(stream, packets)]
        time_base = stream.time_base
    pictures = [one for one in decoded if one.is_picture]
    times = np.array([one.time for one in pictures], np.int64)
    lost = _find_lost(decoded, packets)
    keyframes = _find_keyframes(pictures, lost, packets)
    numbers = np.arange(len(times), dtype=np.int32)
    last_duration = packets.last_duration
    if promised is not None and _are_among(times, promised.times):
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
    """Passes packets on and remembers what is needed from them.

    Attributes:
        sizes: Sizes of the packets by their times.
        starts_whole: Whether the first packet is a keyframe.
        starts_late: Whether an edit list leaves out pictures at the start.
        last_duration: Duration of the packet that is shown last.
    """

    def __init__(self, packets):
        self._packets = packets
        self._places = {}
        self._latest = NO_TIME
        self._num_read = 0
        self.sizes = {}
        self.starts_whole = self.starts_late = False
        self.last_duration = 1

    def __iter__(self):
        for packet in self._packets:
            if packet is not None and packet is not FAILURE:
                self._remember(packet)
            yield packet

    def _remember(self, packet):
        if not self._num_read:
            self.starts_whole = packet.is_keyframe
            self.starts_late = packet.is_discard
        time = time_of(packet)
        self.sizes[time] = packet.size
        self._places[time] = self._num_read
        self._num_read += 1
        if time >= self._latest:
            self._latest, self.last_duration = time, packet.duration or 1

    def describe(self, item):
        """A `_Decoded` of a picture or failure that has just come out."""
        is_picture = item is not FAILURE
        # A failure comes right after its packet.
        after = self._num_read - 0.5
        place = self._places.get(time_of(item)) if is_picture else after
        return _Decoded(
            time_of(item), place, is_picture, item.key_frame, item.is_corrupt
        )


def _find_lost(decoded, packets):
    """`bool` array with one value for each picture."""
    # Not all decoders mark keyframes: if none is marked, pictures are taken as they
    # come.
    tells_keyframes = any(one.is_keyframe for one in decoded)
    starts_harmed = tells_keyframes and not packets.starts_whole
    places = [one.place for one in decoded if one.is_picture]
    if None in places or len(set(places)) < len(places):
        lost = _lost_groups(decoded, starts_harmed)
    else:
        lost = _lost_after_damage(
            decoded, starts_harmed, tells_keyframes and not packets.starts_late
        )
    return np.array(lost, bool)[[one.is_picture for one in decoded]]


def _lost_after_damage(decoded, is_harmed, starts_with_keyframe):
    """Which items are decoded after damage and before a keyframe; a list of `bool`."""
    lost = [False] * len(decoded)
    harmed_before = NO_TIME
    order = sorted(range(len(decoded)), key=lambda i: decoded[i].place)
    for i in order:
        one = decoded[i]
        if i == order[0] and starts_with_keyframe and not one.is_keyframe:
            is_harmed = True
        if one.is_damaged:
            is_harmed = True
        elif one.is_keyframe:
            # Some pictures after it are shown before it, and depend on earlier ones.
            if is_harmed:
                harmed_before = one.time
            is_harmed = False
        lost[i] = is_harmed or one.time < harmed_before
    return lost


def _lost_groups(decoded, starts_harmed):
    """All of each group that has damage: it is not known how groups are decoded."""
    groups = np.cumsum([one.is_keyframe and not one.is_damaged for one in decoded])
    harmed = groups[[one.is_damaged for one in decoded]]
    return np.isin(groups, [*harmed, 0] if starts_harmed else harmed).tolist()


def _find_keyframes(pictures, lost, packets):
    """Numbers and sizes of undamaged keyframes that a seek can find by their times.

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
    """Whether decoded times increase and were all promised by packets."""
    rising = bool((np.diff(times) > 0).all())
    return len(times) > 0 and rising and bool(np.isin(times, promised).all())
