"""Windows found by seeking hold the frames that decoding from the start gives."""

import damaged_files
import numpy as np
import pytest

from keras_mocogan.data.video_files import demuxing
from keras_mocogan.data.video_files import reading as videos

pytestmark = pytest.mark.once


@pytest.fixture
def decoded(monkeypatch):
    """Counts the pictures that are decoded, in a list of one number."""
    count = [0]
    decode = demuxing.decode

    def counted(*arguments):
        for picture in decode(*arguments):
            count[0] += 1
            yield picture

    monkeypatch.setattr(videos, "decode", counted)
    return count


@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [
        ("a.mp4", "libx264", {"x264_params": damaged_files.B_PICTURES}),
        ("a.mkv", "libx264", {"x264_params": "open-gop=1:bframes=3"}),
        ("a.mkv", "libx264", {"x264_params": "intra-refresh=1:bframes=0"}),
        ("a.ts", "libx264", {"x264_params": damaged_files.B_PICTURES}),
        ("a.ts", "libx264", {"x264_params": "intra-refresh=1:bframes=0"}),
        ("a.mkv", "libx265", {"x265_params": "open-gop=1:bframes=3:log-level=none"}),
        ("a.mpg", "mpeg2video", {"bf": "2", "sc_threshold": "1000000000"}),
        ("a.mpg", "mpeg2video", {"gop": 1}),
        ("a.mkv", "mpeg2video", {"bf": "2", "sc_threshold": "1000000000"}),
        ("a.avi", "mpeg4", {"bf": "2"}),
        ("a.webm", "libvpx-vp9", {}),
        ("a.flv", "flv", {}),
    ],
)
def test_sound_files(tmp_path, name, codec, options):
    path = tmp_path / name
    damaged_files.write(path, codec, **options)
    damaged_files.assert_windows_are_plain(path)


@pytest.mark.parametrize("container", ["avi", "mkv", "mp4"])
def test_pictures_that_are_not_shown_as_they_are_decoded(tmp_path, container):
    path = tmp_path / f"a.{container}"
    damaged_files.write(path, "libx264", x264_params=damaged_files.B_PICTURES)
    damaged_files.assert_windows_are_plain(path)
    times = videos.frame_times(str(path))
    np.testing.assert_allclose(times, np.arange(41) / 25, atol=1e-3)


class TestFalseKeyframes:
    @pytest.fixture(params=["mp4", "3gp", "h264"])
    def path(self, request, tmp_path):
        suffix, codec, options = {
            "mp4": ("mp4", "mpeg4", {}),
            "3gp": ("3gp", "h263", {}),
            "h264": ("mp4", "libx264", {"x264_params": damaged_files.B_PICTURES}),
        }[request.param]
        path = tmp_path / f"a.{suffix}"
        damaged_files.write(path, codec, **options)
        return path

    def test_a_table_that_names_others(self, path):
        damaged_files.move_keyframes(path, by=3)
        damaged_files.assert_windows_are_plain(path)

    def test_no_table(self, path):
        damaged_files.call_all_keyframes(path)
        damaged_files.assert_windows_are_plain(path)

    def test_true_ones_are_found_by_decoding_once(self, path, decoded):
        damaged_files.call_all_keyframes(path)
        list(videos.read_frames(str(path), [39], 3))
        decoded[0] = 0
        list(videos.read_frames(str(path), [39], 3))
        assert decoded[0] == 10


@pytest.mark.parametrize(
    ("codec", "pix_fmt", "size", "qp"),
    [("libx264", "yuv444p", 96, 28), ("libx264rgb", "rgb24", 64, 38)],
)
def test_an_encoder_that_the_first_packet_names(
    tmp_path, decoded, codec, pix_fmt, size, qp
):
    path = tmp_path / "a.mkv"
    # Half of it hard to encode, half of it easy: the old encoder erred in between.
    frames = np.random.default_rng(1).integers(0, 256, (40, size, size, 3), np.uint8)
    frames[:, :, : size // 2] = 6 * np.arange(40)[:, None, None, None]
    options = {"pix_fmt": pix_fmt, "x264_params": f"qp={qp}:scenecut=0"}
    damaged_files.write(path, codec, frames, **options)
    as_it_is = damaged_files.decode_plainly(path)
    damaged_files.claim_old_encoder(path)
    # What the note says decides what comes out, far from where it lies.
    assert damaged_files.decode_plainly(path)[20:] != as_it_is[20:]
    damaged_files.assert_windows_are_plain(path)
    decoded[0] = 0
    list(videos.read_frames(str(path), [39], 3))
    assert decoded[0] == 10  # It was found by a seek all the same.
