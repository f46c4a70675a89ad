"""How many frames a packet shows, found from its first bytes or its size."""

# A decoder may leave out a picture that only says "as before", and a packet may hold no
# picture at all. In MPEG-4 such a picture also has a time, and bytes to fill it up.
_LEAST_BYTES = {"mpeg4": 20}
_LEAST_BYTES_ELSEWHERE = 9
# By definition a packet is one frame, however small.
_ALWAYS_ONE = ("av1", "libdav1d")


def count(packet, stream):
    """Number of frames that are shown when the packet is decoded.

    Returns:
        0 or 1, or `None` if only decoding can tell.
    """
    codec = stream.codec_context.name
    if codec == "vp8":
        # Frames kept for reference only; bit 4 of the first byte (RFC 6386, 9.1).
        return memoryview(packet)[0] >> 4 & 1
    if codec == "vp9":
        try:
            num_shown = sum(_is_shown_vp9(frame) for frame in _frames_vp9(packet))
        except IndexError:  # the sizes in it are wrong
            return None
        return num_shown if num_shown < 2 else None
    if codec in _ALWAYS_ONE:
        return 1
    least = _LEAST_BYTES.get(codec, _LEAST_BYTES_ELSEWHERE)
    return None if packet.size < least else 1


def _is_shown_vp9(frame):
    """Whether a frame is shown: its uncompressed header (VP9 specification, 6.2)."""
    bits = frame[0]
    profile = bits >> 5 & 1 | bits >> 3 & 2
    # The marker and the profile come first, then a reserved bit in profile 3. The next
    # bit says whether a frame decoded earlier is shown; then come the kind of this
    # frame and whether it is shown.
    place = 3 if profile < 3 else 2
    shows_another = bits >> place & 1
    return bool(shows_another or bits >> (place - 2) & 1)


def _frames_vp9(packet):
    """The frames in a packet; a superframe has several (VP9 specification, annex B)."""
    content = memoryview(packet)
    last = content[-1]
    if last >> 5 == 0b110:
        num_frames = (last & 7) + 1
        num_bytes = (last >> 3 & 3) + 1
        index = content[-(2 + num_frames * num_bytes) :]
        if index[0] == last:
            place = 0
            for i in range(num_frames):
                size = index[1 + i * num_bytes : 1 + (i + 1) * num_bytes]
                size = int.from_bytes(size, "little")
                if size:
                    yield content[place : place + size]
                place += size
            return
    yield content
