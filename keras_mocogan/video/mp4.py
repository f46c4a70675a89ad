"""Writing videos as MP4."""

import math
import os
from fractions import Fraction
from typing import Any

import numpy as np

from keras_mocogan.utils.files import replacing
from keras_mocogan.video.frames import check_suffix, rgb_frames

# Almost lossless to the eye. MPEG-4 has no constant quality, only a bounded quantizer.
ENCODER_OPTIONS = {"libx264": {"crf": "18"}, "mpeg4": {"qmin": "2", "qmax": "4"}}


# ITU-R BT.601 in FFmpeg's numbering (SMPTE 170M), which readers assume for a small
# picture that does not say; and the limited range, "MPEG".
BT601, LIMITED_RANGE = 6, 1


def write_mp4(
    path: str | os.PathLike[str],
    videos: Any,
    fps: float = 8,
    columns: int | None = None,
    scale: int = 1,
) -> None:
    """Writes a video, or a grid of several, as an MP4 that browsers play.

    The codec is H.264 at almost lossless quality, or MPEG-4 if this FFmpeg has no
    encoder for H.264. Chroma has half the resolution, so an odd height or width is
    made even by repeating the last row or column.

    Args:
        path: the file to write, or its URL; the suffix, if it has one, is `.mp4`.
            Missing folders are made. An existing file is replaced once the new one is
            complete.
        videos: `(frames, height, width, channels)`, or `(n, frames, height, width,
            channels)` for a grid as `make_grid` lays it out; `uint8` or floats in
            [-1, 1]; 1 to 4 channels. Alpha is laid over black.
        fps: frames a second.
        columns: videos in a row of the grid.
        scale: enlarges each pixel to a square of `scale` by `scale`.

    Raises:
        ValueError: for another suffix, videos of another shape, dtype or range,
            `fps` not above 0, or `columns` or `scale` below 1.

    Example:

    ```python
    videos, _ = km.data.shape_motion(4, image_size=32)
    km.video.write_mp4("shapes.mp4", videos, fps=8, scale=2)
    ```
    """
    import av

    path = check_suffix(path, ".mp4", "write_gif")
    if not 0 < fps < math.inf:
        raise ValueError(f"`fps` must be a finite number above 0. Received: fps={fps}.")
    frames = _pad_to_even(rgb_frames(videos, columns, scale))
    options = {"movflags": "faststart"}  # index first: it plays while it loads
    with (
        replacing(path) as file,
        # The prefix keeps FFmpeg from taking a name such as "a:b.mp4" for a URL.
        av.open(f"file:{file}", "w", format="mp4", options=options) as container,
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
        container.mux(stream.encode())  # what the encoder still holds


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
