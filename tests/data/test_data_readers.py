"""What comes out of each kind of file: the right frames, sizes and colors."""

import av
import numpy as np
import pytest
import video_files
from PIL import Image, ImageOps

from keras_mocogan.data.frames import images
from keras_mocogan.data.frames.skipped import Skipped
from keras_mocogan.data.pipeline.windows import WindowReader
from keras_mocogan.data.readers import sources
from keras_mocogan.data.readers.layouts import list_clips
from keras_mocogan.data.resize_modes import RESIZES
from keras_mocogan.utils.image_sizes import sides

pytestmark = pytest.mark.once


def source_of(path, layout="auto", channels=3):
    return sources.FileSource(list_clips(str(path), layout), channels)


def counts(source):
    return [source.count_frames(clip) for clip in range(len(source.names))]


def frames_of(path, numbers, channels=3, layout="auto"):
    source = source_of(path, layout, channels)
    return np.stack(list(source.read_frames(0, numbers)))


@pytest.mark.parametrize("vertical", [False, True])
def test_strips(tmp_path, vertical):
    video_files.write_strip(tmp_path / "a.png", 9, vertical=vertical)
    assert counts(source_of(tmp_path)) == [9]
    clip = frames_of(tmp_path, [2, 4, 8])
    assert clip.shape == (3, 32, 32, 3)
    assert video_files.frame_numbers(clip) == [2, 4, 8]


def test_a_strip_under_a_suffix_that_lies(tmp_path):
    video_files.write_strip(tmp_path / "a.jpg", 6, image_format="PNG")
    video_files.write_strip(tmp_path / "b.mp4", 6, image_format="PNG")
    source = source_of(tmp_path)
    assert counts(source) == [6, 6]
    for clip in range(2):
        frames = np.stack(list(source.read_frames(clip, [1, 5])))
        assert video_files.frame_numbers(frames) == [1, 5]


def test_a_video_under_a_suffix_that_lies(tmp_path):
    frames = video_files.numbered_frames(6)
    video_files.write_video(tmp_path / "a.mkv", frames, "ffv1", "bgr0")
    (tmp_path / "a.mkv").rename(tmp_path / "a.png")
    assert video_files.frame_numbers(frames_of(tmp_path, [0, 3])) == [0, 3]


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".png"])
def test_animations(tmp_path, suffix):
    video_files.write_animation(tmp_path / f"a{suffix}", 12)
    assert counts(source_of(tmp_path)) == [12]
    clip = frames_of(tmp_path, [3, 5, 7, 11])
    assert video_files.frame_numbers(clip) == [3, 5, 7, 11]


def test_a_picture_for_other_viewers_is_no_frame_of_an_animation(tmp_path):
    shown = [Image.fromarray(frame) for frame in video_files.numbered_frames(6)]
    other = Image.new("RGB", shown[0].size, (255, 255, 255))
    path = tmp_path / "a.png"
    pictures = {"append_images": shown, "default_image": True}
    other.save(path, save_all=True, duration=50, **pictures)
    source = source_of(path)
    assert counts(source) == [6]
    assert video_files.frame_numbers(frames_of(path, range(6))) == [0, 1, 2, 3, 4, 5]
    np.testing.assert_allclose(source.frame_times(0), np.arange(7) * 0.05)


def test_numbered_frames_come_in_the_order_of_their_numbers(tmp_path):
    names = [f"frame {number}.png" for number in range(8, 13)]
    video_files.write_frames(tmp_path / "clip", names, height=24, width=40)
    clip = frames_of(tmp_path, range(5))
    assert clip.shape == (5, 24, 40, 3)
    assert video_files.frame_numbers(clip) == [0, 1, 2, 3, 4]


CODECS = [
    ("a.mp4", "libx264", "yuv420p"),
    ("a.mov", "libx264", "yuv420p"),
    ("a.mkv", "libx264", "yuv420p"),
    ("a.webm", "libvpx", "yuv420p"),
    ("a.webm", "libvpx-vp9", "yuv420p"),
    ("a.avi", "mpeg4", "yuv420p"),
    ("a.avi", "mjpeg", "yuvj420p"),
    ("a.mpg", "mpeg2video", "yuv420p"),
]


@pytest.mark.parametrize(("name", "codec", "pix_fmt"), CODECS)
def test_videos(tmp_path, name, codec, pix_fmt):
    frames = video_files.numbered_frames(30, height=48, width=64)
    video_files.write_video(tmp_path / name, frames, codec, pix_fmt)
    assert counts(source_of(tmp_path)) == [30]
    clip = frames_of(tmp_path, [0, 7, 14, 29])
    assert clip.shape == (4, 48, 64, 3)
    assert video_files.frame_numbers(clip) == [0, 7, 14, 29]


def test_hidden_frames_of_vp8_are_not_counted(tmp_path):
    frames = video_files.numbered_frames(10)
    video_files.write_video(tmp_path / "shown.webm", frames, "libvpx")
    # The same packets, with the bit that shows the sixth frame cleared.
    with (
        av.open(str(tmp_path / "shown.webm")) as shown,
        av.open(str(tmp_path / "hidden.webm"), "w") as hidden,
    ):
        stream = hidden.add_stream_from_template(shown.streams.video[0])
        for number, packet in enumerate(shown.demux(video=0)):
            content = bytearray(bytes(packet))
            if number == 5:
                content[0] &= ~0x10
            copy = av.Packet(bytes(content))
            copy.pts, copy.dts = packet.pts, packet.dts
            copy.time_base, copy.stream = packet.time_base, stream
            if packet.size:
                hidden.mux(copy)
    source = source_of(tmp_path)
    assert counts(source) == [9, 10]
    clip = np.stack(list(source.read_frames(0, range(9))))
    assert video_files.frame_numbers(clip) == [0, 1, 2, 3, 4, 6, 7, 8, 9]


def test_colors_and_orientation_of_a_video(tmp_path):
    frames = np.zeros((3, 64, 64, 3), np.uint8)
    frames[:, :32, :32] = (230, 30, 30)
    frames[:, :32, 32:] = (30, 200, 30)
    frames[:, 32:, :32] = (30, 30, 220)
    video_files.write_video(tmp_path / "a.mp4", frames, "libx264")
    frame = frames_of(tmp_path, [1])[0].astype(int)
    for row, column in [(16, 16), (16, 48), (48, 16), (48, 48)]:
        assert np.abs(frame[row, column] - frames[1, row, column]).max() < 12


def test_a_turned_video_is_turned_back(tmp_path):
    frames = np.zeros((3, 48, 64, 3), np.uint8)
    frames[:, :24, :32] = 255  # Top left, which a quarter anticlockwise takes down.
    video_files.write_video(tmp_path / "a.mp4", frames, "libx264", rotation=90)
    frame = frames_of(tmp_path, [0])[0]
    assert frame.shape == (64, 48, 3)
    assert frame[-8, 8].min() > 240
    assert frame[8, 8].max() < 15


def test_names_that_look_like_something_else(tmp_path, monkeypatch):
    frames = video_files.numbered_frames(4)
    video_files.write_video(tmp_path / "-y a:b é.mkv", frames, "ffv1", "bgr0")
    monkeypatch.chdir(tmp_path)
    assert video_files.frame_numbers(frames_of(".", [3])) == [3]
    assert video_files.frame_numbers(frames_of("-y a:b é.mkv", [2])) == [2]


@pytest.mark.parametrize(
    ("channels", "expected"),
    [
        # Half-transparent red: ITU-R 601 gives red a weight of 0.299.
        (1, [38]),
        (2, [76, 128]),
        (3, [128, 0, 0]),
        (4, [255, 0, 0, 128]),
    ],
)
def test_channels(tmp_path, channels, expected):
    picture = Image.new("RGBA", (4, 1), (255, 0, 0, 128))
    picture.save(tmp_path / "a.png")
    frame = frames_of(tmp_path, [2], channels)[0]
    assert frame.shape == (1, 1, channels)
    np.testing.assert_allclose(frame[0, 0], expected, atol=1)


def test_gray_and_palette_pictures_become_rgb(tmp_path):
    gray = Image.fromarray(np.full((2, 8), 90, np.uint8))
    gray.save(tmp_path / "a.png")
    gray.quantize(4).save(tmp_path / "b.png")
    deep = Image.fromarray(np.full((2, 8), 90 * 256 + 200, np.uint16))
    deep.save(tmp_path / "c.png")
    source = source_of(tmp_path)
    for clip in range(3):
        frame = next(iter(source.read_frames(clip, [3])))
        np.testing.assert_array_equal(frame, np.full((2, 2, 3), 90))


def test_video_of_one_channel(tmp_path):
    frames = video_files.numbered_frames(5)
    video_files.write_video(tmp_path / "a.mp4", frames, "libx264")
    clip = frames_of(tmp_path, [1, 4], channels=1)
    assert clip.shape == (2, 32, 32, 1)
    assert video_files.frame_numbers(clip) == [1, 4]


class TestResize:
    def test_crop_takes_the_middle(self):
        frame = np.zeros((20, 60, 3), np.uint8)
        frame[:, 20:40] = 200
        assert (images.resize_frame(frame, 10, "crop") == 200).all()
        upright = frame.transpose(1, 0, 2)
        assert (images.resize_frame(upright, 10, "crop") == 200).all()

    def test_squash_keeps_all(self):
        frame = np.zeros((20, 60, 3), np.uint8)
        frame[:, 20:40] = 200
        squashed = images.resize_frame(frame, 30, "squash")
        assert squashed.shape == (30, 30, 3)
        assert (squashed[:, 12:18] == 200).all()
        assert (squashed[:, :8] == 0).all()
        assert (squashed[:, 22:] == 0).all()

    # The largest box of 2 to 1 or 1 to 2 in 40x70 and in 70x40 pixels, in Pillow's
    # order (left, top, right, bottom): 40x20, 35x70, 70x35 and 20x40, in the middle.
    @pytest.mark.parametrize(
        ("frame", "size", "box"),
        [
            ((40, 70), (16, 8), (25, 0, 45, 40)),
            ((40, 70), (8, 16), (0, 2, 70, 37)),
            ((70, 40), (16, 8), (2, 0, 37, 70)),
            ((70, 40), (8, 16), (0, 25, 40, 45)),
        ],
    )
    def test_crop_has_the_aspect_of_the_result(self, frame, size, box):
        pixels = np.random.default_rng(0).integers(0, 256, (*frame, 3), np.uint8)
        found = images.resize_frame(pixels, size, "crop")
        picture = Image.fromarray(pixels).crop(box)
        wanted = picture.resize((size[1], size[0]), Image.Resampling.BILINEAR)
        np.testing.assert_array_equal(found, np.asarray(wanted))

    def test_a_part_of_the_crop_lies_where_it_is_told(self):
        # Half of 40x20 is 20x10; a quarter of what is left lies above, all to the left.
        pixels = np.random.default_rng(0).integers(0, 256, (40, 70, 3), np.uint8)
        found = images.resize_frame(pixels, (20, 10), "crop", (0.5, 0.25, 1.0))
        np.testing.assert_array_equal(found, pixels[5:25, 60:70])

    @pytest.mark.parametrize("size", [(6, 20), (20, 6)])
    def test_squash_averages_whole_blocks(self, size):
        # Each block has one color: shrinking by whole numbers gives these.
        colors = np.random.default_rng(0).integers(0, 256, (2, 2, 3), np.uint8)
        frame = colors.repeat(60, axis=0).repeat(60, axis=1)
        found = images.resize_frame(frame, size, "squash")
        assert found.shape == (*size, 3)
        corners = found[:: size[0] - 1, :: size[1] - 1]
        np.testing.assert_array_equal(corners, colors)

    @pytest.mark.parametrize("channels", [1, 2, 3, 4])
    @pytest.mark.parametrize("frame", [(40, 70), (70, 40), (5, 10), (24, 12)])
    @pytest.mark.parametrize("size", [24, (16, 40), (60, 20)])
    def test_pad_is_the_letterbox_of_pillow(self, frame, size, channels):
        random = np.random.default_rng(0)
        pixels = random.integers(0, 256, (*frame, channels), np.uint8)
        found = images.resize_frame(pixels, size, "pad", fill_value=77)
        height, width = sides(size)
        picture = Image.fromarray(pixels[..., 0] if channels == 1 else pixels)
        color = (77,) * channels if channels > 1 else 77
        bilinear = Image.Resampling.BILINEAR
        # Where the borders cannot be equal, Pillow rounds to even, and here the last
        # one is wider.
        inner = ImageOps.contain(picture, (width, height), bilinear)
        top, left = (height - inner.height) // 2, (width - inner.width) // 2
        wanted = Image.new(picture.mode, (width, height), color)
        wanted.paste(inner, (left, top))
        assert found.shape == (height, width, channels)
        np.testing.assert_array_equal(found, np.asarray(wanted).reshape(found.shape))
        if not (height - inner.height) % 2 and not (width - inner.width) % 2:
            other = ImageOps.pad(picture, (width, height), bilinear, color)
            np.testing.assert_array_equal(other, wanted)

    def test_pad_has_known_borders(self):
        frame = np.full((20, 60, 3), 200, np.uint8)
        found = images.resize_frame(frame, 30, "pad")
        assert (found[10:20] == 200).all()
        assert (found[:10] == 0).all() and (found[20:] == 0).all()
        # 20x60 in 31x30 pixels: of 21 rows of border, 10 lie above.
        found = images.resize_frame(frame, (31, 30), "pad", fill_value=255)
        assert (found[:10] == 255).all() and (found[20:] == 255).all()
        assert (found[10:20] == 200).all()
        # A line stays one pixel wide.
        found = images.resize_frame(frame[:1], 8, "pad")
        assert found[:, 0, 0].tolist() == [0, 0, 0, 200, 0, 0, 0, 0]

    def test_a_part_of_the_frame_has_the_same_borders(self):
        # Half of 40x70, a quarter of what is left above it, all to the left.
        pixels = np.random.default_rng(0).integers(0, 256, (40, 70, 3), np.uint8)
        found = images.resize_frame(pixels, 70, "pad", (0.5, 0.25, 1.0), 9)
        assert (found[:15] == 9).all() and (found[55:] == 9).all()
        part = Image.fromarray(pixels[5:25, 35:])
        wanted = part.resize((70, 40), Image.Resampling.BILINEAR)
        np.testing.assert_array_equal(found[15:55], np.asarray(wanted))

    def test_a_frame_never_shrinks_to_nothing(self):
        frame = np.full((3, 300, 1), 9, np.uint8)
        assert (images.resize_frame(frame, (64, 2), "crop") == 9).all()

    @pytest.mark.parametrize("channels", [1, 2, 3, 4])
    def test_shrinking_averages(self, channels):
        # A checkerboard of single pixels: without antialiasing, black or white.
        frame = np.zeros((64, 64, channels), np.uint8)
        frame[::2, ::2] = frame[1::2, 1::2] = 255
        if channels in (2, 4):
            frame[..., -1] = 255
        small = images.resize_frame(frame, 8, "crop")
        assert small.shape == (8, 8, channels)
        colors = small[..., : channels - 1] if channels in (2, 4) else small
        assert np.abs(colors.astype(int) - 128).max() < 4

    def test_the_right_size_is_left_alone(self):
        frame = np.random.default_rng(0).integers(0, 256, (9, 9, 3), np.uint8)
        np.testing.assert_array_equal(images.resize_frame(frame, 9, "crop"), frame)
        for resize in RESIZES:
            wide = images.resize_frame(frame[:5], (5, 9), resize)
            np.testing.assert_array_equal(wide, frame[:5])


def test_a_window_is_placed_by_the_draw():
    class Source:
        is_quick = False
        names = ["clip"]

        def count_frames(self, clip):
            return 50

        def read_frames(self, clip, numbers):
            for number in numbers:
                yield np.full((100, 100, 3), number, np.uint8)

    reader = WindowReader(
        Source(),
        np.array([0]),
        Skipped("raise"),
        clip_frames=4,
        frame_stride=3,
        image_size=10,
        channels=3,
        resize="crop",
        random=True,
    )
    window = np.empty(reader.shape, np.uint8)
    assert reader.read_into(window, 0, np.array([-7])) == 0
    # 50 frames hold windows of 10 at 41 starts, and -7 modulo 41 is 34.
    assert window[:, 0, 0, 0].tolist() == [34, 37, 40, 43]
