"""Bad input and broken files: named, skipped or refused."""

import logging
import pathlib

import numpy as np
import pytest
import tensorflow as tf
import video_files
from PIL import Image
from testing import batches_of

from keras_mocogan import data

pytestmark = pytest.mark.once

VIDEOS = np.zeros((6, 8, 4, 4, 3), np.uint8)


def dataset(source, **arguments):
    defaults = {"image_size": 8, "clip_frames": 4, "batch_size": 2}
    return data.video_dataset(source, **(defaults | arguments))


def strips(folder, *lengths):
    """Noise that does not compress, for a cut to take frames away."""
    rng = np.random.default_rng(0)
    for number, length in enumerate(lengths):
        frames = rng.integers(0, 256, (8, 8 * length, 3), np.uint8)
        Image.fromarray(frames).save(folder / f"{number}.png")


def warnings_in(caplog):
    assert {record.levelno for record in caplog.records} <= {logging.WARNING}
    return [record.getMessage() for record in caplog.records]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (VIDEOS.astype(np.float32), "must be uint8 .* Received: dtype float32"),
        (VIDEOS[0], r"axes \(clips, .*Received: shape \(8, 4, 4, 3\)"),
        (VIDEOS[:0], r"Received: shape \(0, 8"),
        (VIDEOS[..., :1], r"3 channels, .* Received: .*, 1\). Pass channels=1.$"),
        (
            VIDEOS.transpose(0, 1, 4, 2, 3)[..., [0] * 5],
            "on its last axis. Received: shape .*, 5.. If they come first, frame by",
        ),
        (VIDEOS[..., [0] * 5], r"on its last axis. Received: shape \(6, .*, 5\).$"),
        (None, "Received: dtype object.$"),
        ((VIDEOS, [0] * 6, None), r"must be `\(videos, labels\)` .* a tuple of 3"),
        ((VIDEOS, [0] * 5), r"each of the 6 clips. Received: shape \(5,\)"),
        ((VIDEOS, [[0]] * 6), r"Received: shape \(6, 1\)"),
        ((VIDEOS, [0.5] * 6), "must be integers. Received: dtype float64"),
        ((VIDEOS, ["a"] * 6), "must be integers. Received: dtype <U1"),
        ((VIDEOS, [-1] * 6), "count from 0. Received: label -1"),
        (("clips", [0, 1]), "Received: the path 'clips' and labels. Pass a list of p"),
        ((pathlib.Path("clips"), [0]), "a list of the clips' paths if labels come"),
        (VIDEOS[:, :1], r"clips have 1 to 1. Lower clip_frames to 1\.$"),
    ],
)
def test_bad_arrays(source, message):
    with pytest.raises(ValueError, match=message):
        dataset(source)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"image_size": 0},
            "`image_size` must .* at least 1, .* Received: image_size=0",
        ),
        ({"image_size": (64, 0)}, r"`image_size` must .* a pair .*=\(64, 0\)"),
        ({"image_size": (8, 8, 3)}, r"\(height, width\). Received: .*=\(8, 8, 3\)"),
        ({"clip_frames": 0}, "`clip_frames` must be an integer of at least 1"),
        ({"frame_stride": 0}, "`frame_stride` must be an integer of at least 1"),
        ({"batch_size": -2}, "at least 1. Received: batch_size=-2"),
        ({"batch_size": 2.0}, "`batch_size` must be an integer .*=2.0 .float."),
        ({"seed": -1}, "`seed` must .* from 0 to 2147483647. Received: seed=-1"),
        ({"seed": 2**31}, "`seed` must be an integer from 0 to 2147483647"),
        ({"seed": None}, "`seed` must be an integer .*=None .NoneType."),
        ({"first_step": -1}, "`first_step` must be an integer of at least 0"),
        ({"first_step": 4}, "of the 3 steps .* Received: first_step=4. .*repeat=True"),
        ({"channels": 5}, "must be one of 1, 2, 3, 4. Received: channels=5"),
        ({"resize": "fit"}, "of 'crop', 'squash', 'pad'. Received: resize='fit'"),
        ({"fill_value": 256}, "`fill_value` must .* from 0 to 255. Received: .*=256"),
        ({"fill_value": 0.5}, "`fill_value` must be an integer .*=0.5 .float."),
        ({"fill_value": 9}, "0 unless resize='pad'.* Received: fill_value=9, .*'crop'"),
        ({"layout": "x"}, "`layout` must be one of 'auto', 'files', 'frames'"),
        ({"on_error": "stop"}, "`on_error` must be one of 'skip', 'raise'"),
        ({"labels": "names"}, "must be \"folders\".* Received: labels='names'"),
        ({"labels": [0, 1]}, "one integer for each of the 6 clips"),
        ({"batch_size": 7}, "at most 6, .* Received: batch_size=7. .*repeat=True"),
        ({"fps": "8"}, "`fps` must be a finite number above 0, or None. .*fps='8'"),
        ({"fps": float("inf")}, "`fps` must be a finite .* Received: fps=inf"),
        ({"random_crop": "0.8"}, "`random_crop` must be above 0 .*random_crop='0.8'"),
        ({"shard": 2}, "`shard` must be a pair, .* Received: shard=2"),
        ({"shard": (0, 1, 2)}, r"`shard` must be a pair, .* Received: shard=\(0, 1, 2"),
        ({"clip_frames": 9}, "into at least one clip. Received: .*=9 .* 8 to 8"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        dataset(VIDEOS, **arguments)


def test_fewer_clips_than_a_batch_do_for_an_endless_stream():
    batch = next(dataset(VIDEOS, batch_size=7, repeat=True).as_numpy_iterator())
    assert batch.shape == (7, 4, 8, 8, 3)


def test_a_path_that_does_not_exist(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        dataset(tmp_path / "nowhere")


def test_a_folder_without_a_video(tmp_path):
    (tmp_path / "notes.txt").write_text("none")
    said = f"strips.* Received: {tmp_path}, .*png.*videos: .*mp4"
    with pytest.raises(ValueError, match=said):
        dataset(tmp_path)


def test_short_clips_are_counted_in_one_line(tmp_path, caplog):
    strips(tmp_path, 8, 6, 8, 5, 8)
    # Three frames at a distance of 3 take 7.
    found = dataset(tmp_path, clip_frames=3, frame_stride=3)
    assert found.num_clips == 3
    assert dict(found.skipped) == {
        str(tmp_path / "1.png"): "it has 6 frames, 7 are needed",
        str(tmp_path / "3.png"): "it has 5 frames, 7 are needed",
    }
    (message,) = warnings_in(caplog)
    assert "Skipped 2 of 5 clips that are too short" in message
    assert "1.png: clip_frames=3 with frame_stride=3 takes 7." in message
    assert "\n" not in message


def test_no_clip_is_long_enough(tmp_path):
    strips(tmp_path, 5, 4, 7)
    with pytest.raises(ValueError, match="clip_frames=16 .* 16 frames.* 3 .* 4 to 7"):
        dataset(tmp_path, clip_frames=16)


@pytest.fixture
def unreadable(tmp_path):
    """Three good clips and four that cannot be opened; the bad ones' names."""
    strips(tmp_path, 6, 6, 6)
    (tmp_path / "empty.mp4").write_bytes(b"")
    (tmp_path / "text.png").write_text("This is not a picture.")
    video_files.write_audio(tmp_path / "sound.mkv")
    good = tmp_path / "header.png"
    good.write_bytes((tmp_path / "0.png").read_bytes()[:20])
    return ["empty.mp4", "text.png", "sound.mkv", "header.png"]


def test_unreadable_clips_are_named_and_skipped(tmp_path, unreadable, caplog):
    found = dataset(tmp_path, batch_size=3)
    assert found.num_clips == 3
    assert len(list(found)) == 1
    (message,) = warnings_in(caplog)
    assert "Skipped 4 of 7 clips" in message
    lines = message.splitlines()[1:]
    for name in unreadable:
        (line,) = [line for line in lines if f"/{name}: " in line]
    assert "no video stream" in message
    assert "text.png: ValueError: the file is neither an image nor a video" in message


def test_unreadable_clips_raise_where_asked(tmp_path, unreadable):
    with pytest.raises(ValueError, match="Cannot read .*empty.mp4: InvalidDataError"):
        dataset(tmp_path, on_error="raise")


def test_no_clip_can_be_opened(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"")
    with pytest.raises(ValueError, match="1 clips, of which none can be read"):
        dataset(tmp_path)


@pytest.mark.usefixtures("engine")
class TestTruncated:
    """Clips whose headers are whole, so that they fail while they are decoded."""

    @pytest.fixture
    def folder(self, tmp_path):
        strips(tmp_path, 6, 6, 6, 6, 6)
        video_files.truncate(tmp_path / "2.png", 0.5)
        return tmp_path

    def read(self, folder, **arguments):
        arguments = {"repeat": True, "batch_size": 5, "image_size": 8} | arguments
        return dataset(folder, labels=range(5), **arguments)

    def test_replaced_by_the_next_and_named_once(self, folder, caplog):
        found = self.read(folder, shuffle=False)
        assert found.num_clips == 5
        for videos, labels in batches_of(found, 3):
            assert labels.tolist() == [0, 1, 3, 3, 4]
            np.testing.assert_array_equal(videos[2], videos[3])
        (message,) = warnings_in(caplog)
        assert "2.png: OSError: image file is truncated" in message

    def test_what_replaces_it_does_not_depend_on_the_past(self, folder):
        whole = batches_of(self.read(folder), 8)
        rest = batches_of(self.read(folder, first_step=5), 3)
        for (videos, labels), (expected, expected_labels) in zip(
            rest, whole[5:], strict=True
        ):
            np.testing.assert_array_equal(videos, expected)
            np.testing.assert_array_equal(labels, expected_labels)
        shown = np.bincount(np.concatenate([labels for _, labels in whole]))
        assert shown.tolist() == [8, 8, 0, 16, 8]

    def test_raises_where_asked(self, folder):
        found = self.read(folder, on_error="raise", shuffle=False)
        said = f"^Cannot read {folder / '2.png'}: OSError: image file is truncated$"
        for _ in range(2):
            with pytest.raises(ValueError, match=said):
                list(found)

    @pytest.mark.parametrize("engine", ["tf"], indirect=True)
    def test_raises_from_what_is_made_of_a_data_set_too(self, folder):
        found = self.read(folder, on_error="raise", shuffle=False)
        said = f"^Cannot read {folder / '2.png'}: OSError: image file is truncated$"
        for dataset in (found, found.take(2), found.map(lambda *batch: batch)):
            with pytest.raises(tf.errors.OpError, match=said):
                list(dataset)
            with pytest.raises(tf.errors.OpError, match=said):
                list(dataset.as_numpy_iterator())
            with pytest.raises(tf.errors.OpError, match=said):
                iter(dataset).get_next()

    def test_all_fail(self, folder):
        for path in folder.iterdir():
            video_files.truncate(path, 0.5)
        said = "5 clips, of which none can be used"
        with pytest.raises(ValueError, match=said):
            next(iter(self.read(folder)))


@pytest.mark.parametrize(
    "error", [UnicodeDecodeError("utf-8", b"", 0, 1, "x"), KeyError]
)
def test_whatever_a_decoder_raises(tmp_path, monkeypatch, caplog, error):
    from keras_mocogan.data.readers import strips as reader

    strips(tmp_path, 6, 6)
    read_frames = reader.read_frames

    def fail_on_the_first(path, numbers, channels):
        if path.endswith("0.png"):
            raise error
        return read_frames(path, numbers, channels)

    monkeypatch.setattr(reader, "read_frames", fail_on_the_first)
    found = dataset(tmp_path, labels=[0, 1])
    _, labels = next(found.as_numpy_iterator())
    assert labels.tolist() == [1, 1]
    (message,) = warnings_in(caplog)
    assert "0.png: " in message


def test_fewer_frames_than_were_counted(tmp_path, monkeypatch):
    from keras_mocogan.data.video_files import reading as reader

    frames = video_files.numbered_frames(10)
    for name in ("a.mkv", "b.mkv"):
        video_files.write_video(tmp_path / name, frames, "ffv1", "bgr0")
    count_frames = reader.count_frames
    monkeypatch.setattr(
        reader, "count_frames", lambda path: count_frames(path) + 5 * ("a." in path)
    )
    found = dataset(tmp_path, clip_frames=10, labels=[0, 1], shuffle=False)
    _, labels = next(found.as_numpy_iterator())
    # In the middle of 15 frames there is no whole window, at the start there is.
    assert labels.tolist() == [0, 1]
    assert not found.skipped


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"),
    [("a.mp4", "libx264", "yuv420p"), ("a.avi", "mpeg4", "yuv420p")]
    + [("a.webm", "libvpx", "yuv420p"), ("a.mkv", "libx264", "yuv420p")],
)
@pytest.mark.parametrize("part", [0.1, 0.4, 0.7, 0.95])
def test_truncated_videos_end_no_run(tmp_path, name, codec, pix_fmt, part):
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (20, 32, 32, 3), np.uint8)
    video_files.write_video(tmp_path / name, noise, codec, pix_fmt)
    video_files.truncate(tmp_path / name, part)
    strips(tmp_path, 6, 6)
    batches = list(dataset(tmp_path).as_numpy_iterator())
    assert len(batches) == 1
