"""The frames in a record: JPEG files or raw bytes in a `tf.train.Example`."""

import numpy as np
import simplejpeg

from keras_mocogan.data.records.examples import ExampleError, read_bytes_list

KEY = "frames"
_FRAME_TAG = 0x0A  # of each entry of a bytes list
_LONGEST = 63  # bits of a length

# Markers of a JPEG file.
_START, _END = b"\xff\xd8", b"\xff\xd9"
_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SCAN = 0xDA
# Those without a segment, and bytes that fill up: none comes before the size.
_BARE = frozenset([0x00, 0x01, *range(0xD0, 0xDA), 0xFF])

_COLORS = {1: "GRAY", 3: "RGB"}


def raw_frames(record, num_frames, shape):
    """The raw frames of a record, in place, found without parsing the rest.

    Parsing the whole example takes longer than reading it.

    Args:
        record: Bytes of an example whose first feature is `frames`.
        num_frames: How many frames it holds.
        shape: Shape of one frame.

    Returns:
        `uint8` array of shape `(num_frames, *shape)`, a view into the record; `None`
        if the record holds something else.
    """
    num_bytes = int(np.prod(shape))
    try:
        place = 0
        for _ in ("Example.features", "the first entry", "its key"):
            place, length = _enter(record, place)
        if record[place : place + length] != KEY.encode():
            return None
        place += length
        for _ in ("its value", "Feature.bytes_list"):
            place, length = _enter(record, place)
        first, length = _enter(record, place)
    except IndexError:
        return None
    # Each frame follows a tag and its length, which are the same for all.
    head = first - place
    stride = head + num_bytes
    if length != num_bytes or place + num_frames * stride > len(record):
        return None
    rows = np.ndarray((num_frames, stride), np.uint8, record, place)
    if rows[0, 0] != _FRAME_TAG or (rows[:, :head] != rows[0, :head]).any():
        return None
    strides = (stride, shape[1] * shape[2], shape[2], 1)
    return np.ndarray((num_frames, *shape), np.uint8, record, first, strides)


def _enter(record, place):
    """Start and length of the content of the field at `place`."""
    place += 1  # its tag
    length = shift = 0
    while record[place] & 0x80:  # in all bytes of the length but the last
        if shift > _LONGEST:
            raise IndexError
        length |= (record[place] & 0x7F) << shift
        place, shift = place + 1, shift + 7
    return place + 1, length | record[place] << shift


def check_jpegs(record, num_frames, shape):
    """Why a record's frames are not the JPEG files that they should be, or `None`.

    The decoder takes a picture's size from the file and does not limit it.

    Args:
        record: Bytes of a `tf.train.Example`.
        num_frames: How many frames it must hold.
        shape: `(height, width, channels)` of each.
    """
    try:
        frames = read_bytes_list(record, KEY)
    except ExampleError as error:
        return str(error)
    if len(frames) != num_frames:
        return f"it holds {len(frames)} frames, but the index says {num_frames}"
    for number, frame in enumerate(frames):
        if _jpeg_shape(bytes(frame)) != tuple(shape):
            height, width, channels = shape
            return (
                f"frame {number} is not a JPEG file of {width}x{height} pixels and "
                f"{channels} channels, as the index says, or is cut short"
            )
    return None


def _jpeg_shape(content):
    """Height, width and components from the header; `None` if the JPEG is damaged."""
    if not (content.startswith(_START) and content.endswith(_END)):
        return None
    place = len(_START)
    while place + 10 <= len(content) and content[place] == 0xFF:
        marker = content[place + 1]
        if marker in _SIZES:
            height = int.from_bytes(content[place + 5 : place + 7])
            width = int.from_bytes(content[place + 7 : place + 9])
            return height, width, content[place + 9]
        if marker == _SCAN or marker in _BARE:
            break
        place += 2 + int.from_bytes(content[place + 2 : place + 4])
    return None


def decode_jpegs(record, numbers, shape):
    """Yields the frames of these numbers, each an array of `shape`.

    Only for a record that has passed `check_jpegs`.
    """
    frames = read_bytes_list(record, KEY)
    for number in numbers:
        yield simplejpeg.decode_jpeg(frames[number], _COLORS[shape[-1]])
