"""From videos to the bytes of a file."""

import io
import tempfile
from pathlib import Path

import numpy as np

from keras_mocogan.serving.generation import Videos
from keras_mocogan.video import write_gif, write_mp4
from keras_mocogan.video.frames import rgb_frames

MEDIA_TYPES = {
    "gif": "image/gif",
    "mp4": "video/mp4",
    "webp": "image/webp",
    "npz": "application/octet-stream",
}
FORMATS = tuple(MEDIA_TYPES)


def encode(videos: Videos, file_format: str, fps: int) -> bytes:
    """A file with all videos: side by side, or as arrays in an NPZ file.

    Args:
        videos: The videos.
        file_format: One of `FORMATS`.
        fps: Frames a second; at most 50 in a GIF.

    Returns:
        The file's bytes. `"npz"` holds `videos`, and `labels` if there are classes.
    """
    if file_format == "npz":
        return _npz(videos)
    # One video is not framed by a grid's margins.
    shown = videos.videos[0] if len(videos.videos) == 1 else videos.videos
    if file_format == "webp":
        return _webp(shown, fps)
    writer = {"gif": write_gif, "mp4": write_mp4}[file_format]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"videos.{file_format}"
        writer(path, shown, fps=fps)
        return path.read_bytes()


def _npz(videos):
    file, arrays = io.BytesIO(), {"videos": videos.videos}
    if videos.labels is not None:
        arrays["labels"] = videos.labels
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def _webp(videos, fps):
    from PIL import Image

    file = io.BytesIO()
    first, *others = map(Image.fromarray, rgb_frames(videos, None, 1))
    # Lossless: WebP's lossy form halves the resolution of colors.
    options = {"save_all": True, "loop": 0, "lossless": True}
    duration = round(1000 / fps)
    first.save(file, "WEBP", append_images=others, duration=duration, **options)
    return file.getvalue()
