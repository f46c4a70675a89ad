"""`write_records`: any source as a folder of TFRecord shards."""

import itertools
import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy.typing as npt

from keras_mocogan.checks import check_choice, check_integer
from keras_mocogan.data.resize_modes import check_resize
from keras_mocogan.utils.image_sizes import check_image_size, sides
from keras_mocogan.utils.remote.remote_path import as_path, is_url


def write_records(
    source: str | os.PathLike[str] | Sequence[Any] | npt.ArrayLike,
    folder: str | os.PathLike[str],
    image_size: int | tuple[int, int] = 64,
    channels: int = 3,
    resize: str = "crop",
    fill_value: int = 0,
    fps: float | None = None,
    layout: str = "auto",
    image_format: str = "jpeg",
    quality: int = 95,
    clips_per_shard: int = 256,
    seed: int = 0,
    workers: int = 1,
    on_error: str = "skip",
    on_progress: Callable[[int, int], object] | None = None,
) -> int:
    """Decodes and resizes every clip once, and writes them to TFRecord shards.

    `video_dataset` reads the folder many times faster than video files. Clips are
    shuffled over the shards. A run that was interrupted, at any moment, goes on when it
    is started again with the same arguments, and ends with the same bytes: finished
    shards are kept, and unfinished ones have another name.

    Args:
        source, channels, resize, fill_value, fps, layout: As for `video_dataset`.
        folder: Where to write, a path or a URL; made if necessary.
        image_size: int or (height, width) of the frames in pixels.
        image_format: `"jpeg"`, which is small (1 or 3 channels; a smooth picture keeps
            38 dB at quality 95), or `"raw"`, which is exact.
        quality: JPEG quality, 1 to 95.
        clips_per_shard: Clips in a shard.
        seed: Fixes the order of the clips; a non-negative integer.
        workers: Processes that read and write in parallel.
        on_error: `"skip"` names clips that cannot be read in a warning; `"raise"`
            stops at the first one and names it, and tries it again when it is
            restarted.
        on_progress: Called after every shard with two numbers: shards done, and all
            shards.

    Returns:
        Number of clips written.

    Raises:
        FileNotFoundError: If the source does not exist.
        ValueError: If an argument does not fit, no clip can be read, or the folder
            holds records of other clips or made with other arguments. Files are told
            apart by their names, arrays by their content.
        ConnectionError: If storage does not answer for a minute. A restart goes on.

    Example:

    ```python
    videos, labels = km.data.shape_motion(8, image_size=32)
    km.data.write_records((videos, labels), "records", image_size=32)
    dataset = km.data.video_dataset("records", image_size=32, batch_size=4)
    ```
    """
    height, width = sides(check_image_size(image_size))
    clips_per_shard = check_integer("clips_per_shard", clips_per_shard, 1)
    quality = check_integer("quality", quality, 1, 95)
    seed = check_integer("seed", seed, 0)
    workers = check_integer("workers", workers, 1)
    check_choice("channels", channels, (1, 2, 3, 4))
    fill_value = check_resize(resize, fill_value)
    check_choice("layout", layout, ("auto", "files", "frames"))
    check_choice("image_format", image_format, ("jpeg", "raw"))
    check_choice("on_error", on_error, ("skip", "raise"))
    if image_format == "jpeg" and channels not in (1, 3):
        raise ValueError(
            "`channels` must be 1 or 3 with image_format='jpeg': JPEG has no alpha. "
            f"Received: channels={channels}. Use image_format='raw'."
        )

    # Loaded here: they need Pillow and PyAV, which importing the package must not load.
    from keras_mocogan.data.frames.skipped import Skipped
    from keras_mocogan.data.opening import open_source
    from keras_mocogan.data.records.record_writer import write_shards

    skipped, done = Skipped(on_error), itertools.count(1)
    folder = as_path(folder)
    _check_elsewhere(folder, source)
    source = open_source(source, layout, channels, fps, skipped)
    settings = {
        # A number where one is enough, as in the records of earlier versions.
        "image_size": height if height == width else (height, width),
        "channels": int(channels),
        "resize": resize,
        # JSON knows no numbers of NumPy.
        "fps": fps if fps is None or isinstance(fps, int) else float(fps),
        "format": image_format,
        "quality": quality if image_format == "jpeg" else None,
        "class_names": _class_names(source),
    }
    if resize == "pad":  # as records were before there were borders, otherwise
        settings["fill_value"] = fill_value

    def on_shard(sidecar, num_shards):
        for name, reason in sidecar["failures"].items():
            skipped.add(name, reason)
        if on_progress is not None:
            on_progress(next(done), num_shards)

    return write_shards(
        source,
        folder,
        settings,
        clips_per_shard,
        seed,
        workers,
        on_error == "raise",
        on_shard,
    )


def _check_elsewhere(folder, source):
    """Raises `ValueError` if a run that was interrupted could not find its clips."""
    if not isinstance(source, (str, bytes, os.PathLike)):
        return
    source = as_path(os.fsdecode(source))
    if source == folder or _resolved(source) == _resolved(folder):
        raise ValueError(
            "`folder` must be another folder than `source`: once there are records in "
            f"it, its clips are no longer found. Received: folder={str(folder)!r}, "
            f"source={str(source)!r}. Choose another folder; one inside it will do."
        )


def _resolved(path):
    return path if is_url(path) else path.resolve()


def _class_names(source):
    if source.labels is None:
        return None
    if source.class_names is not None:
        return list(source.class_names)
    return [str(number) for number in range(int(max(source.labels)) + 1)]
