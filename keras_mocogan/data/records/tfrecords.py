"""The framing of TFRecord files: each record between its length and checksums.

A record is its length in 8 bytes, a checksum of these, the content, and a checksum of
the content. Numbers are little endian, and checksums are masked.

References:
    https://www.tensorflow.org/tutorials/load_data/tfrecord, "TFRecords format details"
"""

import struct

from keras_mocogan.data.records.crc32c import crc32c

HEADER, FOOTER = 12, 4  # bytes before and after the content
_MASK = 0xA282EAD8


def frame_record(content):
    """The bytes of a record with this content."""
    length = struct.pack("<Q", len(content))
    return b"".join([length, _checksum(length), content, _checksum(content)])


def _checksum(content):
    checksum = crc32c(content)
    rotated = checksum >> 15 | checksum << 17
    return struct.pack("<I", rotated + _MASK & 0xFFFFFFFF)
