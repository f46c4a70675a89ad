"""Caching, augmentation, and sources of so many clips that none is opened at first."""

import errno
import time

import numpy as np
import processes
import pytest
import video_files
from PIL import Image
from testing import batches_of

from keras_mocogan import data
from keras_mocogan.data.pipeline import selection
from keras_mocogan.data.readers import strips

pytestmark = pytest.mark.once


@pytest.fixture
def folder(tmp_path):
    """Five strips of nine frames: 0.png to 4.png."""
    (tmp_path / "clips").mkdir()
    for i in range(5):
        video_files.write_strip(tmp_path / "clips" / f"{i}.png", 9)
    return tmp_path / "clips"


def read(source, steps=4, **arguments):
    defaults = {"image_size": 16, "clip_frames": 4, "batch_size": 2, "repeat": True}
    dataset = data.video_dataset(str(source), **(defaults | arguments))
    return np.concatenate(batches_of(dataset, steps))


@pytest.mark.usefixtures("engine")
class TestCache:
    @pytest.mark.parametrize("place", ["memory", "disk"])
    def test_gives_the_same_windows_and_decodes_each_clip_once(
        self, folder, tmp_path, monkeypatch, place
    ):
        decoded = []
        read_frames = strips.read_frames

        def count(path, *arguments):
            decoded.append(path)
            return read_frames(path, *arguments)

        monkeypatch.setattr(strips, "read_frames", count)
        cache = "memory" if place == "memory" else tmp_path / "cache"
        found = read(folder, steps=10, cache=cache)
        assert sorted(decoded) == sorted(set(decoded))
        if place == "disk":  # and in the next run not at all
            read(folder, steps=10, cache=cache)
            assert len(decoded) == 5
        np.testing.assert_array_equal(found, read(folder, steps=10))

    def test_a_file_that_changes_is_decoded_anew(self, folder, tmp_path):
        cache = tmp_path / "cache"
        before = read(folder, cache=cache, batch_size=5, steps=1)
        for path in folder.iterdir():
            frames = 255 - np.asarray(Image.open(path))
            Image.fromarray(frames).save(path)
        after = read(folder, cache=cache, batch_size=5, steps=1)
        np.testing.assert_array_equal(after, 255 - before)

    def test_a_frame_that_changes_in_place_is_decoded_anew(self, tmp_path):
        names = [f"{i}.png" for i in range(4)]
        for clip in "ab":
            video_files.write_frames(tmp_path / "clips" / clip, names)
        arguments = {"cache": tmp_path / "cache", "shuffle": False, "steps": 1}
        before = read(tmp_path / "clips", **arguments)
        folder = tmp_path / "clips" / "b"
        times = folder.stat()
        white = np.full((32, 32, 3), 255, np.uint8)
        Image.fromarray(white).save(folder / "2.png")
        assert folder.stat().st_mtime_ns == times.st_mtime_ns  # which tells nothing
        after = read(tmp_path / "clips", **arguments)
        before[1, 2] = 255
        np.testing.assert_array_equal(after, before)

    def test_a_folder_that_takes_no_clips_is_refused(self, folder, tmp_path):
        (tmp_path / "file").touch()
        for place in (tmp_path / "file", tmp_path / "file" / "in", "s3://bucket/c"):
            with pytest.raises(ValueError, match="a folder on this machine that"):
                read(folder, cache=place)

    def test_a_full_disk_costs_no_clip(self, folder, tmp_path, monkeypatch, caplog):
        expected = read(folder, steps=10)

        def refuse(*_):
            raise OSError(errno.ENOSPC, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(np, "save", refuse)
            found = read(folder, steps=10, cache=tmp_path / "cache")
            deadline = time.monotonic() + 20
            while list((tmp_path / "cache").iterdir()):  # clips are still read ahead
                assert time.monotonic() < deadline
                time.sleep(0.01)
        np.testing.assert_array_equal(found, expected)
        (message,) = [r.getMessage() for r in caplog.records]
        assert "takes no more clips, which are decoded each time: OSError" in message

    def test_holds_borders_of_one_color(self, folder, tmp_path):
        # Square frames of 16 pixels between borders of 8.
        pad = {"image_size": (16, 32), "resize": "pad", "cache": tmp_path / "cache"}
        whole = read(folder)
        for fill_value in (0, 90):  # not what the folder kept for the other color
            found = read(folder, **pad, fill_value=fill_value)
            np.testing.assert_array_equal(found[..., 8:24, :], whole)
            borders = np.delete(found, range(8, 24), axis=3)
            assert (borders == fill_value).all()

    def test_excludes_random_crops(self, folder):
        said = "Received: cache='memory', random_crop=0.5. Pass one of the two"
        with pytest.raises(ValueError, match=said):
            read(folder, cache="memory", random_crop=0.5)

    def test_arrays_are_not_written_to_disk(self, tmp_path):
        videos = np.zeros((2, 4, 16, 16, 3), np.uint8)
        with pytest.raises(
            ValueError, match="an array, which cannot be cached on disk"
        ):
            data.video_dataset(videos, image_size=16, clip_frames=4, cache=tmp_path)


@pytest.mark.usefixtures("engine")
class TestAugmentation:
    @pytest.fixture
    def source(self):
        """Clips of which each frame and each column differ."""
        frames = np.arange(4, dtype=np.uint8)[:, None, None, None]
        columns = 10 * np.arange(8, dtype=np.uint8)[None, None, :, None]
        clip = np.broadcast_to(frames + columns, (4, 8, 8, 3))
        return np.stack([clip] * 40)

    def windows(self, source, **arguments):
        dataset = data.video_dataset(
            source, image_size=8, clip_frames=4, batch_size=40, **arguments
        )
        return batches_of(dataset, 1)[0]

    def test_is_off_unless_asked_for(self, source):
        np.testing.assert_array_equal(self.windows(source), source)

    @pytest.mark.parametrize(
        ("argument", "axis"), [("horizontal_flip", 2), ("reverse", 0)]
    )
    def test_half_of_the_clips_change_whole(self, source, argument, axis):
        changed = 0
        for clip in self.windows(source, **{argument: True}):
            if not np.array_equal(clip, source[0]):
                changed += 1
                np.testing.assert_array_equal(clip, np.flip(source[0], axis))
        assert 10 <= changed <= 30  # 99.9 % of all seeds, with 20 expected

    def test_random_crops_hold_through_a_clip(self, source):
        videos = self.windows(source, random_crop=0.5)
        seen = set()
        for clip in videos:
            moving = clip[..., 0].astype(int) - np.arange(4)[:, None, None]
            np.testing.assert_array_equal(moving, np.broadcast_to(moving[0], (4, 8, 8)))
            seen.add(clip.tobytes())
        assert len(seen) > 5
        # 4 columns of 8 at the least: half of the contrast.
        contrast = videos[:, 0, 0, -1, 0].astype(int) - videos[:, 0, 0, 0, 0]
        assert contrast.min() >= 25 and contrast.max() <= 70

    def test_is_a_function_of_the_seed_and_the_step(self, source):
        arguments = {"reverse": True, "horizontal_flip": True, "random_crop": 0.7}
        arguments |= {"image_size": 8, "clip_frames": 3, "batch_size": 8}
        arguments |= {"repeat": True, "seed": 3}
        whole = batches_of(data.video_dataset(source, **arguments), 6)
        rest = batches_of(data.video_dataset(source, first_step=4, **arguments), 2)
        for found, expected in zip(rest, whole[4:], strict=True):
            np.testing.assert_array_equal(found, expected)

    @pytest.mark.parametrize("part", [0, 1.5, -1])
    def test_parts_lie_between_0_and_1(self, source, part):
        said = f"`random_crop` must be above 0 .* Received: random_crop={part}"
        with pytest.raises(ValueError, match=said):
            self.windows(source, random_crop=part)


@pytest.mark.usefixtures("engine")
class TestManyClips:
    """Above a number of files, here lowered, none is opened at the start."""

    @pytest.fixture(autouse=True)
    def lower(self, monkeypatch):
        monkeypatch.setattr(selection, "_OPENED_AT_START", 3)

    def test_opens_no_file_at_the_start(self, folder, monkeypatch):
        def fail(path):
            pytest.fail("opened")

        monkeypatch.setattr(strips, "count_frames", fail)
        dataset = data.video_dataset(
            str(folder), layout="files", batch_size=2, repeat=True
        )
        assert dataset.num_clips == 5

    def test_short_and_broken_ones_are_replaced_and_told_of(self, folder, caplog):
        video_files.write_strip(folder / "2.png", 3)
        (folder / "4.png").write_text("This is not a picture.")
        dataset = data.video_dataset(
            str(folder),
            image_size=16,
            clip_frames=4,
            batch_size=5,
            shuffle=False,
            repeat=True,
            labels=[1, 2, 3, 4, 5],
        )
        for _, labels in batches_of(dataset, 3):
            assert labels.tolist() == [1, 2, 4, 4, 1]
        messages = [r.getMessage() for r in caplog.records]
        assert len(messages) == 2
        assert any("2.png: it has 3 frames, 4 are needed" in m for m in messages)
        assert any("4.png" in message for message in messages)
        assert len(dataset.skipped) == 2

    def test_all_are_short(self, folder):
        said = "5 clips, of which none can be used"
        with pytest.raises(ValueError, match=said):
            read(folder, clip_frames=16)

    def test_folders_of_frames_are_not_listed(self, tmp_path, monkeypatch):
        from keras_mocogan.data.readers import layouts
        from keras_mocogan.data.storage import storage

        for i in range(40):
            video_files.write_frames(tmp_path / f"{i:02d}", ["1.png", "2.png"])
        monkeypatch.setattr(layouts, "_FOLDERS_LISTED", 20)
        listed = []
        list_folder = storage.list_folder
        monkeypatch.setattr(
            storage, "list_folder", lambda p: listed.append(p) or list_folder(p)
        )
        listing = layouts.list_clips(str(tmp_path))
        assert listing.numbered and len(listing.paths) == 40
        assert len(listed) <= 16


def test_an_order_need_not_be_kept(folder):
    dataset = data.video_dataset(str(folder), batch_size=2, clip_frames=4)
    assert dataset.options().deterministic is True
    dataset = data.video_dataset(
        str(folder), batch_size=2, clip_frames=4, deterministic=False
    )
    assert dataset.options().deterministic is False


# === A part of the clips ===


def test_chosen_clips_alone_are_read():
    videos, labels = data.shape_motion(6, num_frames=4, image_size=16)
    part = data.video_dataset(
        (videos, labels),
        image_size=16,
        clip_frames=4,
        batch_size=2,
        indices=[5, 1, 3, 0],
    )
    assert part.num_clips == 4
    assert part.clip_names[5] == "video 5 of the array"
    seen = {clip.tobytes() for batch, _ in batches_of(part) for clip in batch}
    assert seen == {videos[i].tobytes() for i in (0, 1, 3, 5)}


def test_a_clip_that_was_not_chosen_is_not_opened(folder):
    video_files.truncate(folder / "2.png", 0.1)
    read(folder, indices=[0, 1, 3, 4], on_error="raise")
    with pytest.raises(ValueError, match="2.png"):
        read(folder, indices=[1, 2], on_error="raise")


@pytest.mark.parametrize("clips", [[], [6], [-1], [0.0], [[0]]])
def test_chosen_clips_must_exist(clips):
    with pytest.raises(ValueError, match="numbers from 0 to 5, .* Received: indices=."):
        data.video_dataset(
            data.shape_motion(6, image_size=16),
            image_size=16,
            batch_size=1,
            indices=clips,
        )


def test_clips_under_way_when_python_ends_are_waited_for():
    # Their threads would never get the interpreter's lock again, and tf.data waits
    # for them: the process hung now and then.
    done = processes.run_backend(
        "tensorflow",
        """
        import time
        import numpy as np
        from keras_mocogan import data
        from keras_mocogan.data.readers import sources

        def read_frames(self, clip, numbers):
            print("started", flush=True)
            begun.append(clip)
            time.sleep(0.5)
            print("ended", flush=True)
            return self._videos[clip, numbers]

        begun = []
        sources.ArraySource.is_quick = False
        sources.ArraySource.read_frames = read_frames
        videos = np.zeros([8, 4, 16, 16, 3], "uint8")
        dataset = data.video_dataset(
            videos, image_size=16, clip_frames=4, batch_size=1, repeat=True
        )
        batches = iter(dataset)
        next(batches)
        while len(begun) < 2:  # the second is under way as Python ends
            time.sleep(0.01)
        """,
    )
    assert done.count("ended") == done.count("started") > 1
