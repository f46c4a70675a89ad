"""`tf.train.Example`, a protocol buffer, written and read without TensorFlow.

An example holds `Features`, which map names to a `Feature` each: a list of byte strings
or of 64-bit integers. All of these are messages, and a message is a row of fields, each
a tag (its number and how it is encoded) and a value.

References:
    https://protobuf.dev/programming-guides/encoding
"""

_VARINT, _EIGHT_BYTES, _LENGTH_GIVEN, _FOUR_BYTES = 0, 1, 2, 5
_FIXED = {_EIGHT_BYTES: 8, _FOUR_BYTES: 4}
# Fields of the messages: the only one of Example, of Features and of the lists, and
# those of an entry of the map and of Feature.
_ONLY = 1
_KEY, _VALUE = 1, 2
_BYTES_LIST, _INT64_LIST = 1, 3
_LONGEST = 63  # shift of a varint's last byte


class ExampleError(ValueError):
    """The bytes are no `tf.train.Example`."""


def encode_example(features):
    """The bytes of an example, as TensorFlow's deterministic serialization gives them.

    Args:
        features: Dictionary of a list of `bytes` or of integers for each name.
    """
    entries = []
    for name, values in sorted(features.items()):
        entry = _field(_KEY, name.encode()) + _field(_VALUE, _feature(values))
        entries.append(_field(_ONLY, entry))
    return _field(_ONLY, b"".join(entries))


def read_bytes_list(example, name):
    """The byte strings of one feature, views into `example`; none if it is missing.

    Raises:
        ExampleError: If `example` is malformed.
    """
    values = []
    for features in _messages(memoryview(example), _ONLY):
        for entry in _messages(features, _ONLY):
            if [bytes(key) for key in _messages(entry, _KEY)] == [name.encode()]:
                # Of entries with one key the last counts.
                values = [
                    value
                    for feature in _messages(entry, _VALUE)
                    for byte_strings in _messages(feature, _BYTES_LIST)
                    for value in _messages(byte_strings, _ONLY)
                ]
    return values


def _feature(values):
    if isinstance(values[0], bytes):
        byte_strings = b"".join(_field(_ONLY, value) for value in values)
        return _field(_BYTES_LIST, byte_strings)
    packed = b"".join(_varint(value % 2**64) for value in values)
    return _field(_INT64_LIST, _field(_ONLY, packed))


def _field(number, content):
    return _varint(number << 3 | _LENGTH_GIVEN) + _varint(len(content)) + content


def _varint(value):
    """A number in groups of 7 bits, the lowest first; bit 8 says that more follow."""
    groups = bytearray()
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    groups.append(value)
    return bytes(groups)


def _messages(message, number):
    """Yields the contents of all fields of this number whose length is given."""
    place = 0
    while place < len(message):
        tag, place = _read_varint(message, place)
        kind = tag & 7
        if kind == _VARINT:
            _, place = _read_varint(message, place)
            continue
        if kind == _LENGTH_GIVEN:
            length, place = _read_varint(message, place)
        elif kind in _FIXED:
            length = _FIXED[kind]
        else:
            raise ExampleError(f"byte {place} begins no field of a protocol buffer")
        if place + length > len(message):
            raise ExampleError(f"the field at byte {place} reaches beyond the end")
        if kind == _LENGTH_GIVEN and tag >> 3 == number:
            yield message[place : place + length]
        place += length


def _read_varint(message, place):
    value = shift = 0
    while shift <= _LONGEST and place < len(message):
        byte = message[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place
    raise ExampleError(f"byte {place} ends no number of a protocol buffer")
