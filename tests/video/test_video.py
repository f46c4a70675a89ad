"""Ranges and grids by hand; GIF and MP4 read back by Pillow and PyAV."""

from fractions import Fraction

import av
import numpy as np
import pytest
from keras import ops
from PIL import Image, ImageSequence

from keras_mocogan import video
from keras_mocogan.utils import files

pytestmark = pytest.mark.once

RED, GREEN, BLUE = (220, 30, 20), (40, 200, 60), (30, 60, 210)


def moving_square(color, frames=5, size=16):
    """A square of one color that goes right, two pixels a frame, on black."""
    videos = np.zeros((frames, size, size, len(color)), "uint8")
    for t in range(frames):
        videos[t, 4:10, 2 * t : 2 * t + 6] = color
    return videos


def gradients(n=6, frames=8, size=32):
    """Slowly changing gradients of thousands of colors."""
    ramp = np.linspace(0, 1, size)
    rng = np.random.default_rng(0)
    corners = rng.uniform(0, 255, (n, 3, 3))
    time = np.linspace(0, 30, frames)[:, None, None, None]
    videos = [
        a * (1 - ramp)[None, :, None, None]
        + b * ramp[None, :, None, None] * 0.5
        + c * ramp[None, None, :, None] * 0.5
        + time
        for a, b, c in corners
    ]
    return np.clip(np.stack(videos), 0, 255).astype("uint8")


def read_gif(path):
    """Frames `(frames, height, width, 3)`, milliseconds of each, number of loops."""
    with Image.open(path) as image:
        frames = [
            (np.asarray(frame.convert("RGB")), frame.info["duration"])
            for frame in ImageSequence.Iterator(image)
        ]
        pictures, milliseconds = zip(*frames, strict=True)
        return np.stack(pictures), list(milliseconds), image.info["loop"]


def read_mp4(path):
    with av.open(str(path)) as container:
        frames = container.decode(video=0)
        return np.stack([frame.to_ndarray(format="rgb24") for frame in frames])


def mean_error(a, b):
    return np.abs(a.astype("float64") - b).mean()


class TestToUint8:
    def test_ends_and_middle(self):
        values = np.array([-1, -0.999, 0, 0.5, 1], "float32")
        # (x + 1) * 127.5 = 0, 0.1275, 127.5 (to even), 191.25, 255
        np.testing.assert_array_equal(video.to_uint8(values), [0, 0, 128, 191, 255])

    def test_undoes_the_conversion_to_floats(self):
        levels = np.arange(256, dtype="uint8")
        floats = levels.astype("float32") / 127.5 - 1
        np.testing.assert_array_equal(video.to_uint8(floats), levels)

    def test_uint8_passes_through(self):
        levels = np.arange(256, dtype="uint8")
        assert video.to_uint8(levels) is levels

    def test_rounding_beyond_the_range_is_clipped(self):
        values = np.array([-1.008, 1.008], "float32")
        np.testing.assert_array_equal(video.to_uint8(values), [0, 255])

    @pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float32", "uint8"])
    def test_takes_tensors_of_the_backend(self, dtype):
        tensor = ops.cast(ops.ones((2, 3)), dtype)
        expected = 1 if dtype == "uint8" else 255
        result = video.to_uint8(tensor)
        assert result.dtype == np.uint8
        np.testing.assert_array_equal(result, np.full((2, 3), expected))

    @pytest.mark.parametrize("dtype", ["int64", "bool", "uint16", "complex64"])
    def test_other_dtypes(self, dtype):
        said = f"uint8 in 0..255.* Received: dtype {dtype}"
        with pytest.raises(ValueError, match=said):
            video.to_uint8(np.zeros(3, dtype))

    @pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1.2, -3.0, 255.0])
    def test_values_outside_the_range(self, value):
        said = r"must lie in \[-1, 1\] .* Received: (values from|1 of 3 values)"
        with pytest.raises(ValueError, match=said):
            video.to_uint8(np.array([0, value, 0], "float32"))


class TestMakeGrid:
    def test_row_by_row(self):
        videos = np.zeros((3, 2, 1, 2, 1), "uint8")  # three videos of 1 x 2 pixels
        videos += np.array([10, 20, 30], "uint8").reshape(3, 1, 1, 1, 1)
        videos[:, 1] += 1  # the second frame
        grid = video.make_grid(videos, columns=2, padding=1)
        white = 255
        first = [[10, 10, white, 20, 20], [white] * 5, [30, 30, white, white, white]]
        second = [[11, 11, white, 21, 21], [white] * 5, [31, 31, white, white, white]]
        np.testing.assert_array_equal(grid[..., 0], [first, second])

    @pytest.mark.parametrize(
        ("columns", "padding", "height", "width"),
        [(None, 2, 2 * 4 + 2, 3 * 6 + 2 * 2), (5, 0, 4, 30), (1, 3, 5 * 4 + 12, 6)],
    )
    def test_sizes(self, columns, padding, height, width):
        videos = np.zeros((5, 3, 4, 6, 3))
        grid = video.make_grid(videos, columns, padding)
        assert grid.shape == (3, height, width, 3)
        assert grid.dtype == np.uint8

    @pytest.mark.parametrize(
        ("shape", "arguments", "message"),
        [
            ((2, 4, 4, 3), {}, r"\(n, frames, height, width, channels\)"),
            ((0, 2, 4, 4, 3), {}, "must not be empty"),
            ((2, 2, 4, 4, 5), {}, "1 to 4 channels"),
            ((2, 2, 4, 4, 3), {"columns": 0}, "at least 1. Received: columns=0"),
            ((2, 2, 4, 4, 3), {"columns": 1.5}, "an integer .*: columns=1.5"),
            ((2, 2, 4, 4, 3), {"padding": -1}, "at least 0. Received: padding=-1"),
        ],
    )
    def test_errors(self, shape, arguments, message):
        with pytest.raises(ValueError, match=message):
            video.make_grid(np.zeros(shape), **arguments)


class TestGif:
    def test_few_colors_are_kept_exactly(self, tmp_path):
        videos = np.stack([moving_square(c) for c in (RED, GREEN, BLUE)])
        video.write_gif(tmp_path / "a.gif", videos, columns=3)
        frames, _, loop = read_gif(tmp_path / "a.gif")
        white = np.full((5, 16, 2, 3), 255)
        wanted = [videos[0], white, videos[1], white, videos[2]]
        np.testing.assert_array_equal(frames, np.concatenate(wanted, axis=2))
        assert loop == 0  # for ever

    def test_256_colors_are_still_exact(self, tmp_path):
        levels = np.arange(256, dtype="uint8").reshape(1, 16, 16, 1)
        frames = np.concatenate([levels, levels // 2, 255 - levels])
        video.write_gif(tmp_path / "a.gif", frames)
        read, _, _ = read_gif(tmp_path / "a.gif")
        np.testing.assert_array_equal(read, frames.repeat(3, axis=-1))

    def test_many_colors_stay_close(self, tmp_path):
        videos = gradients()
        video.write_gif(tmp_path / "a.gif", videos, columns=3)
        frames, _, _ = read_gif(tmp_path / "a.gif")
        wanted = video.make_grid(videos, columns=3)
        assert len(np.unique(wanted.reshape(-1, 3), axis=0)) > 2000
        # At least as well as one plain median cut of all frames: 4.9 levels.
        tall = Image.fromarray(wanted.reshape(-1, wanted.shape[2], 3))
        plain = tall.quantize(256, method=Image.Quantize.MEDIANCUT, dither=0)
        plain = np.asarray(plain.convert("RGB")).reshape(wanted.shape)
        assert mean_error(frames, wanted) <= mean_error(plain, wanted)

    def test_what_stands_still_does_not_flicker(self, tmp_path):
        frames = gradients(n=1)[0, :1].repeat(6, axis=0)
        # Colors that come and go, beside a picture that stays.
        noise = np.random.default_rng(0).integers(0, 256, frames.shape, "uint8")
        video.write_gif(tmp_path / "a.gif", np.concatenate([frames, noise], axis=2))
        read, _, _ = read_gif(tmp_path / "a.gif")
        still = read[:, :, : frames.shape[2]]
        np.testing.assert_array_equal(still, still[:1].repeat(6, axis=0))

    def test_small_shapes_keep_their_color_before_a_noisy_background(self, tmp_path):
        rng = np.random.default_rng(0)
        colors = rng.integers(30, 256, (16, 3))
        videos = rng.integers(0, 13, (16, 4, 64, 64, 3)).astype("uint8")
        noise = rng.integers(-4, 5, (16, 4, 6, 6, 3))
        shapes = np.clip(colors[:, None, None, None] + noise, 0, 255)
        videos[:, :, 20:26, 30:36] = shapes
        video.write_gif(tmp_path / "a.gif", videos, columns=4)
        frames, _, _ = read_gif(tmp_path / "a.gif")
        for i in range(16):
            top, left = 66 * (i // 4) + 20, 66 * (i % 4) + 30
            read = frames[:, top : top + 6, left : left + 6]
            assert mean_error(read, shapes[i]) < 6

    def test_frames_that_equal_the_one_before_are_kept(self, tmp_path):
        frames = moving_square(RED)[[0, 0, 0, 1, 1, 2, 2]]
        video.write_gif(tmp_path / "a.gif", frames)
        read, milliseconds, _ = read_gif(tmp_path / "a.gif")
        np.testing.assert_array_equal(read, frames)
        assert len(milliseconds) == 7
        with av.open(str(tmp_path / "a.gif")) as container:
            assert sum(1 for _ in container.decode(video=0)) == 7

    @pytest.mark.parametrize(
        ("fps", "milliseconds"),
        [
            (8, [130, 120, 130, 120, 130]),  # ends at 12.5 (up), 25, 37.5, 50, 62.5
            (10, [100] * 5),
            (30, [30, 40, 30, 30, 40]),  # ends at 3.3, 6.7, 10, 13.3, 16.7
            (50, [20] * 5),
            (0.5, [2000] * 5),
        ],
    )
    def test_durations(self, tmp_path, fps, milliseconds):
        video.write_gif(tmp_path / "a.gif", moving_square(RED), fps=fps)
        assert read_gif(tmp_path / "a.gif")[1] == milliseconds

    @pytest.mark.parametrize("fps", [0, -1, 51, float("nan")])
    def test_frame_rates_a_gif_cannot_have(self, tmp_path, fps):
        said = f"`fps` must be .* at most 50 in a GIF. Received: fps={fps}"
        with pytest.raises(ValueError, match=said):
            video.write_gif(tmp_path / "a.gif", moving_square(RED), fps=fps)


class TestMp4:
    def test_colors_frames_and_rate(self, tmp_path):
        frames = moving_square(RED, size=64, frames=12).repeat(2, 1).repeat(2, 2)
        video.write_mp4(tmp_path / "a.mp4", frames, fps=8)
        read = read_mp4(tmp_path / "a.mp4")
        assert read.shape == (12, 128, 128, 3)
        assert mean_error(read, frames) < 2
        # Inside the square, where no edge blurs the chroma.
        for t in range(12):
            inside = read[t, 10:18, 4 * t + 2 : 4 * t + 10].reshape(-1, 3)
            assert np.abs(inside.mean(axis=0) - RED).max() < 6
        with av.open(str(tmp_path / "a.mp4")) as container:
            stream = container.streams.video[0]
            assert stream.average_rate == 8
            assert stream.duration * stream.time_base == Fraction(12, 8)
            assert stream.codec_context.pix_fmt == "yuv420p"

    def test_says_which_colors_it_holds(self, tmp_path):
        video.write_mp4(tmp_path / "a.mp4", moving_square(RED))
        with av.open(str(tmp_path / "a.mp4")) as container:
            codec = container.streams.video[0].codec_context
            assert (codec.colorspace, codec.color_range) == (6, 1)  # BT.601, limited

    def test_plays_while_it_loads(self, tmp_path):
        video.write_mp4(tmp_path / "a.mp4", moving_square(RED))
        content = (tmp_path / "a.mp4").read_bytes()
        assert content.index(b"moov") < content.index(b"mdat")

    def test_rate_of_broadcast(self, tmp_path):
        video.write_mp4(tmp_path / "a.mp4", moving_square(RED), fps=30000 / 1001)
        with av.open(str(tmp_path / "a.mp4")) as container:
            assert container.streams.video[0].average_rate == Fraction(30000, 1001)

    @pytest.mark.parametrize(
        ("size", "even"), [((5, 7), (6, 8)), ((4, 9), (4, 10)), ((1, 1), (2, 2))]
    )
    def test_odd_sizes_repeat_the_last_row_and_column(self, tmp_path, size, even):
        frames = np.full((3, *size, 3), 200, "uint8")
        video.write_mp4(tmp_path / "a.mp4", frames)
        read = read_mp4(tmp_path / "a.mp4")
        assert read.shape == (3, *even, 3)
        assert np.abs(read.astype(int) - 200).max() < 4

    def test_mpeg4_where_there_is_no_encoder_for_h264(self, tmp_path, monkeypatch):
        monkeypatch.setattr(av, "codecs_available", {"mpeg4"})
        frames = moving_square(RED, size=64)
        video.write_mp4(tmp_path / "a.mp4", frames)
        with av.open(str(tmp_path / "a.mp4")) as container:
            assert container.streams.video[0].codec_context.name == "mpeg4"
        read = read_mp4(tmp_path / "a.mp4")
        assert read.shape == frames.shape
        assert mean_error(read, frames) < 3

    @pytest.mark.parametrize("fps", [0, -1, float("inf"), float("nan")])
    def test_frame_rates_that_are_none(self, tmp_path, fps):
        said = f"`fps` must be a finite number above 0. Received: fps={fps}"
        with pytest.raises(ValueError, match=said):
            video.write_mp4(tmp_path / "a.mp4", moving_square(RED), fps=fps)


def test_sizes_a_gif_cannot_have(tmp_path):
    frames = np.zeros((1, 2, 2**14, 1), "uint8")
    with pytest.raises(ValueError, match="Received: frames of 8x65536 .* `scale`"):
        video.write_gif(tmp_path / "a.gif", frames, scale=4)
    assert not list(tmp_path.iterdir())


FORMATS = [(video.write_gif, read_gif), (video.write_mp4, read_mp4)]


@pytest.mark.parametrize(("write", "read"), FORMATS, ids=["gif", "mp4"])
class TestBothFormats:
    def frames(self, path, read):
        return read(path)[0] if read is read_gif else read(path)

    @pytest.mark.parametrize(
        ("pixel", "seen"),
        [
            ((200,), (200, 200, 200)),
            ((200, 255), (200, 200, 200)),
            ((200, 102), (80, 80, 80)),  # 200 * 0.4, over black
            (RED, RED),
            ((*BLUE, 255), BLUE),
            ((100, 50, 200, 51), (20, 10, 40)),  # a fifth
        ],
    )
    def test_channels(self, tmp_path, write, read, pixel, seen):
        write(tmp_path / "video", np.full((2, 8, 8, len(pixel)), pixel, "uint8"))
        frames = self.frames(tmp_path / "video", read)
        assert np.abs(frames.astype(int) - seen).max() <= (0 if read is read_gif else 4)

    def test_floats(self, tmp_path, write, read):
        frames = np.full((2, 8, 8, 3), 0.6, "float32")  # 1.6 * 127.5 = 204
        write(tmp_path / "video", frames)
        read_back = self.frames(tmp_path / "video", read)
        assert np.abs(read_back.astype(int) - 204).max() <= 3

    def test_grid_and_scale(self, tmp_path, write, read):
        videos = np.stack([moving_square(c) for c in (RED, GREEN, BLUE)])
        write(tmp_path / "video", videos, columns=2, scale=3)
        frames = self.frames(tmp_path / "video", read)
        assert frames.shape == (5, 3 * 34, 3 * 34, 3)
        grid = video.make_grid(videos, columns=2)
        assert mean_error(frames, np.kron(grid, np.ones((1, 3, 3, 1)))) < 2

    def test_other_suffixes_are_refused(self, tmp_path, write, read):
        suffix, other = (
            (".gif", ".mp4") if write is video.write_gif else (".mp4", ".gif")
        )
        frames = moving_square(RED)
        write(tmp_path / f"A{suffix.upper()}", frames)
        for wrong in (".avi", ".webm", other):
            said = f"must end in {suffix}. Received: .*a{wrong}'. Give it that suffix"
            said += f", or call `write_{other[1:]}`.$" if wrong == other else ".$"
            with pytest.raises(ValueError, match=said):
                write(tmp_path / f"a{wrong}", frames)
        assert [path.name for path in tmp_path.iterdir()] == [f"A{suffix.upper()}"]

    def test_folders_are_made(self, tmp_path, write, read):
        path = tmp_path / "a" / "b" / "video"
        write(str(path), moving_square(RED))
        assert len(self.frames(path, read)) == 5

    def test_colons_in_a_name(self, tmp_path, write, read, monkeypatch):
        monkeypatch.chdir(tmp_path)  # only a bare name looks like a URL
        for name in ("walk: left", "12:30"):
            write(name, moving_square(RED))
            assert len(self.frames(tmp_path / name, read)) == 5

    def test_a_failure_leaves_the_old_file_and_nothing_else(
        self, tmp_path, write, read, monkeypatch
    ):
        path = tmp_path / "video"
        path.write_text("old")

        def fail(*arguments):
            raise OSError("disk full")

        monkeypatch.setattr(files.os, "replace", fail)
        with pytest.raises(OSError, match="disk full"):
            write(path, moving_square(RED))
        assert path.read_text() == "old"
        assert list(tmp_path.iterdir()) == [path]

    @pytest.mark.parametrize(
        ("shape", "arguments", "message"),
        [
            ((8, 8, 3), {}, r"\(frames, height, width, channels\) or"),
            ((0, 8, 8, 3), {}, "must not be empty"),
            ((2, 8, 8, 7), {}, "1 to 4 channels"),
            ((2, 8, 8, 3), {"scale": 0}, "at least 1. Received: scale=0"),
            ((2, 2, 8, 8, 3), {"columns": -2}, "at least 1. Received: columns=-2"),
        ],
    )
    def test_errors(self, tmp_path, write, read, shape, arguments, message):
        with pytest.raises(ValueError, match=message):
            write(tmp_path / "video", np.zeros(shape, "uint8"), **arguments)
        assert not list(tmp_path.iterdir())
