"""Recognising how clips lie in a folder."""

import pytest
import video_files

from keras_mocogan import data
from keras_mocogan.data.readers.layouts import list_clips

pytestmark = pytest.mark.once


def write(root, *names, num_frames=5):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        video_files.write_strip(path, num_frames, side=4)


def listed(root, layout="auto"):
    listing = list_clips(str(root), layout)
    names = [path[len(str(root)) + 1 :] for path in listing.paths]
    return names, listing.numbered, listing.labels, listing.class_names


def test_flat_folder_of_files(tmp_path):
    write(tmp_path, "10.png", "9.png", "b.png")
    assert listed(tmp_path) == (["10.png", "9.png", "b.png"], False, None, None)


def test_class_folders_of_files(tmp_path):
    write(tmp_path, "wave/2.png", "wave/1.png", "bend/7.png")
    assert listed(tmp_path) == (
        ["bend/7.png", "wave/1.png", "wave/2.png"],
        False,
        [0, 1, 1],
        ["bend", "wave"],
    )


def test_flat_folder_of_numbered_frames(tmp_path):
    for clip in ("b", "a"):
        video_files.write_frames(tmp_path / clip, ["001.png", "002.png"])
    assert listed(tmp_path) == (["a", "b"], True, None, None)


@pytest.mark.parametrize(("height", "width"), [(32, 32), (32, 64), (30, 40)])
def test_class_folders_of_numbered_frames(tmp_path, height, width):
    for clip in ("run/x", "run/y", "jump/x"):
        video_files.write_frames(tmp_path / clip, ["1.jpg", "2.jpg"], height, width)
    assert listed(tmp_path) == (
        ["jump/x", "run/x", "run/y"],
        True,
        [0, 1, 1],
        ["jump", "run"],
    )


def test_a_folder_that_is_one_clip(tmp_path):
    video_files.write_frames(tmp_path / "clip", ["1.png", "2.png"])
    listing = list_clips(str(tmp_path / "clip"))
    assert listing.paths == [str(tmp_path / "clip")]
    assert listing.numbered


def test_a_single_file(tmp_path):
    write(tmp_path, "a.png")
    assert list_clips(str(tmp_path / "a.png")).paths == [str(tmp_path / "a.png")]


def test_other_things_are_passed_over(tmp_path):
    write(tmp_path, "0/a.png", ".hidden/a.png", "1/.thumb.png", "1/b.png")
    (tmp_path / "README.md").write_text("What these are.")
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "log.txt").write_text("No clip.")
    (tmp_path / "x.mp4").mkdir()
    assert listed(tmp_path) == (["0/a.png", "1/b.png"], False, [0, 1], ["0", "1"])


def test_a_thumbnail_and_a_broken_file_decide_nothing(tmp_path):
    write(tmp_path, *[f"{i}.png" for i in range(6)])
    write(tmp_path, "cover.png", num_frames=1)
    (tmp_path / "broken.png").write_bytes(b"no picture")
    names, numbered, _, _ = listed(tmp_path)
    assert not numbered
    assert len(names) == 8


def test_where_it_cannot_be_told_the_layout_is_asked_for(tmp_path):
    write(tmp_path, "0/1.png", "0/2.png")
    write(tmp_path, "0/3.png", "0/4.png", num_frames=1)
    said = "`layout` must say.* Received: layout='auto', .*1.png.*3.png.*layout='fi"
    with pytest.raises(ValueError, match=said):
        list_clips(str(tmp_path))
    assert listed(tmp_path, "frames") == (["0"], True, None, None)
    assert listed(tmp_path, "files")[2] == [0, 0, 0, 0]


def test_paths_that_are_clips_have_no_other_layout(tmp_path):
    write(tmp_path, *[f"a/{i}.png" for i in range(6)], num_frames=1)
    pattern = f"{tmp_path}/a/*.png"
    with pytest.raises(ValueError, match="`layout` must be 'auto' .* Pass the folder"):
        list_clips(pattern, "frames")
    paths = [str(path) for path in (tmp_path / "a").iterdir()]
    with pytest.raises(ValueError, match="`layout` must be 'auto' .* a list of paths"):
        data.video_dataset(paths, 16, 4, layout="frames", batch_size=1)
    assert listed(tmp_path, "frames")[0] == ["a"]  # as the message says


def test_clips_at_two_depths(tmp_path):
    write(tmp_path, "a.png", "0/b.png")
    with pytest.raises(ValueError, match="deeper than others: .*a.png and .*b.png"):
        list_clips(str(tmp_path))


def test_clips_too_deep(tmp_path):
    write(tmp_path, "train/0/b.png")
    with pytest.raises(ValueError, match="deeper than in class folders.*train/0/b.png"):
        list_clips(str(tmp_path))


def test_labels_of_class_folders(tmp_path):
    write(tmp_path, "a/1.png", "a/2.png", "b/1.png")
    arguments = {"image_size": 4, "clip_frames": 2, "batch_size": 3, "shuffle": False}
    dataset = data.video_dataset(tmp_path, **arguments)
    assert dataset.class_names == ["a", "b"]
    videos, labels = next(dataset.as_numpy_iterator())
    assert labels.tolist() == [0, 0, 1]
    # Two of five frames from the middle.
    assert [video_files.frame_numbers(video) for video in videos] == 3 * [[1, 2]]
    unlabeled = data.video_dataset(str(tmp_path), labels=None, **arguments)
    assert unlabeled.element_spec.shape == (3, 2, 4, 4, 3)
    own = data.video_dataset(tmp_path, labels=[5, 6, 7], **arguments)
    assert next(own.as_numpy_iterator())[1].tolist() == [5, 6, 7]
    # These are not the folders' classes, and may be fewer.
    assert own.class_names is None and own.num_classes == 8
    assert data.video_dataset(tmp_path, labels=[0] * 3, **arguments).num_classes == 1
    with pytest.raises(ValueError, match="of the 3 clips. Received: shape .2,"):
        data.video_dataset(tmp_path, labels=[5, 6], **arguments)
