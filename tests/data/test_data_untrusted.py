"""Records that somebody made to do harm: refused, and nothing else happens."""

import io
import json
import struct
import zlib

import numpy as np
import pytest
import tensorflow as tf
import video_files
from PIL import Image

from keras_mocogan import data
from keras_mocogan.data.records import record_frames
from keras_mocogan.data.records.record_source import RecordSource

pytestmark = [pytest.mark.once, pytest.mark.timeout(60)]

SIZE = 16


def write(folder, image_format="jpeg"):
    clips = data.shape_motion(6, num_frames=5, image_size=SIZE)
    arguments = {"image_size": SIZE, "clips_per_shard": 3}
    data.write_records(clips, folder, image_format=image_format, **arguments)
    return folder


def read(folder, **arguments):
    defaults = {"image_size": SIZE, "clip_frames": 4, "batch_size": 1}
    defaults |= {"shuffle": False, "repeat": True}
    return data.video_dataset(folder, **(defaults | arguments))


def strips(folder, count=3):
    folder.mkdir(exist_ok=True)
    for number in range(count):
        video_files.write_strip(folder / f"{number}.png", 5, side=8)
    return folder


# === The index ===


def change_index(folder, place, value):
    path = folder / "index.json"
    index = json.loads(path.read_text())
    *way, last = place
    inner = index
    for step in way:
        inner = inner[step]
    inner[last] = value
    path.write_text(json.dumps(index))


SHARD = ["shards", 0, "file"]
ROW = ["shards", 0, "clips", 1]


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (SHARD, "../secret.tfrecord", "'file' such as '../secret.tfrecord'"),
        (SHARD, "/etc/secret.tfrecord", "'file' such as"),
        (SHARD, "..\\secret.tfrecord", "'file' such as"),
        (SHARD, "a\0.tfrecord", "'file' such as"),
        (SHARD, ".hidden.tfrecord", "'file' such as"),
        (SHARD, "passwords.txt", "'file' such as 'passwords.txt'"),
        (SHARD, 7, "'file' such as 7"),
        (["shards"], {"file": "a"}, "'shards' such as"),
        (["image_size"], 10**6, "'image_size' such as 1000000"),
        (["image_size"], "16", "'image_size' such as '16'"),
        (["image_size"], 0, "'image_size' such as 0"),
        (["image_size"], [16, 0], r"'image_size' such as \[16, 0\]"),
        (["image_size"], [16], r"'image_size' such as \[16\]"),
        (["image_size"], [16, 16.0], "'image_size' such as"),
        (["image_size"], [2**13, 2**13 + 1], "'image_size' such as"),
        (["channels"], 5, "'channels' such as 5"),
        (["channels"], 4, "'format' such as 'jpeg'"),
        (["format"], "tiff", "'format' such as 'tiff'"),
        (["format"], ["jpeg"], "'format' such as"),
        (["fps"], float("nan"), "'fps' such as nan"),
        (["fps"], "12", "'fps' such as '12'"),
        (["class_names"], [1, 2], "'class_names' such as"),
        ([*ROW, 0], 0, "'clips' such as .0, "),
        ([*ROW, 0], 10**9, "'clips' such as .1000000000"),
        ([*ROW, 1], 2, "'clips' such as"),
        ([*ROW, 1], -2, "'clips' such as"),
        ([*ROW, 2], -1, "'clips' such as"),
        ([*ROW, 2], 2**40, "'clips' such as"),
        ([*ROW, 2], 2**70, "'clips' such as 'object"),
        ([*ROW, 3], 2**32, "'clips' such as"),
        ([*ROW, 3], 0.5, "'clips' such as 'float64"),
        (ROW, [1], "'clips' such as 'rows of several"),
        (["shards", 0, "clips"], None, "'clips' such as"),
    ],
)
def test_an_index_that_lies_is_refused(tmp_path, place, value, message):
    write(tmp_path)
    change_index(tmp_path, place, value)
    said = f"can be trusted. Received: .*index.json with {message}"
    with pytest.raises(ValueError, match=said):
        read(tmp_path)


def test_a_deeply_nested_index_is_refused(tmp_path):
    write(tmp_path)
    (tmp_path / "index.json").write_text("[" * 100_000)
    with pytest.raises(ValueError, match="not an index of records: RecursionError"):
        read(tmp_path)


def test_clips_may_lie_beside_another_index(tmp_path):
    for label in ("run", "walk"):
        strips(tmp_path / label)
    for content in ('{"schema": 1, "clips": 6}', "[1, 2]", "no JSON", "[" * 100_000):
        (tmp_path / "index.json").write_text(content)
        assert read(tmp_path).class_names == ["run", "walk"]
        (tmp_path / "run" / "index.json").write_text(content)
        assert read(tmp_path / "run").num_clips == 3


# === Records ===


def put_record(folder, frames, num_frames=None):
    """Replaces a folder's first record by one of these frames, checksums and all."""
    feature = tf.train.Feature(bytes_list=tf.train.BytesList(value=frames))
    example = tf.train.Example(
        features=tf.train.Features(feature={"frames": feature})
    ).SerializeToString()
    shard = sorted(folder.glob("*.tfrecord"))[0]
    index = json.loads((folder / "index.json").read_text())
    rows = index["shards"][0]["clips"]
    rest = shard.read_bytes()[rows[0][2] + 16 :]
    with tf.io.TFRecordWriter(str(shard)) as file:
        file.write(example)
    shard.write_bytes(shard.read_bytes() + rest)
    num_frames = len(frames) if num_frames is None else num_frames
    rows[0] = [num_frames, 0, len(example), zlib.crc32(example)]
    (folder / "index.json").write_text(json.dumps(index))
    return f"{shard}, record 0"


def encoded(image_format, size=(SIZE, SIZE), mode="RGB"):
    content = io.BytesIO()
    Image.new(mode, size, 200).save(content, image_format)
    return content.getvalue()


GOOD = encoded("JPEG")
POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 16 16\n"


def with_size(content, height, width):
    """A JPEG whose header claims another size."""
    place = content.index(b"\xff\xc0") + 5
    return content[:place] + struct.pack(">HH", height, width) + content[place + 4 :]


BAD = {
    "tiff": encoded("TIFF"),
    "png": encoded("PNG"),
    "postscript": POSTSCRIPT,
    "huge": with_size(GOOD, 60_000, 60_000),
    "larger": encoded("JPEG", (32, 32)),
    "gray": encoded("JPEG", mode="L"),
    "cmyk": encoded("JPEG", mode="CMYK"),
    "cut": GOOD[:-20],
    "header": GOOD[:20],
    "empty": b"",
    "markers": b"\xff\xd8" + b"\xff" * 50 + b"\xff\xd9",
}


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("decoder", ["TensorFlow", "Pillow"])
def test_frames_of_another_kind_are_skipped(tmp_path, monkeypatch, kind, decoder):
    from PIL import EpsImagePlugin

    monkeypatch.setattr(
        EpsImagePlugin, "Ghostscript", lambda *args: pytest.fail("Ghostscript ran")
    )
    write(tmp_path)
    name = put_record(tmp_path, [GOOD, BAD[kind], GOOD, GOOD])
    # In the records' size TensorFlow decodes, to others Pillow.
    size = SIZE if decoder == "TensorFlow" else SIZE // 2
    found = read(tmp_path, image_size=size, labels=[9, 0, 1, 2, 3, 4])
    _, labels = next(found.as_numpy_iterator())
    assert labels.tolist() == [0]  # the next clip's
    assert (
        "frame 1 is not a JPEG file of 16x16 pixels and 3 channels"
        in found.skipped[name]
    )


def test_records_with_fewer_frames_than_told_are_skipped(tmp_path):
    write(tmp_path)
    name = put_record(tmp_path, [GOOD] * 4, num_frames=50)
    found = read(tmp_path)
    next(iter(found))
    assert "holds 4 frames, but the index says 50" in found.skipped[name]


def test_good_records_are_checked_once(tmp_path, monkeypatch):
    write(tmp_path)
    checked = []
    check = record_frames.check_jpegs
    monkeypatch.setattr(
        "keras_mocogan.data.records.record_source.check_jpegs",
        lambda record, *args: checked.append(record) or check(record, *args),
    )
    for _ in read(tmp_path).take(18):
        pass
    assert len(checked) == len(set(checked)) == 6


@pytest.mark.parametrize(
    "frames",
    [
        [bytes(10)] * 4,
        [bytes(SIZE * SIZE * 3), bytes(10), bytes(SIZE * SIZE * 6), b""],
        [bytes(SIZE * SIZE * 3 * 4 + 20)],
    ],
)
def test_raw_frames_of_another_size_are_skipped(tmp_path, frames):
    write(tmp_path, "raw")
    # Long enough for all that the index promises.
    name = put_record(tmp_path, [*frames, bytes(SIZE * SIZE * 3 * 4)], 4)
    found = read(tmp_path)
    next(iter(found))
    assert "does not hold the frames that it should" in found.skipped[name]


@pytest.mark.parametrize(
    "record",
    [b"", b"\x0a", b"\x0a\x05", b"\x0a" + b"\xff" * 200, bytes(5000), b"\x0a" * 5000],
)
def test_raw_records_that_are_no_examples(record):
    assert record_frames.raw_frames(record, 2, (4, 4, 3)) is None


def test_raw_frames_are_where_they_lie():
    rng = np.random.default_rng(0)
    for num_frames, shape in ((1, (1, 1, 1)), (5, (4, 4, 3)), (3, (200, 200, 4))):
        videos = rng.integers(0, 256, (num_frames, *shape), np.uint8)
        values = [frame.tobytes() for frame in videos]
        feature = tf.train.Feature(bytes_list=tf.train.BytesList(value=values))
        features = tf.train.Features(feature={"frames": feature})
        record = tf.train.Example(features=features).SerializeToString()
        found = record_frames.raw_frames(record, num_frames, shape)
        np.testing.assert_array_equal(found, videos)


def test_a_shard_that_is_too_short_is_not_read(tmp_path):
    write(tmp_path)
    change_index(tmp_path, [*ROW, 2], 2**31 - 1)  # for which room would be made
    with pytest.raises(ValueError, match="cut short or damaged"):
        RecordSource(tmp_path, 3).read_record(1)


def test_records_of_records_by_two_workers(tmp_path):
    write(tmp_path / "one")
    for workers in (1, 2):
        data.write_records(
            tmp_path / "one",
            tmp_path / f"by {workers}",
            image_size=SIZE,
            image_format="raw",
            clips_per_shard=3,
            workers=workers,
        )
    shards = [
        [path.read_bytes() for path in sorted((tmp_path / name).glob("*.tfrecord"))]
        for name in ("by 1", "by 2")
    ]
    assert len(shards[0]) == 2
    assert shards[0] == shards[1]
