"""How many frames a video file has, and how that is remembered."""

import damaged_files
import numpy as np
import pytest

from keras_mocogan.data.frames import bounded_cache
from keras_mocogan.data.video_files import indexing
from keras_mocogan.data.video_files import reading as videos

pytestmark = pytest.mark.once


class TestPacketsAreNotFrames:
    """A plain decode gives fewer frames than there are packets, or more."""

    def test_hidden_frames_of_vp9(self, tmp_path):
        path = tmp_path / "a.webm"
        damaged_files.write(path, "libvpx-vp9")
        damaged_files.hide_in_place(path, 20)
        assert videos.count_frames(str(path)) == 39
        damaged_files.assert_windows_are_plain(path)

    @pytest.mark.parametrize("is_hidden", [True, False])
    def test_superframes_of_vp9(self, tmp_path, is_hidden):
        path = tmp_path / "a.webm"
        damaged_files.write(path, "libvpx-vp9")

        def double(number, content):
            if number != 20:
                return content
            first = damaged_files.hide_vp9(content) if is_hidden else content
            return damaged_files.superframe_vp9(first, damaged_files.SHOW_KEPT_VP9)

        damaged_files.rewrite(path, double)
        assert videos.count_frames(str(path)) == (40 if is_hidden else 41)
        damaged_files.assert_windows_are_plain(path)

    def test_pictures_that_are_not_coded(self, tmp_path):
        path = tmp_path / "a.avi"
        damaged_files.write(path, "mpeg4")
        skip = damaged_files.not_coded_mpeg4
        damaged_files.rewrite(path, lambda n, c: skip(c) if n in (5, 17) else c)
        assert videos.count_frames(str(path)) == 38
        damaged_files.assert_windows_are_plain(path)

    def test_packets_of_two_pictures(self, tmp_path):
        path = tmp_path / "a.avi"
        damaged_files.write(path, "mpeg4", bf="1")
        damaged_files.pack_b_pictures(path)
        assert videos.count_frames(str(path)) == 40
        damaged_files.assert_windows_are_plain(path)

    def test_a_start_that_is_left_out(self, tmp_path):
        path = tmp_path / "a.mp4"
        damaged_files.write(path, "libx264", x264_params=damaged_files.B_PICTURES)
        damaged_files.start_late(path, 13)
        assert videos.count_frames(str(path)) == 27
        damaged_files.assert_windows_are_plain(path)

    def test_packets_without_times(self, tmp_path):
        path = tmp_path / "a.h264"
        damaged_files.write(path, "libx264", x264_params=damaged_files.B_PICTURES)
        assert videos.count_frames(str(path)) == 40
        damaged_files.assert_windows_are_plain(path)
        with pytest.raises(ValueError, match="not say when its frames are shown"):
            videos.frame_times(str(path))

    @pytest.mark.parametrize(
        ("name", "codec"),
        [("a.mkv", "libx264"), ("a.ts", "libx264"), ("a.webm", "libvpx")]
        + [("a.webm", "libvpx-vp9"), ("a.mkv", "mpeg2video"), ("a.mkv", "libx265")],
    )
    def test_a_start_in_the_middle_of_a_group(self, tmp_path, name, codec):
        path = tmp_path / name
        options = {"x265_params": "log-level=none"} if codec == "libx265" else {}
        damaged_files.write(path, codec, **options)
        damaged_files.cut_start(path, 4)
        damaged_files.assert_windows_are_plain(path)

    @pytest.mark.parametrize("name", ["a.mkv", "a.avi"])
    def test_a_start_that_is_decoded_to_garbage(self, tmp_path, name):
        path = tmp_path / name
        damaged_files.write(path, "mpeg4")
        damaged_files.cut_start(path, 4)
        plain = damaged_files.decode_plainly(path)
        assert len(plain) == 36
        # The first six are made of pictures that are not there.
        assert damaged_files.windows(path) == {
            start: plain[start : start + 4] for start in range(6, 33)
        }


class TestIndices:
    @pytest.fixture
    def opened(self, monkeypatch):
        """Names of the files whose packets are read through."""
        names = []
        index_packets = indexing.index_packets

        def counted(container, stream):
            names.append(container.name)
            return index_packets(container, stream)

        monkeypatch.setattr(indexing, "index_packets", counted)
        return names

    def test_many_files_are_read_through_once(self, tmp_path, opened):
        damaged_files.write(tmp_path / "0.mkv", "libx264")
        paths = [tmp_path / f"{number}.mkv" for number in range(50)]
        for path in paths[1:]:
            path.write_bytes(paths[0].read_bytes())
        for _ in range(2):
            for path in paths:
                assert len(list(videos.read_frames(str(path), [1, 2], 3))) == 2
        assert len(opened) == 50

    def test_a_file_that_was_replaced_is_read_anew(self, tmp_path):
        path = tmp_path / "a.mkv"
        damaged_files.write(path, "libx264")
        assert videos.count_frames(str(path)) == 40
        damaged_files.cut_start(path, 10)
        assert videos.count_frames(str(path)) == 30

    def test_bytes_are_bounded(self):
        cache = bounded_cache.BoundedCache(100)
        for key in range(5):
            cache.put(key, f"value {key}", 30)
            assert cache.get(0) == "value 0" if key < 3 else True
        # 0 was used of late, or it would have gone first.
        assert [cache.get(key) for key in range(5)] == [
            "value 0",
            None,
            None,
            "value 3",
            "value 4",
        ]
        cache.put(0, "other", 90)
        assert [cache.get(key) for key in (0, 3, 4)] == ["other", None, None]
        cache.put(7, "too large", 101)
        assert cache.get(7) is None

    def test_an_index_takes_as_much_as_it_says(self, tmp_path):
        path = tmp_path / "a.mkv"
        damaged_files.write(path, "libx264")
        index = indexing.find_index(str(path))
        arrays = (index.times, index.keyframes, index.decoded, index.lost)
        assert all(isinstance(array, np.ndarray) for array in arrays)
        assert index.num_bytes > sum(array.nbytes for array in arrays)
