"""Clips brought to another frame rate, and windows found by seeking."""

import dataclasses
from fractions import Fraction

import av
import numpy as np
import pytest
import video_files

from keras_mocogan import data
from keras_mocogan.data.opening import open_source
from keras_mocogan.data.video_files import indexing
from keras_mocogan.data.video_files import reading as videos

pytestmark = pytest.mark.once


def write_at(path, milliseconds, codec="libx264", gop=250):
    """A video whose frame k tells its number and is shown at these times."""
    frames = video_files.numbered_frames(len(milliseconds))
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options={"g": str(gop)})
        stream.height, stream.width, stream.pix_fmt = 32, 32, "yuv420p"
        stream.bit_rate = 2_000_000
        stream.codec_context.time_base = Fraction(1, 1000)
        for frame, time in zip(frames, milliseconds, strict=True):
            picture = av.VideoFrame.from_ndarray(frame, format="rgb24")
            picture.pts, picture.time_base = time, Fraction(1, 1000)
            container.mux(stream.encode(picture))
        container.mux(stream.encode())


def numbers_at(path, fps):
    source = open_source(str(path), "auto", 3, fps)
    count = source.count_frames(0)
    frames = np.stack(list(source.read_frames(0, range(count))))
    return video_files.frame_numbers(frames)


@pytest.mark.parametrize(
    ("fps", "expected"),
    [
        (25, list(range(12))),
        (12.5, [0, 2, 4, 6, 8, 10]),
        (50, [k // 2 for k in range(24)]),
        (10, [0, 2, 5, 7]),  # at 0, 100, 200, 300 ms; frames last 40
    ],
)
def test_a_constant_rate(tmp_path, fps, expected):
    frames = video_files.numbered_frames(12)
    video_files.write_video(tmp_path / "a.mp4", frames, "libx264")
    assert numbers_at(tmp_path, fps) == expected


def test_a_variable_rate(tmp_path):
    # Frame 3 stays for 400 ms.
    write_at(tmp_path / "a.mkv", [0, 100, 200, 300, 700, 800])
    assert numbers_at(tmp_path, 10)[:8] == [0, 1, 2, 3, 3, 3, 3, 4]


def test_an_animation(tmp_path):
    video_files.write_animation(tmp_path / "a.gif", 10)  # 40 ms a frame
    assert numbers_at(tmp_path, 12.5) == [0, 2, 4, 6, 8]


def test_windows_are_cut_at_the_new_rate(tmp_path):
    frames = video_files.numbered_frames(24)
    video_files.write_video(tmp_path / "a.mp4", frames, "libx264")
    found = data.video_dataset(
        str(tmp_path), image_size=32, clip_frames=4, fps=5, batch_size=1, shuffle=False
    )
    # 24 frames of 40 ms are 0.96 s: four frames at 5 a second.
    (video,) = next(iter(found)).numpy()
    assert video_files.frame_numbers(video) == [0, 5, 10, 15]
    with pytest.raises(ValueError, match="takes 5 frames, .* have 4 to 4"):
        data.video_dataset(str(tmp_path), clip_frames=5, fps=5, batch_size=1)


def test_images_have_no_rate(tmp_path):
    video_files.write_strip(tmp_path / "a.png", 9)
    with pytest.raises(ValueError, match="1 clips, of which none can be read"):
        data.video_dataset(str(tmp_path), clip_frames=4, fps=5, batch_size=1)


@pytest.mark.parametrize("fps", [0, -1.0])
def test_rates_are_positive(tmp_path, fps):
    video_files.write_strip(tmp_path / "a.png", 9)
    said = f"`fps` must be a finite number above 0, or None. Received: fps={fps}"
    with pytest.raises(ValueError, match=said):
        data.video_dataset(str(tmp_path), fps=fps)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi", "a.webm"])
def test_seeking_decodes_from_the_keyframe_before(tmp_path, monkeypatch, name):
    codec = {"a.avi": "mpeg4", "a.webm": "libvpx-vp9"}.get(name, "libx264")
    path = tmp_path / name
    write_at(path, [40 * k for k in range(40)], codec, gop=8)
    decoded, converted = [], []
    decode, _to_array = videos.decode, videos._to_array

    def counted(*arguments):
        for picture in decode(*arguments):
            decoded.append(picture)
            yield picture

    monkeypatch.setattr(videos, "decode", counted)
    monkeypatch.setattr(
        videos, "_to_array", lambda *a: converted.append(a) or _to_array(*a)
    )
    for numbers in ([30, 31, 32], [8, 20, 39], [39]):
        frames = np.stack(list(videos.read_frames(str(path), numbers, 3)))
        assert video_files.frame_numbers(frames) == numbers
    assert len(converted) == 7
    assert len(decoded) <= 9 + 32 + 8


def test_decodes_where_times_do_not_hold(tmp_path, monkeypatch):
    path = tmp_path / "a.mp4"
    write_at(path, [40 * k for k in range(40)], gop=8)
    index_packets = indexing.index_packets

    def shifted(*arguments):
        index = index_packets(*arguments)
        return dataclasses.replace(index, times=index.times + 1)

    monkeypatch.setattr(indexing, "index_packets", shifted)
    frames = np.stack(list(videos.read_frames(str(path), [30, 31], 3)))
    assert video_files.frame_numbers(frames) == [30, 31]
