"""CRC-32C, the checksum of TFRecords, computed with NumPy."""

import numpy as np

_POLYNOMIAL = 0x82F63B78  # Castagnoli's, with the bits of each byte reversed
_ALL_ONES = 0xFFFFFFFF
_BYTES_OF_LANE, _MOST_LANES = 64, 4096


def crc32c(content):
    """The checksum of at least 4 bytes, an integer from 0 to 2**32 - 1.

    A checksum depends on one byte after another, which is slow in Python. So the
    content is cut into lanes of one length that advance together, and their checksums
    are joined in pairs: that of two parts is the first one's, advanced over as many
    zero bytes as the second part has, plus the second one's. Sums are bitwise (XOR).

    References:
        RFC 3720, appendix B.4, has checksums of known contents.
    """
    lanes = min(_MOST_LANES, 1 << (len(content) // _BYTES_OF_LANE).bit_length())
    length = -(-len(content) // lanes)
    padded = np.zeros(lanes * length, np.uint8)
    place = len(padded) - len(content)  # zeros in front change nothing
    padded[place:] = np.frombuffer(content, np.uint8)
    padded[place : place + 4] ^= 0xFF  # what starting from all ones comes to
    state = np.zeros(lanes, np.uint32)
    # Row k is bit k advanced over as many zero bytes as a lane has.
    over_lane = np.uint32(1) << np.arange(32, dtype=np.uint32)
    for byte in padded.reshape(lanes, length).T:
        state = _advance(state ^ byte)
        over_lane = _advance(over_lane)
    while len(state) > 1:
        state = _combine(over_lane, state[::2]) ^ state[1::2]
        over_lane = _combine(over_lane, over_lane)
    return int(state[0]) ^ _ALL_ONES


def _make_table():
    """What each value of a byte adds when it leaves the state."""
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = (table >> 1) ^ np.where(table & 1, np.uint32(_POLYNOMIAL), 0)
    return table


_TABLE = _make_table()


def _advance(state):
    """States advanced over one byte that was added to them."""
    return _TABLE.take(state & 0xFF) ^ (state >> 8)


def _combine(rows, states):
    """Sums of the rows whose bits are set in each state."""
    is_set = states[:, None] >> np.arange(32, dtype=np.uint32) & 1
    return np.bitwise_xor.reduce(is_set * rows, axis=1)
