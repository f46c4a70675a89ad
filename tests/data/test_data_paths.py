"""Sources that are lists of paths, patterns, or written in another way."""

import os
from pathlib import Path

import numpy as np
import pytest
import video_files

from keras_mocogan import data

pytestmark = pytest.mark.once


def write_clips(root, *names):
    """Strips of five frames; the gray of all tells their place in `names`."""
    for number, name in enumerate(names):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        frames = np.full((4, 20, 3), 10 * number, np.uint8)
        video_files.Image.fromarray(frames).save(path)
    return [root / name for name in names]


def read(source, **arguments):
    """The data set, and the tens of gray and labels of its first batch."""
    defaults = {"image_size": 4, "clip_frames": 2, "shuffle": False, "batch_size": 3}
    dataset = data.video_dataset(source, **(defaults | arguments))
    batch = next(dataset.as_numpy_iterator())
    videos, labels = batch if isinstance(batch, tuple) else (batch, None)
    told = (videos[:, 0, 0, 0, 0] // 10).tolist()
    return dataset, told, None if labels is None else labels.tolist()


@pytest.fixture
def classes(tmp_path):
    return write_clips(tmp_path, "walk/1.png", "run/2.png", "run/1.png")


@pytest.mark.parametrize("kind", [list, tuple, np.array])
@pytest.mark.parametrize("as_text", [True, False])
def test_a_list_of_paths(classes, kind, as_text):
    paths = [str(path) if as_text else path for path in classes]
    dataset, told, labels = read(kind(paths))
    assert told == [0, 1, 2]  # its own order
    assert labels == [1, 0, 0]
    assert dataset.class_names == ["run", "walk"]
    assert list(dataset.clip_names) == [str(path) for path in classes]


def test_a_list_of_clips_of_one_folder_has_no_classes(tmp_path):
    paths = write_clips(tmp_path, "c.png", "a.png", "b.png")
    dataset, told, labels = read(paths)
    assert told == [0, 1, 2]
    assert labels is None and dataset.num_classes == 0


def test_a_list_of_two_is_no_pair_of_videos_and_labels(classes):
    _, told, labels = read(tuple(classes[:2]), batch_size=2)
    assert (told, labels) == ([0, 1], [1, 0])


def test_a_list_with_its_labels(classes):
    dataset, told, labels = read((classes, [4, 5, 6]))
    assert (told, labels) == ([0, 1, 2], [4, 5, 6])
    assert dataset.class_names is None and dataset.num_classes == 7
    assert read(classes, labels=[4, 5, 6])[2] == [4, 5, 6]


@pytest.mark.parametrize("kind", [str, np.str_, Path])
def test_a_list_of_files_and_folders_of_frames(tmp_path, kind):
    (strip,) = write_clips(tmp_path, "clips/a.png")
    names = [f"{number}.png" for number in range(3)]
    video_files.write_frames(tmp_path / "clips" / "b", names, 4, 4)
    paths = [kind(str(path)) for path in (strip, tmp_path / "clips" / "b")]
    dataset, _, _ = read(paths, batch_size=2)
    assert {type(name) for name in dataset.clip_names} == {str}
    frames = next(dataset.as_numpy_iterator())
    assert frames[0].max() == 0
    # Two of three frames, from the first.
    assert video_files.frame_numbers(frames[1]) == [0, 1]


def test_a_path_from_an_array(classes):
    (folder,) = np.array([str(classes[0].parent.parent)])
    assert read(folder)[0].class_names == ["run", "walk"]


def test_what_is_missing_in_a_list_is_skipped(classes, tmp_path):
    paths = [classes[0], tmp_path / "none.mp4", *classes[1:]]
    dataset, told, _ = read(paths)
    assert told == [0, 1, 2]
    ((name, reason),) = dataset.skipped.items()
    assert name == str(tmp_path / "none.mp4") and "FileNotFoundError" in reason


def test_patterns(classes, tmp_path):
    (tmp_path / "run" / "notes.txt").write_text("none")
    dataset, told, labels = read(tmp_path / "*" / "*.png")
    assert told == [2, 1, 0]  # the order of the names
    assert labels == [0, 0, 1]
    assert dataset.class_names == ["run", "walk"]
    _, told, labels = read(str(tmp_path / "run" / "?.png"), batch_size=2)
    assert (told, labels) == ([2, 1], None)
    said = r"`source` must be a file or a folder that exists.* Received: .*none-\*"
    with pytest.raises(FileNotFoundError, match=said):
        read(tmp_path / "none-*.png")


def test_a_folder_whose_name_looks_like_a_pattern(tmp_path):
    write_clips(tmp_path, "[ab]/1.png", "a/2.png", "b/3.png")
    assert read(tmp_path / "[ab]", batch_size=1)[0].num_clips == 1


def test_the_home_folder(tmp_path, monkeypatch):
    write_clips(tmp_path, "clips/1.png", "clips/2.png", "clips/3.png")
    monkeypatch.setenv("HOME", str(tmp_path))
    for source in ("~/clips", Path("~/clips"), "~/clips/*.png", ["~/clips/1.png"]):
        dataset, _, _ = read(source, batch_size=1, cache="~/cache")
        assert dataset.num_clips == (1 if isinstance(source, list) else 3)
    assert list((tmp_path / "cache").glob("*.npy"))
    arguments = {"image_size": 4, "image_format": "raw"}
    assert data.write_records("~/clips", "~/records", **arguments) == 3
    assert read("~/records/*.tfrecord")[0].num_clips == 3


def test_paths_as_bytes(classes):
    source = os.fsencode(classes[0].parent.parent)
    assert read(source)[0].num_clips == 3


def test_an_iterator_is_told_to_be_made_a_list(classes):
    found = classes[0].parent.parent.glob("*/*.png")
    with pytest.raises(ValueError, match=r"Make it a list: `sorted\(source\)`"):
        read(found)
    assert read(sorted(classes[0].parent.parent.glob("*/*.png")))[1] == [2, 1, 0]


def test_records_in_a_list_are_told_to_be_a_pattern(tmp_path):
    with pytest.raises(ValueError, match="must be passed as their folder, or as a pat"):
        read([tmp_path / "clips-00000-of-00001.tfrecord"])


def test_a_url_that_became_a_path():
    said = "Received: s3:/bucket/clips. A URL must be text"
    with pytest.raises(FileNotFoundError, match=said):
        read(Path("s3://bucket/clips"))


# === Where clips lie too deep, or arrays ===


@pytest.mark.parametrize("depth", [2, 3, 4])
@pytest.mark.parametrize("kind", ["files", "frames"])
def test_clips_too_deep_are_told_where_to_look(tmp_path, depth, kind):
    below = "/".join(f"level{i}" for i in range(2, depth + 1))
    for label in ("run", "walk"):
        folder = tmp_path / "level1" / below / label
        if kind == "files":
            write_clips(folder, "1.png", "2.png")
        else:
            for clip in ("1", "2"):
                video_files.write_frames(folder / clip, ["1.png", "2.png"], 4, 4)
    with pytest.raises(ValueError, match="deeper than in class folders") as error:
        read(tmp_path)
    advice = str(error.value).split(" such as ")[-1]
    folder, _, pattern = advice.partition("; or the pattern ")
    pattern = pattern.partition(", with which")[0]
    assert Path(folder) == tmp_path / "level1" / below
    for source in (folder, pattern):
        dataset, _, labels = read(source, batch_size=4)
        assert dataset.class_names == ["run", "walk"]
        assert labels == [0, 0, 1, 1]


@pytest.mark.parametrize("name", ["a.npy", "clips/a.npz", "run/clips/b.pt"])
def test_arrays_in_files_are_told_to_be_loaded(tmp_path, name):
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_bytes(b"\x93NUMPY")
    sources = [tmp_path, tmp_path / name, [tmp_path / name], f"{tmp_path / name}*"]
    for source in sources:
        with pytest.raises(ValueError, match=f"as arrays.*Received: .*{name}. Load"):
            read(source)


@pytest.mark.parametrize("format", ["PNG", "GIF"])
def test_still_pictures_are_clips_of_one_frame(tmp_path, format):
    name = f"a.{format.lower()}"
    picture = video_files.Image.new("L", (37, 8), 130)
    picture.save(tmp_path / name, format)
    with pytest.raises(ValueError, match="clips have 1 to 1. Still pictures are clips"):
        read(tmp_path / name, batch_size=1)
    dataset, told, _ = read(tmp_path / name, batch_size=1, clip_frames=1)
    assert told == [13]
    # Among others it is too short, like any.
    (strip,) = write_clips(tmp_path, "b.png")
    dataset, _, _ = read(tmp_path, layout="files", batch_size=1)
    reason = "it is a single frame, 2 are needed"
    assert dict(dataset.skipped) == {str(tmp_path / name): reason}


def test_a_folder_of_still_gifs_is_none_of_numbered_frames(tmp_path):
    for number in range(3):
        picture = video_files.Image.new("L", (37, 8), 10 * number)
        picture.save(tmp_path / f"{number}.gif")
    _, told, _ = read(tmp_path, clip_frames=1)
    assert told == [0, 1, 2]


def test_lengths_that_are_told_do(tmp_path):
    for number, length in enumerate((5, 7, 9)):
        video_files.write_strip(tmp_path / f"{number}.png", length, side=4)
    with pytest.raises(
        ValueError, match="Lower clip_frames to 3 or frame_stride to 1.$"
    ):
        read(tmp_path, clip_frames=6, frame_stride=4)
    assert read(tmp_path, clip_frames=3, frame_stride=4, batch_size=1)[0].num_clips == 1
    assert read(tmp_path, clip_frames=6, frame_stride=1, batch_size=2)[0].num_clips == 2
    with pytest.raises(ValueError, match="Lower clip_frames to 9.$"):
        read(tmp_path, clip_frames=10)
