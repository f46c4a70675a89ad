"""A folder in which more files are broken than whole."""

import logging
import zlib

import numpy as np
import pytest
import video_files

from keras_mocogan import data

pytestmark = pytest.mark.once

NUM_GOOD = 20


def damaged(content, random):
    """The content cut at every tenth of its length, with bits flipped, zeroed."""
    size = len(content)
    for tenth in range(10):
        yield content[: size * tenth // 10]
    for _ in range(10):
        flipped = bytearray(content)
        for place in random.integers(0, size, max(1, size // 50)):
            flipped[place] ^= 1 << random.integers(8)
        yield bytes(flipped)
    yield bytes(size)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Files of 12 frames: 20 good ones, 0 to 19, and above 200 that are broken."""
    folder = tmp_path_factory.mktemp("corpus")
    random = np.random.default_rng(0)
    frames = video_files.numbered_frames(12)
    samples = {}
    for suffix, codec in [("mp4", "libx264"), ("webm", "libvpx"), ("avi", "mpeg4")]:
        video_files.write_video(folder / f"a.{suffix}", frames, codec)
        samples[suffix] = (folder / f"a.{suffix}").read_bytes()
        (folder / f"a.{suffix}").unlink()
    for suffix in ("png", "jpg"):
        image_format = {"png": "PNG", "jpg": "JPEG"}[suffix]
        path = folder / f"a.{suffix}"
        video_files.write_strip(path, 12, image_format=image_format)
        samples[suffix] = path.read_bytes()
        path.unlink()
    video_files.write_animation(folder / "a.gif", 12)
    samples["gif"] = (folder / "a.gif").read_bytes()
    (folder / "a.gif").unlink()
    for i in range(NUM_GOOD):
        suffix = sorted(samples)[i % len(samples)]
        (folder / f"good{i:02d}.{suffix}").write_bytes(samples[suffix])
    for suffix, content in samples.items():
        for i, broken in enumerate(damaged(content, random)):
            (folder / f"bad{i:02d}.{suffix}").write_bytes(broken)
        for other in samples:  # no error: the content decides
            (folder / f"renamed {suffix}.{other}").write_bytes(content)
    for i in range(30):
        (folder / f"text{i}.mp4").write_text("This is not a video.")
        (folder / f"noise{i}.png").write_bytes(random.bytes(2000))
    video_files.write_audio(folder / "sound.mkv")
    (folder / "folder.mp4").mkdir()
    return folder


def read(corpus, **arguments):
    return data.video_dataset(
        str(corpus), layout="files", image_size=16, clip_frames=12, **arguments
    )


def names_of_warnings(records):
    lines = [
        line
        for record in records
        for line in record.getMessage().removeprefix("Skipped ").splitlines()
    ]
    return [line.split(": ")[0].strip() for line in lines if "/" in line]


def test_no_good_clip_is_lost_and_each_bad_one_is_told_of_once(corpus, caplog):
    paths = [path for path in corpus.iterdir() if path.is_file()]
    assert len(paths) > 200
    with caplog.at_level(logging.WARNING, "keras_mocogan"):
        dataset = read(corpus, batch_size=1, shuffle=False)
        batches = list(dataset.as_numpy_iterator())
    assert len(batches) == dataset.num_clips
    whole = [path.name for path in paths if path.name.startswith(("good", "renamed"))]
    lost = [name for name in dataset.skipped if name.rpartition("/")[2] in whole]
    assert not lost
    # What was lost of a clip is told of too, whether it is used or not.
    told = names_of_warnings(r for r in caplog.records if "remain" not in r.msg)
    for name, reason in dataset.skipped.items():
        # Too short ones are counted, also those that are by loss of frames.
        if reason.endswith(("are needed", "every window is damaged")):
            continue
        assert sum(other.endswith(name) for other in told) == 1
    for name in ("sound.mkv", "bad00.mp4", "bad20.avi", "text7.mp4", "noise3.png"):
        assert str(corpus / name) in dataset.skipped
    # What was read of a whole clip is right.
    for path in sorted(corpus.glob("good*")):
        (video,) = next(
            iter(
                data.video_dataset(
                    str(path), image_size=32, clip_frames=12, batch_size=1
                )
            )
        ).numpy()
        assert video_files.frame_numbers(video) == list(range(12))


def test_stops_at_the_first_where_asked(corpus):
    with pytest.raises(ValueError, match="Cannot read .*bad"):
        read(corpus, on_error="raise")


def test_a_picture_that_claims_to_be_huge(tmp_path):
    # The size in a PNG's header: 12336x12336.
    video_files.write_strip(tmp_path / "a.png", 12)
    content = bytearray((tmp_path / "a.png").read_bytes())
    content[16:24] = (12336).to_bytes(4, "big") * 2
    content[29:33] = zlib.crc32(bytes(content[12:29])).to_bytes(4, "big")
    (tmp_path / "b.png").write_bytes(content)
    dataset = data.video_dataset(
        str(tmp_path), layout="files", image_size=16, clip_frames=12, batch_size=1
    )
    ((name, reason),) = dataset.skipped.items()
    assert name.endswith("b.png") and "claims 12336x12336 pixels" in reason
