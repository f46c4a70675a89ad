"""Ranges, grids, and writing videos as GIF and MP4.

Videos are channels last: one is `(frames, height, width, channels)`, several are
`(n, frames, height, width, channels)`. Channels are 1 (grey), 2 (grey and alpha),
3 (RGB) or 4 (RGB and alpha). Values are `uint8` in 0..255 or floats in [-1, 1].
"""

import math
import struct
from fractions import Fraction
from pathlib import Path

import numpy as np

from keras_mocogan.files import replacing
from keras_mocogan.finite import check_finite

# White: seen between camera clips and between shapes on black alike.
PADDING_VALUE = 255
# Rounding of bfloat16, or of a resize, may step over [-1, 1] by this much.
RANGE_TOLERANCE = 0.01

_WRITTEN = (".gif", ".mp4")

GIF_COLOURS = 256
# Viewers slow frames of 1/100 s down to 10 a second; 2/100 s they keep.
GIF_MAX_FPS = 50
# Entries that the palette is chosen from: more cost seconds and gain nothing seen.
PALETTE_SAMPLE = 2**15

# Near-lossless to the eye. MPEG-4 has no constant quality but bounds its quantizer.
ENCODER_OPTIONS = {"libx264": {"crf": "18"}, "mpeg4": {"qmin": "2", "qmax": "4"}}
# ITU-R BT.601 in FFmpeg's numbering (SMPTE 170M), what readers assume of a small
# picture that does not say; and the limited range, "MPEG".
BT601, LIMITED_RANGE = 6, 1


def to_uint8(videos):
    """Converts values in [-1, 1] to `uint8` in 0..255.

    Args:
        videos: array of any shape, `uint8` (returned as it is) or floats in
            [-1, 1], of NumPy or of any Keras backend. Values that overstep the
            range by up to 0.01 are clipped.

    Returns:
        NumPy array of the same shape, `uint8`: -1 becomes 0, 0 becomes 128, 1
        becomes 255.

    Raises:
        ValueError: for another dtype, values that are not finite, or outside [-1, 1].
    """
    videos = _as_numpy(videos)
    if videos.dtype == np.uint8:
        return videos
    # NumPy does not count bfloat16 among its floating types.
    if not (
        np.issubdtype(videos.dtype, np.floating) or videos.dtype.name == "bfloat16"
    ):
        raise ValueError(
            "videos must be uint8 in 0..255 or floats in [-1, 1], "
            f"but came as {videos.dtype}."
        )
    if videos.dtype.itemsize < 4:
        videos = videos.astype(np.float32)
    _check_range(videos)
    return np.clip(np.round((videos + 1.0) * 127.5), 0, 255).astype(np.uint8)


def make_grid(videos, columns=None, padding=2):
    """Lays several videos side by side, as one.

    The first `columns` videos are the first row, from left to right, and so on.
    Places without a video, in the last row, are white like the padding.

    Args:
        videos: `(n, frames, height, width, channels)`, `uint8` or floats in
            [-1, 1].
        columns: videos in a row. By default the grid is about square.
        padding: white pixels between neighbours; none around the grid.

    Returns:
        One video, `(frames, grid height, grid width, channels)`, `uint8`.

    Raises:
        ValueError: for another rank, an empty axis, more than 4 channels, or
            `columns` or `padding` out of range.
    """
    videos = to_uint8(videos)
    if videos.ndim != 5:
        raise ValueError(
            "videos must have the shape (n, frames, height, width, channels), "
            f"but came with {videos.shape}."
        )
    _check_axes(videos)
    n, frames, height, width, channels = videos.shape
    columns = math.ceil(math.sqrt(n)) if columns is None else columns
    _check_whole_number("columns", columns, minimum=1)
    _check_whole_number("padding", padding, minimum=0)
    rows = math.ceil(n / columns)

    # Each place has its padding below and to the right; the outermost is cut off.
    place = (frames, height + padding, width + padding, channels)
    places = np.full((rows * columns, *place), PADDING_VALUE, np.uint8)
    places[:n, :, :height, :width] = videos
    grid = places.reshape(rows, columns, *place)
    grid = grid.transpose(2, 0, 3, 1, 4, 5)  # (frames, rows, h, columns, w, c)
    grid = grid.reshape(frames, rows * place[1], columns * place[2], channels)
    return grid[:, : grid.shape[1] - padding, : grid.shape[2] - padding]


def write_gif(path, videos, fps=8, columns=None, scale=1):
    """Writes a video, or a grid of several, as a GIF that repeats for ever.

    All frames share one palette and are not dithered, so that nothing flickers
    where nothing moves. Up to 256 colours are kept exactly; of more, the 256 that
    fit the whole video are chosen. Every frame is kept, also one that equals the
    frame before it.

    Args:
        path: the file to write, whose suffix, if it has one, is `.gif`; missing
            folders are made. A file that is there is replaced once the new one is
            whole.
        videos: `(frames, height, width, channels)`, or `(n, frames, height, width,
            channels)` for a grid as `make_grid` lays it; `uint8` or floats in
            [-1, 1]; 1 to 4 channels. Alpha is laid over black.
        fps: frames a second, at most 50. A GIF counts in hundredths of a second:
            each frame ends at the hundredth nearest to its time, so that the whole
            lasts what it should (8 a second are frames of 0.13 and 0.12 s).
        columns: videos in a row of the grid.
        scale: enlarges each pixel to a square of `scale` by `scale`.

    Raises:
        ValueError: for another suffix, videos of another shape, dtype or range,
            `fps` outside (0, 50], or `columns` or `scale` below 1.
    """
    path = _check_suffix(path, ".gif", "write_mp4")
    if not 0 < fps <= GIF_MAX_FPS:
        raise ValueError(
            f"fps must be above 0 and at most {GIF_MAX_FPS} in a GIF, but is {fps}."
        )
    frames = _rgb_frames(videos, columns, scale)
    durations = _durations_in_hundredths(len(frames), fps)
    palette, indices = _quantize(frames)
    with replacing(path) as file, open(file, "wb") as out:
        out.write(_gif_header(frames.shape[2], frames.shape[1], palette))
        for box, picture, duration in zip(
            _changed_boxes(indices), indices, durations, strict=True
        ):
            out.write(_gif_frame(picture, box, duration))
        out.write(b";")


def write_mp4(path, videos, fps=8, columns=None, scale=1):
    """Writes a video, or a grid of several, as an MP4 that browsers play.

    H.264 at a quality near to lossless, or MPEG-4 where the FFmpeg at hand has no
    encoder for H.264. Chroma has half the resolution, so an odd height or width is
    made even by repeating the last row or column.

    Args:
        path: the file to write, whose suffix, if it has one, is `.mp4`; missing
            folders are made. A file that is there is replaced once the new one is
            whole.
        videos: `(frames, height, width, channels)`, or `(n, frames, height, width,
            channels)` for a grid as `make_grid` lays it; `uint8` or floats in
            [-1, 1]; 1 to 4 channels. Alpha is laid over black.
        fps: frames a second.
        columns: videos in a row of the grid.
        scale: enlarges each pixel to a square of `scale` by `scale`.

    Raises:
        ValueError: for another suffix, videos of another shape, dtype or range,
            `fps` not above 0, or `columns` or `scale` below 1.
    """
    import av

    path = _check_suffix(path, ".mp4", "write_gif")
    if not 0 < fps < math.inf:
        raise ValueError(f"fps must be a finite number above 0, but is {fps}.")
    frames = _pad_to_even(_rgb_frames(videos, columns, scale))
    options = {"movflags": "faststart"}  # The index first: plays while it loads.
    with (
        replacing(path) as file,
        av.open(str(file), "w", format="mp4", options=options) as container,
    ):
        stream = _add_stream(container, frames, fps)
        for frame in frames:
            picture = av.VideoFrame.from_ndarray(frame, format="rgb24")
            picture = picture.reformat(
                format="yuv420p",
                dst_colorspace="ITU601",
                dst_color_range=LIMITED_RANGE,
            )
            container.mux(stream.encode(picture))
        container.mux(stream.encode())  # What the encoder still holds.


def _check_suffix(path, suffix, other):
    """`path` as a `Path`; players go by the suffix, so it must tell the truth."""
    path = Path(path).expanduser()
    found = path.suffix.lower()
    if found not in ("", suffix):
        call = f", or call `{other}`" if found in _WRITTEN else ""
        raise ValueError(
            f"path must end in {suffix}, but is {str(path)!r}. "
            f"Give it that suffix{call}."
        )
    return path


def _as_numpy(videos):
    if isinstance(videos, np.ndarray):
        return videos
    # Knows the tensors of every backend, on whatever device.
    from keras import ops

    return np.asarray(ops.convert_to_numpy(videos))


def _check_range(videos):
    if videos.size == 0:
        return
    low, high = videos.min(), videos.max()
    if not np.isfinite(low + high):
        check_finite(videos)
    if low < -1 - RANGE_TOLERANCE or high > 1 + RANGE_TOLERANCE:
        raise ValueError(
            "videos of floats must lie in [-1, 1], "
            f"but came with values from {low} to {high}."
        )


def _check_axes(videos):
    if 0 in videos.shape:
        raise ValueError(f"videos must not be empty, but came with {videos.shape}.")
    if videos.shape[-1] > 4:
        raise ValueError(
            "videos must have 1 to 4 channels on the last axis, "
            f"but came with {videos.shape}."
        )


def _check_whole_number(name, value, minimum):
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise ValueError(f"{name} must be a whole number, but is {value!r}.")
    if value < minimum:
        raise ValueError(f"{name} must be at least {minimum}, but is {value}.")


def _rgb_frames(videos, columns, scale):
    """One video, `(frames, height, width, 3)`, `uint8`, as it is to be seen."""
    _check_whole_number("scale", scale, minimum=1)
    videos = to_uint8(videos)
    if videos.ndim == 5:
        frames = make_grid(videos, columns)
    elif videos.ndim == 4:
        frames = videos
    else:
        raise ValueError(
            "videos must have the shape (frames, height, width, channels) or "
            f"(n, frames, height, width, channels), but came with {videos.shape}."
        )
    _check_axes(frames)
    return _to_rgb(frames).repeat(scale, axis=1).repeat(scale, axis=2)


def _to_rgb(frames):
    channels = frames.shape[-1]
    if channels in (2, 4):
        colour, alpha = frames[..., :-1], frames[..., -1:]
        product = colour.astype(np.uint16) * alpha  # at most 255 * 255
        frames = ((product + 127) // 255).astype(np.uint8)
    if channels in (1, 2):
        frames = frames.repeat(3, axis=-1)
    return frames


def _pad_to_even(frames):
    height, width = frames.shape[1:3]
    return np.pad(
        frames, ((0, 0), (0, height % 2), (0, width % 2), (0, 0)), mode="edge"
    )


def _add_stream(container, frames, fps):
    import av

    codec = next(name for name in ENCODER_OPTIONS if name in av.codecs_available)
    # As 30000/1001, not as the nearest float.
    rate = Fraction(float(fps)).limit_denominator(1001)
    stream = container.add_stream(codec, rate=rate, options=ENCODER_OPTIONS[codec])
    stream.height, stream.width = frames.shape[1:3]
    stream.pix_fmt = "yuv420p"
    stream.codec_context.colorspace = BT601
    stream.codec_context.color_range = LIMITED_RANGE
    return stream


def _durations_in_hundredths(num_frames, fps):
    """Rounds the times at which frames end, so that errors do not add up."""
    ends = [math.floor(100 * (i + 1) / fps + 0.5) for i in range(num_frames)]
    return [end - start for start, end in zip([0, *ends], ends, strict=False)]


def _quantize(frames):
    """`(frames, height, width, 3)` to a palette and indices into it.

    Returns:
        The palette, `(256, 3)`, and `(frames, height, width)`, both `uint8`.
    """
    codes = _colour_codes(frames)
    colours = _few_colours(codes)
    if colours is None:
        return _quantize_many(frames)
    palette = np.zeros((GIF_COLOURS, 3), np.uint8)
    shifts = np.array([16, 8, 0], np.uint32)
    palette[: len(colours)] = (colours[:, None] >> shifts) & 255
    return palette, np.searchsorted(colours, codes).astype(np.uint8)


def _colour_codes(frames):
    """One number a pixel, `(frames, height, width)`: 0xRRGGBB."""
    red, green, blue = np.moveaxis(frames.astype(np.uint32), -1, 0)
    return red << 16 | green << 8 | blue


def _few_colours(codes):
    """The sorted colours of all frames, or None where they are more than 256."""
    colours = np.empty(0, np.uint32)
    for frame in codes:
        colours = np.union1d(colours, frame)
        if len(colours) > GIF_COLOURS:
            return None
    return colours


def _quantize_many(frames):
    from PIL import Image

    # k-means after the median cut is worth 3 dB on grids of camera clips.
    chosen = Image.fromarray(_colour_sample(frames)[None]).quantize(
        GIF_COLOURS, method=Image.Quantize.MEDIANCUT, kmeans=1
    )
    palette = np.zeros(GIF_COLOURS * 3, np.uint8)
    values = chosen.getpalette()
    palette[: len(values)] = values
    indices = [
        Image.fromarray(frame).quantize(palette=chosen, dither=Image.Dither.NONE)
        for frame in frames
    ]
    return palette.reshape(GIF_COLOURS, 3), np.stack([np.asarray(i) for i in indices])


def _colour_sample(frames):
    """The colours that occur, `(entries, 3)`, each as often as its count's root.

    Colours are told apart to 5 bits a channel. By the counts themselves, a large
    background with a little noise takes the whole palette, and a small shape that
    moves before it loses its colour.
    """
    counts, sums = np.zeros(2**15), np.zeros((3, 2**15))
    for frame in frames:
        channels = frame.reshape(-1, 3).T
        red, green, blue = channels.astype(np.int64) >> 3
        cells = red << 10 | green << 5 | blue
        counts += np.bincount(cells, minlength=2**15)
        for total, channel in zip(sums, channels, strict=True):
            total += np.bincount(cells, channel, minlength=2**15)
    seen = counts > 0
    colours = np.round(sums[:, seen] / counts[seen]).T.astype(np.uint8)
    weights = np.sqrt(counts[seen])
    weights *= min(1, PALETTE_SAMPLE / weights.sum())
    return colours.repeat(np.maximum(1, np.round(weights)).astype(int), axis=0)


def _changed_boxes(indices):
    """For each frame, the rectangle that differs from the frame before it.

    Yields (top, bottom, left, right), slices' ends; a frame without a change
    gives one pixel, for a GIF has no frames of none.
    """
    frames, height, width = indices.shape
    yield 0, height, 0, width
    for before, after in zip(indices[:-1], indices[1:], strict=True):
        changed = before != after
        rows = np.flatnonzero(changed.any(axis=1))
        columns = np.flatnonzero(changed.any(axis=0))
        if len(rows) == 0:
            yield 0, 1, 0, 1
        else:
            yield rows[0], rows[-1] + 1, columns[0], columns[-1] + 1


# The file is put together here and not by `Image.save`, which drops a frame that
# equals the one before it: a clip read back would be shorter than it was.


def _gif_header(width, height, palette):
    # 0xF7: all frames share a table of 256 colours.
    screen = struct.pack("<6sHHBBB", b"GIF89a", width, height, 0xF7, 0, 0)
    repeat_for_ever = b"!\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"
    return screen + palette.tobytes() + repeat_for_ever


def _gif_frame(indices, box, hundredths):
    from PIL import GifImagePlugin, Image

    top, bottom, left, right = map(int, box)
    picture = Image.fromarray(indices[top:bottom, left:right])
    return b"".join(
        # Pillow counts in milliseconds.
        GifImagePlugin.getdata(picture, offset=(left, top), duration=hundredths * 10)
    )
