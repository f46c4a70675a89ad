"""Entries of folders that are no files, or lead nowhere: the others are read."""

import os

import pytest
import video_files

from keras_mocogan import data
from keras_mocogan.data.storage import remote_server

# What blocks would block for ever.
pytestmark = [pytest.mark.once, pytest.mark.timeout(60)]

SIZE = 16


def read(folder, **arguments):
    defaults = {"image_size": SIZE, "clip_frames": 4, "batch_size": 1}
    defaults |= {"shuffle": False, "repeat": True}
    return data.video_dataset(folder, **(defaults | arguments))


def strips(folder, count=3):
    folder.mkdir(exist_ok=True)
    for number in range(count):
        video_files.write_strip(folder / f"{number}.png", 5, side=8)
    return folder


# === What is no file ===


def test_pipes_and_devices_are_skipped(tmp_path):
    folder = strips(tmp_path / "clips")
    os.mkfifo(folder / "a.mp4")
    os.mkfifo(folder / "b.png")
    (folder / "c.mp4").symlink_to("/dev/zero")
    found = read(folder, layout="files")
    assert found.num_clips == 3
    reasons = {os.path.basename(name): why for name, why in found.skipped.items()}
    assert set(reasons) == {"a.mp4", "b.png", "c.mp4"}
    assert all("not a regular file" in why for why in reasons.values())
    with pytest.raises(ValueError, match="a.mp4: ValueError: it is not a regular file"):
        read(folder, on_error="raise")
    with pytest.raises(ValueError, match="a.mp4: ValueError: it is not a regular file"):
        read(folder / "a.mp4")
    assert read([folder / "a.mp4", folder / "0.png"]).num_clips == 1


def test_a_pipe_among_frames_or_in_records_is_told_of(tmp_path):
    for clip in ("a", "b"):
        names = [f"{number}.png" for number in range(4)]
        video_files.write_frames(tmp_path / "frames" / clip, names, 8, 8)
    (tmp_path / "frames" / "a" / "2.png").unlink()
    os.mkfifo(tmp_path / "frames" / "a" / "2.png")
    found = read(tmp_path / "frames", layout="frames")
    next(iter(found))
    assert list(found.skipped) == [str(tmp_path / "frames" / "a")]
    clips = data.shape_motion(6, num_frames=5, image_size=SIZE)
    arguments = {"image_size": SIZE, "clips_per_shard": 3}
    data.write_records(clips, tmp_path / "records", **arguments)
    shard = sorted((tmp_path / "records").glob("*.tfrecord"))[0]
    shard.unlink()
    os.mkfifo(shard)
    found = read(tmp_path / "records")
    next(iter(found))
    assert len(found.skipped) == 3
    (tmp_path / "records" / "index.json").unlink()
    os.mkfifo(tmp_path / "records" / "index.json")
    with pytest.raises(ValueError, match="not a regular file"):
        read(tmp_path / "records")
    os.mkfifo(tmp_path / "frames" / "index.json")
    assert read(tmp_path / "frames", layout="frames").num_clips == 2


def test_links_that_lead_nowhere_or_in_circles(tmp_path):
    folder = strips(tmp_path / "clips")
    (folder / "a.mp4").symlink_to("a.mp4")
    (folder / "b.png").symlink_to("none.png")
    (folder / "notes").symlink_to("notes")
    (folder / "again").symlink_to(".")
    (folder / "up").symlink_to("..")
    found = read(folder)
    assert found.num_clips == 3
    reasons = {os.path.basename(name): why for name, why in found.skipped.items()}
    assert set(reasons) == {"a.mp4", "b.png"}
    assert "symbolic links" in reasons["a.mp4"]
    assert "FileNotFoundError" in reasons["b.png"]


def test_links_to_folders_and_files_are_followed(tmp_path):
    strips(tmp_path / "elsewhere")
    (tmp_path / "clips").mkdir()
    (tmp_path / "clips" / "run").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "clips" / "walk").mkdir()
    (tmp_path / "clips" / "walk" / "0.png").symlink_to(tmp_path / "elsewhere/0.png")
    found = read(tmp_path / "clips")
    assert found.class_names == ["run", "walk"] and found.num_clips == 4


def test_a_folder_that_cannot_be_listed(tmp_path, monkeypatch):
    for label in ("run", "walk", "wave"):
        strips(tmp_path / label)
    scandir = os.scandir

    def refuse(path):
        if str(path).endswith("walk"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = read(tmp_path)
    assert found.class_names == ["run", "wave"]
    ((name, reason),) = found.skipped.items()
    assert name == str(tmp_path / "walk") and "PermissionError" in reason
    with pytest.raises(ValueError, match="Cannot read .*walk: PermissionError"):
        read(tmp_path, on_error="raise")
    with pytest.raises(PermissionError):
        read(tmp_path / "walk")


# === Far away ===


class Storage:
    """Answers as `tf.io.gfile` would for a store that somebody else fills."""

    def listdir(self, url):
        return ["a.mp4", "../b.mp4", "c/d.mp4", ".e.mp4", "..", "run/"]

    def isdir(self, url):
        return False


def test_remote_listings_give_entries_of_the_folder_alone():
    folders, files = remote_server.list_folder(Storage(), "s3://bucket/clips")
    assert folders == ["s3://bucket/clips/run"]
    assert files == ["s3://bucket/clips/a.mp4"]


def test_remote_pictures_are_not_read_beyond_all_bounds(tmp_path, monkeypatch):
    from keras_mocogan.data.frames import images

    strips(tmp_path / "clips")
    (tmp_path / "clips" / "large.png").write_bytes(bytes(5000))
    monkeypatch.setattr(images, "_MAX_REMOTE_BYTES", 4000)
    found = read(f"file://{tmp_path / 'clips'}", layout="files")
    assert found.num_clips == 3
    ((name, reason),) = found.skipped.items()
    assert name.endswith("large.png") and "it has 5000 bytes" in reason
