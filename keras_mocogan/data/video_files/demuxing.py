"""Opens video files, reads their packets, and decodes pictures from them."""

import contextlib

import av

from keras_mocogan.data.frames.images import MAX_PIXELS, check_size
from keras_mocogan.data.storage import storage

# In place of a time, if a packet or a picture has none.
NO_TIME = -(2**63)


class SeekError(Exception):
    """A seek ended in the wrong place."""


class _Failure:
    pts = None
    key_frame = False
    is_corrupt = True


# Takes a picture's place if a packet could not be decoded.
FAILURE = _Failure()


@contextlib.contextmanager
def open_video(path):
    """Opens a file and yields its PyAV container and its first video stream."""
    # The prefix keeps FFmpeg from taking a name such as "a:b.mp4" for a URL.
    file = storage.open_remote(path) if storage.is_url(path) else f"file:{path}"
    with av.open(file) as container:
        # FFmpeg takes any content for an image if the suffix says so.
        if container.format.name == "image2":
            raise ValueError("the file is neither an image nor a video")
        if not container.streams.video:
            raise ValueError("the file has no video stream")
        stream = container.streams.video[0]
        codec = stream.codec_context
        check_size(codec.width, codec.height)
        codec.options = {"max_pixels": str(MAX_PIXELS)}  # sizes change within a stream
        # Clips are already decoded in parallel.
        codec.thread_count = 1
        yield container, stream


def time_of(item):
    """When a packet or a picture is to be shown, or `NO_TIME`."""
    return NO_TIME if item.pts is None else item.pts


def packets_of(container, stream):
    """Yields packets, then `FAILURE` if the file breaks off, and finally `None`."""
    try:
        for packet in container.demux(stream):
            if packet.size:  # an empty one would end the decoding
                yield packet
    except av.error.FFmpegError as error:
        _raise_if_unreachable(error)
        yield FAILURE
    yield None


def packets_from(container, stream, time, size):
    """Seeks the packet with this time and size; yields it and those after it.

    If a container has no list of its packets, a seek may end in another place, and the
    first times after it may belong to another picture.

    Raises:
        SeekError: If the packet is not found.
    """
    if _remembers_first_packet(stream):
        for packet in container.demux(stream):
            _decode(stream, packet)
            break
    try:
        container.seek(time, stream=stream)
    except av.error.FFmpegError as error:
        _raise_if_unreachable(error)
        raise SeekError from None
    packets = packets_of(container, stream)
    for packet in packets:
        is_packet = packet is not None and packet is not FAILURE
        if is_packet and packet.pts == time and packet.size == size:
            yield packet
            yield from packets
            return
        if not is_packet or packet.pts is None or packet.pts >= time:
            raise SeekError


def decode(stream, packets):
    """Yields pictures, and `FAILURE` if a packet could not be decoded."""
    for packet in packets:
        if packet is FAILURE:
            yield packet
        else:
            yield from _decode(stream, packet)


def held_back(stream):
    """Decoded pictures that wait because others are shown before them.

    Nothing can be decoded after this call.
    """
    try:
        return stream.codec_context.decode(None)
    except av.error.EOFError:  # they were already fetched, at the end of the file
        return []
    except av.error.FFmpegError:
        return [FAILURE]


def _decode(stream, packet):
    try:
        return stream.codec_context.decode(packet)
    except av.error.FFmpegError:
        return [FAILURE]


def _raise_if_unreachable(error):
    if isinstance(error, ConnectionError):  # the storage's failure, not the file's
        raise error


def _remembers_first_packet(stream):
    """Whether decoding depends on the very first packet, wherever it begins.

    Old encoders of H.264 with colors at full resolution had a certain error. The
    decoder imitates it once the first packet has told it which encoder wrote the file.
    """
    codec = stream.codec_context
    if codec.name != "h264" or codec.format is None:
        return False
    colors = codec.format
    return (colors.chroma_width(2), colors.chroma_height(2)) == (2, 2)
