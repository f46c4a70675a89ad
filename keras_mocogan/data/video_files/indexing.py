"""Finds the index of a video file in the cheapest reliable way, and keeps it."""

from keras_mocogan.data.frames.bounded_cache import BoundedCache
from keras_mocogan.data.frames.lost_frames import tell_of_loss
from keras_mocogan.data.storage import storage
from keras_mocogan.data.video_files.demuxing import open_video
from keras_mocogan.data.video_files.measuring import measure
from keras_mocogan.data.video_files.packet_index import index_packets

# Bytes for all indices together. A clip of ten seconds takes 5,000 of them, an hour a
# million and a half.
_indices = BoundedCache(2**27)


def find_index(path):
    """The `VideoIndex` of a file.

    Raises:
        ValueError: If the file has no video stream, or no undamaged frame.
    """
    key = _key(path)
    index = _indices.get(key)
    if index is None:
        with open_video(path) as (container, stream):
            index = index_packets(container, stream)
        if index is None:
            return correct_index(path)
        _indices.put(key, index, index.num_bytes)
    return _check_any(index)


def correct_index(path, promised=None):
    """Decodes a file whose packets cannot be trusted, and keeps the index of that.

    Lost frames are reported once.

    Args:
        path: Path of the file.
        promised: The `VideoIndex` that proved wrong.

    Returns:
        A measured `VideoIndex`.
    """
    key = _key(path)
    index = measure(path, promised)
    _indices.put(key, index, index.num_bytes)
    _check_any(index)
    num_frames = index.num_frames if promised is None else promised.num_frames
    num_remaining = len(index.remaining)
    if num_remaining < num_frames:
        tell_of_loss(key, num_remaining, num_frames)
    return index


def _key(path):
    return path, storage.version(path)  # a replaced file counts as another


def _check_any(index):
    if not index.num_frames:
        raise ValueError("the file holds no frame")
    if index.lost.all():
        raise ValueError("no frame of the file can be decoded without damage")
    return index
