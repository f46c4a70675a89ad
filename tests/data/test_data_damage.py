"""What is left of a clip when frames of it cannot be decoded."""

import logging

import damaged_files
import numpy as np
import pytest
import video_files

from keras_mocogan import data
from keras_mocogan.data.frames.lost_frames import LostFramesError, read_remaining
from keras_mocogan.data.opening import open_source
from keras_mocogan.data.readers.cache import CachedSource
from keras_mocogan.data.video_files import reading as videos

pytestmark = pytest.mark.once


def source_of(path, fps=None):
    return open_source(str(path), "auto", 3, fps=fps)


class TestDamage:
    """Clips of 40 frames and four groups, the 34th packet of which is overwritten."""

    @pytest.fixture(params=["libx264", "mpeg4", "libvpx"])
    def path(self, request, tmp_path):
        suffix = {"libx264": "mp4", "mpeg4": "avi", "libvpx": "webm"}[request.param]
        path = tmp_path / f"a.{suffix}"
        damaged_files.write(path, request.param)
        self.plain = damaged_files.decode_plainly(path)
        damaged_files.spoil(path, 33)
        return path

    def first_batch(self, path, **arguments):
        dataset = data.video_dataset(
            str(path),
            image_size=64,
            clip_frames=30,
            batch_size=1,
            shuffle=False,
            **arguments,
        )
        (video,) = next(dataset.as_numpy_iterator())
        return [damaged_files.digest(frame) for frame in video]

    def test_windows_that_are_whole_remain(self, path, caplog):
        found = damaged_files.windows(path)
        # What comes after the damage is made of it.
        assert found == {k: self.plain[k : k + 4] for k in range(30)}
        (message,) = [record.getMessage() for record in caplog.records]
        assert message == (
            f"{path}: 33 of 40 frames remain, the others cannot be decoded."
        )

    def test_a_later_group_remains(self, tmp_path):
        path = tmp_path / "a.mkv"
        damaged_files.write(path, "libx264")
        plain = damaged_files.decode_plainly(path)
        damaged_files.spoil(path, 15)
        found = damaged_files.windows(path)
        # Its frames keep their numbers, whatever was read before.
        assert found == {k: plain[k : k + 4] for k in (*range(12), *range(20, 37))}
        assert damaged_files.windows(path) == found

    def test_a_packet_that_decodes_to_nothing(self, tmp_path):
        path = tmp_path / "a.avi"
        damaged_files.write(path, "mpeg4")
        # Filled up, it looks like a picture.
        skip = damaged_files.not_coded_mpeg4
        damaged_files.rewrite(
            path, lambda n, c: skip(c) + b"\x7f" * 40 if n == 15 else c
        )
        plain = damaged_files.decode_plainly(path)
        assert len(plain) == 39
        later = list(videos.read_frames(str(path), range(30, 34), 3))
        # The later frame is the same before the packet was met and after.
        found = damaged_files.windows(path)
        assert found[30] == [damaged_files.digest(frame) for frame in later]
        plain.insert(15, None)
        whole = (*range(12), *range(16, 37))
        assert found == {start: plain[start : start + 4] for start in whole}

    def test_a_data_set_goes_on(self, path, caplog):
        with caplog.at_level(logging.WARNING, "keras_mocogan"):
            # The one in the middle of the clip is not whole; of four that are, this.
            assert self.first_batch(path) == self.plain[1:31]
            dataset = data.video_dataset(
                str(path), image_size=64, clip_frames=4, batch_size=1, repeat=True
            )
            batches = list(dataset.take(40).as_numpy_iterator())
        windows = damaged_files.windows(path).values()
        for (video,) in batches:
            assert [damaged_files.digest(frame) for frame in video] in windows
        assert not dataset.skipped
        assert len(caplog.records) == 1

    def test_too_little_is_left(self, path):
        dataset = data.video_dataset(
            str(path),
            image_size=64,
            clip_frames=40,
            batch_size=1,
            shuffle=False,
        )
        with pytest.raises(Exception, match="1 clips, of which none can be used"):
            next(dataset.as_numpy_iterator())
        (reason,) = dataset.skipped.values()
        assert "33 of 40 frames remain" in reason

    def test_records_keep_the_rest(self, path, tmp_path):
        data.write_records(
            str(path), tmp_path / "records", image_size=64, image_format="raw"
        )
        source = source_of(tmp_path / "records")
        assert source.lengths.tolist() == [33]
        frames = source.read_frames(0, range(33))
        assert [damaged_files.digest(frame) for frame in frames] == self.plain[:33]

    @pytest.mark.parametrize("place", ["memory", "disk"])
    def test_caches_keep_the_rest(self, path, tmp_path, place):
        place = "memory" if place == "memory" else tmp_path / "cache"
        for _ in range(2):  # The second finds what the first left.
            assert self.first_batch(path, cache=place) == self.plain[1:31]
        frame = {"image_size": 64, "channels": 3, "resize": "crop"}
        source = CachedSource(source_of(path), place, **frame)
        frames = source.read_frames(0, range(33))
        assert [damaged_files.digest(frame) for frame in frames] == self.plain[:33]

    def test_at_another_rate(self, path):
        source = source_of(path, fps=12.5)
        with pytest.raises(LostFramesError) as raised:
            list(source.read_frames(0, range(source.count_frames(0))))
        assert raised.value.remaining.tolist() == list(range(17))
        frames = source.read_frames(0, range(17))
        assert [damaged_files.digest(frame) for frame in frames] == self.plain[:33:2]


@pytest.mark.parametrize("part", [0.55, 0.8])
@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mkv", "libx264"), ("a.ts", "libx264"), ("a.h264", "libx264")]
    + [("a.avi", "mpeg4"), ("a.webm", "libvpx"), ("a.mpg", "mpeg2video")]
    + [("a.flv", "flv"), ("a.mkv", "libx265")],
)
def test_what_is_there_of_a_file_that_breaks_off(tmp_path, name, codec, part):
    path = tmp_path / name
    options = {"x265_params": "log-level=none"} if codec == "libx265" else {}
    damaged_files.write(path, codec, **options)
    plain = damaged_files.decode_plainly(path)
    video_files.truncate(path, part)
    found = damaged_files.windows(path)
    assert found == {start: plain[start : start + 4] for start in found}
    # All but what is in the last group, and the windows that reach into it.
    assert len(found) > 40 * part - 10 - 3


class TestDamagedPictures:
    """Clips of pictures, one of which cannot be decoded."""

    def check(self, path, remaining, caplog):
        source = source_of(path)
        assert source.count_frames(0) == 20
        for _ in range(2):
            with pytest.raises(LostFramesError) as raised:
                list(source.read_frames(0, range(20)))
            assert raised.value.remaining.tolist() == remaining
        frames = np.stack(list(source.read_frames(0, remaining)))
        assert video_files.frame_numbers(frames) == remaining
        (message,) = [record.getMessage() for record in caplog.records]
        assert message == (
            f"{path}: {len(remaining)} of 20 frames remain, the others cannot be "
            "decoded."
        )

    @pytest.mark.parametrize(
        ("suffix", "marker", "place"),
        [("webp", b"VP8L", 14), ("png", b"fdAT", 8)],
    )
    def test_an_animation(self, tmp_path, suffix, marker, place, caplog):
        path = tmp_path / f"a.{suffix}"
        video_files.write_animation(path, 20)
        content = bytearray(path.read_bytes())
        place += content.rindex(marker)  # in the last frame's pixels
        content[place : place + 6] = b"\xff" * 6
        path.write_bytes(content)
        self.check(path, list(range(19)), caplog)
        assert len(source_of(path).frame_times(0)) == 21

    @pytest.mark.parametrize("is_cut", [True, False])
    def test_a_gif_that_breaks_off(self, tmp_path, is_cut, caplog):
        path = tmp_path / "a.gif"
        video_files.write_animation(path, 20)
        content = bytearray(path.read_bytes())
        place = len(content) * 7 // 10
        # Within the pixels of a frame, or the length of one.
        frame = content.rindex(b"\x21\xf9\x04", 0, place)
        content[frame + 17] = content[frame + 17] if is_cut else 0xFF
        path.write_bytes(content[:place] if is_cut else content)
        source = source_of(path)
        frames = read_remaining(
            lambda numbers: np.stack(list(source.read_frames(0, numbers))),
            source.count_frames(0),
        )
        assert 10 < len(frames) < 15
        assert video_files.frame_numbers(frames) == list(range(len(frames)))
        (message,) = [record.getMessage() for record in caplog.records]
        assert f"{len(frames)} of {len(frames) + 1} frames remain" in message

    def test_a_folder_of_numbered_frames(self, tmp_path, caplog):
        names = [f"{number:02d}.png" for number in range(20)]
        video_files.write_frames(tmp_path / "clip", names)
        video_files.truncate(tmp_path / "clip" / "11.png", 0.6)
        self.check(
            tmp_path / "clip", [number for number in range(20) if number != 11], caplog
        )
