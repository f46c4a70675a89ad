"""TFRecords and examples, written and read without TensorFlow, against TensorFlow's."""

import numpy as np
import pytest
import tensorflow as tf

from keras_mocogan.data.records.crc32c import crc32c
from keras_mocogan.data.records.examples import (
    ExampleError,
    encode_example,
    read_bytes_list,
)
from keras_mocogan.data.records.tfrecords import frame_record

pytestmark = pytest.mark.once

# Around every size at which the checksum's lanes change, and beyond the last of them.
LENGTHS = [4, 5, 63, 64, 65, 127, 128, 1000, 4095, 2**18 - 1, 2**18, 2**18 + 1, 600_001]


@pytest.mark.parametrize(
    ("content", "checksum"),
    [
        # RFC 3720, appendix B.4.
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (bytes(range(31, -1, -1)), 0x113FDB5C),
        # The check value in catalogs of checksums.
        (b"123456789", 0xE3069283),
    ],
)
def test_known_checksums(content, checksum):
    assert crc32c(content) == checksum


@pytest.mark.parametrize("length", LENGTHS)
def test_records_are_those_of_tensorflow(tmp_path, length):
    content = np.random.default_rng(length).bytes(length)
    path = tmp_path / "a.tfrecord"
    with tf.io.TFRecordWriter(str(path)) as writer:
        writer.write(content)
    assert frame_record(content) == path.read_bytes()


def tensorflow_example(features):
    """TensorFlow's `Example` of the same features."""
    example = tf.train.Example()
    for name, values in features.items():
        feature = example.features.feature[name]
        kind = "bytes_list" if isinstance(values[0], bytes) else "int64_list"
        getattr(feature, kind).value.extend(values)
    return example


FEATURES = [
    {"frames": [b"abc", b"", bytes(300)], "label": [3], "name": [b"clip"]},
    {
        "frames": [bytes(70_000)] * 2,
        "label": [-1],
        "name": ["ü\udcff".encode("utf-8", "surrogateescape")],
    },
    {"label": [0, 127, 128, 2**63 - 1, -(2**63)]},
]


@pytest.mark.parametrize("features", FEATURES)
def test_examples_are_those_of_tensorflow(features):
    example = tensorflow_example(features)
    encoded = encode_example(features)
    assert encoded == example.SerializeToString(deterministic=True)
    assert tf.train.Example.FromString(encoded) == example


@pytest.mark.parametrize("features", FEATURES)
def test_byte_strings_are_read_back(features):
    encoded = tensorflow_example(features).SerializeToString()
    for name in ("frames", "name", "other"):
        found = [bytes(value) for value in read_bytes_list(encoded, name)]
        assert found == features.get(name, [])


def test_of_two_entries_with_one_name_the_last_counts():
    one, other = ({"frames": [text]} for text in (b"one", b"other"))
    # Messages that are joined are merged.
    both = encode_example(one) + encode_example(other)
    (found,) = read_bytes_list(both, "frames")
    parsed = tf.train.Example.FromString(both)
    assert bytes(found) == parsed.features.feature["frames"].bytes_list.value[0]


def test_fields_of_other_kinds_are_passed_over():
    encoded = encode_example({"frames": [b"abc"]})
    unknown = (
        b"\x10\xac\x02"  # field 2, a varint
        + b"\x19"
        + bytes(8)  # field 3, 8 bytes
        + b"\x25"
        + bytes(4)  # field 4, 4 bytes
        + b"\x2a\x02hi"  # field 5, a message
    )
    assert tf.train.Example.FromString(unknown + encoded)  # it is well-formed
    (found,) = read_bytes_list(unknown + encoded, "frames")
    assert bytes(found) == b"abc"


def test_whatever_is_damaged_is_an_error_or_read():
    """Every cut and every changed byte: no other exception, and no endless loop."""
    encoded = encode_example({"frames": [b"abc", b"d" * 200], "label": [7]})
    refused = 0
    for place in range(len(encoded)):
        for content in (
            encoded[:place],
            encoded[:place] + bytes([encoded[place] ^ 0xFF]) + encoded[place + 1 :],
        ):
            try:
                read_bytes_list(content, "frames")
            except ExampleError as error:
                assert "byte " in str(error)
                refused += 1
    assert refused > 50
