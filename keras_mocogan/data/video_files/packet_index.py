"""Counts frames by packets, without decoding, if the packets can be trusted."""

import numpy as np

from keras_mocogan.data.video_files import shown_frames
from keras_mocogan.data.video_files.demuxing import FAILURE, packets_of, time_of
from keras_mocogan.data.video_files.video_index import VideoIndex


def index_packets(container, stream):
    """The `VideoIndex` of a file, or `None` if only decoding can tell.

    That is so if packets have no times, or wrong ones; if the first picture is not a
    keyframe, or others are shown before it; or if a packet may hold no picture, or two.
    """
    rows = []
    for packet in packets_of(container, stream):
        if packet is None:
            break
        if packet is FAILURE or packet.is_corrupt:
            return None
        if packet.is_discard:
            continue
        num_shown = shown_frames.count(packet, stream)
        if num_shown is None:
            return None
        if num_shown:
            row = packet.is_keyframe, packet.size, packet.duration, packet.dts
            rows.append((time_of(packet), *row))
    if not rows:
        return None
    times, is_key, sizes, durations, decoding_times = zip(*rows, strict=True)
    times = np.array(times, np.int64)
    keys = np.flatnonzero(is_key)
    in_order = bool((np.diff(times) > 0).all())
    if in_order and _hides_order(container, stream, times, decoding_times):
        return None
    if not _times_hold(times, keys):
        return None
    order = np.argsort(times)
    times_shown = times[order]
    numbers = np.searchsorted(times_shown, times[keys])
    return VideoIndex(
        times=times_shown,
        keyframes=np.stack([numbers, np.array(sizes, np.int64)[keys]], axis=1),
        time_base=stream.time_base,
        last_duration=durations[order[-1]] or 1,
        is_measured=False,
        decoded=np.arange(len(rows), dtype=np.int32),
        lost=np.zeros(len(rows), bool),
    )


def _hides_order(container, stream, times, decoding_times):
    """Whether times do not show that pictures are shown in another order than decoded.

    AVI has no times at all, and some programs copy such packets into other files.
    """
    if not stream.codec_context.has_b_frames:
        return False
    return container.format.name == "avi" or times.tolist() == list(decoding_times)


def _times_hold(times, keys):
    """Whether each picture has its own time and is shown with those of its keyframe.

    Args:
        times: Times of the packets, in decoding order.
        keys: Which of them are keyframes.
    """
    if not len(keys) or keys[0] != 0 or len(np.unique(times)) < len(times):
        return False
    if times.min() < times[0]:  # of which `NO_TIME` is one case
        return False
    latest_before = np.maximum.accumulate(times)[keys[1:] - 1]
    earliest_after = np.minimum.accumulate(times[::-1])[::-1][keys[1:]]
    return bool((earliest_after > latest_before).all())
