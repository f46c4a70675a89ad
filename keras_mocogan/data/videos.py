"""Video files, read by PyAV (FFmpeg)."""

import contextlib

import av
import numpy as np
from PIL import Image

from keras_mocogan.data.images import to_array


def count_frames(path):
    """Number of frames, counted by reading the file through without decoding it.

    Headers promise frames that are not there, or give no number at all.

    Raises:
        ValueError: If the file has no video stream, or no frame in it.
    """
    with _open(path) as (container, stream):
        packets = container.demux(stream)
        num_frames = sum(_is_shown(packet, stream) for packet in packets)
    if not num_frames:
        raise ValueError("the file holds no frame")
    return num_frames


def read_frames(path, numbers, channels):
    """Yields the frames of these rising numbers, each `(height, width, channels)`.

    Decodes from the start up to the last frame wanted, holding one at a time.

    Raises:
        ValueError: If the file ends before the last frame wanted.
    """
    numbers = list(numbers)
    wanted = set(numbers)
    with _open(path) as (container, stream):
        number = -1
        for number, frame in enumerate(container.decode(stream)):
            if number in wanted:
                yield _to_array(frame, channels)
            if number == numbers[-1]:
                return
    raise ValueError(
        f"decoding ended after {number + 1} frames, frame {numbers[-1] + 1} is wanted"
    )


@contextlib.contextmanager
def _open(path):
    # The prefix keeps FFmpeg from taking a name such as "a:b.mp4" for a URL.
    with av.open(f"file:{path}") as container:
        # FFmpeg takes any content for an image where the suffix says so.
        if container.format.name == "image2":
            raise ValueError("the file is neither an image nor a video")
        if not container.streams.video:
            raise ValueError("the file has no video stream")
        stream = container.streams.video[0]
        # Clips are decoded side by side already.
        stream.codec_context.thread_count = 1
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
    array = np.rot90(array, round(frame.rotation / 90))
    return to_array(Image.fromarray(np.ascontiguousarray(array)), channels)
