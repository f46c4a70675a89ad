"""`video_dataset`: batches of clips from files or arrays."""

import numbers
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from keras_mocogan.checks import check_choice, check_integer
from keras_mocogan.data.pipeline.engines import ENGINES, make_dataset
from keras_mocogan.data.resize_modes import check_resize
from keras_mocogan.utils.image_sizes import check_image_size, sides

if TYPE_CHECKING:
    import tensorflow as tf

    from keras_mocogan.data.pipeline.python_engine import PythonDataset


def video_dataset(
    source: str | os.PathLike[str] | Sequence[Any] | npt.ArrayLike,
    image_size: int | tuple[int, int] = 64,
    clip_frames: int = 16,
    frame_stride: int = 1,
    fps: float | None = None,
    batch_size: int = 8,
    labels: str | npt.ArrayLike | None = "folders",
    indices: npt.ArrayLike | None = None,
    channels: int = 3,
    resize: str = "crop",
    fill_value: int = 0,
    layout: str = "auto",
    shuffle: bool = True,
    horizontal_flip: bool = False,
    reverse: bool = False,
    random_crop: float = 1.0,
    cache: str | os.PathLike[str] | None = None,
    deterministic: bool = True,
    seed: int = 0,
    repeat: bool = False,
    first_step: int = 0,
    shard: tuple[int, int] = (0, 1),
    on_error: str = "skip",
    engine: str = "auto",
) -> "tf.data.Dataset | PythonDataset":
    """Makes a data set of video clips from files or from an array.

    **Sources.** A folder may hold, as clips,

    - strips of frames: images whose square frames lie in a row or in a column;
    - video files, whatever FFmpeg reads, and animated GIF, WebP and PNG;
    - folders of numbered frames: each folder a clip, its images sorted by number;
    - shards of records, which `write_records` makes from any of the others, and which
      are read many times faster than video files.

    All except records lie in the folder itself or in class folders: `CLASS/CLIP.png`,
    `CLASS/CLIP.mp4`, `CLASS/CLIP/001.png`. Class folders are numbered from 0 in
    alphabetical order. Other files, hidden files, and folders without images or videos
    are ignored. The suffix decides which files are opened; the content decides what
    they are, so a PNG named `.jpg` is read. Pictures and videos are turned upright
    according to their metadata.

    An image is a strip if its long side is a whole multiple of its short side and at
    least three times as long; otherwise it is a single frame. If the files are strips,
    videos or animations, each file is a clip; if they are single frames, each folder is
    a clip. 15 files, spread over all of them, are opened, and two thirds must agree.
    `layout` overrides this rule.

    Instead of a folder you can give a list of paths, or a pattern such as
    `"clips/*.gif"`. Each path is a clip, a file or a folder of frames, in the order of
    the list or of the matching names. The folders that the clips lie in are their
    classes, if there are several.

    **Order.** Batch `s` starts at position `s * batch_size`, and every `num_clips`
    positions are one pass over the data. Order and windows depend only on `seed` and
    the position, so a stream can continue from anywhere.

    **Failures.** One warning names the clips that cannot be opened, another counts
    those that are too short; `skipped` has both. A clip that fails later, while it is
    decoded, is named once and replaced by the next one in the sorted order, which
    depends only on the files. If there are more than 2,000 files, none is opened at the
    start, and all failures are of the second kind; records know their lengths. If
    storage does not answer for a minute, the run stops with a `ConnectionError`.

    **Damage.** Frames that cannot be decoded, and frames of a video that are made from
    them, are left out, and a warning says once how many frames of the clip remain.
    Windows are cut where all frames are undamaged; a cache or records keep the frames
    that remain. A clip is skipped only if no window is left.

    **Engines.** `tf.data` or threads of Python read the clips, and both give the same
    batches. TensorFlow need not be installed.

    **Augmentation.** A flip or a reversal changes what a clip shows: walking to the
    left becomes walking to the right. Leave it off if a class says which way it goes.

    Args:
        source: Path of a folder or of one file, a list of paths, a pattern such as
            `"records/*.tfrecord"`, or a URL such as `"s3://bucket/clips"` (which
            needs `keras-mocogan[remote]`); or a `uint8` array of shape
            `(clips, frames, height, width, channels)`; or a tuple of such an array,
            or of a list of paths, and its labels.
        image_size: int or (height, width) of the frames in pixels.
        clip_frames: Frames in a window.
        frame_stride: Distance in the clip between two frames of a window: 2 takes every
            second frame. A clip needs `(clip_frames - 1) * frame_stride + 1` frames.
        fps: Frames a second that videos and animations are brought to before windows
            are cut, by leaving frames out or repeating them; `None` takes the frames as
            they come, whatever their rate.
        batch_size: Clips in a batch. All batches are full.
        labels: `"folders"` gives the numbers of the class folders, or the labels that
            come with an array, and only videos if there are none; `None` gives only
            videos; a sequence of integers is used as it is, one for each clip in the
            order of `clip_names`, unreadable and short ones included.
        indices: Numbers of the clips to use, such as one part of a split, counted in
            the order of `clip_names`; `None` uses all.
        channels: 1 gray, 2 gray and alpha, 3 RGB, 4 RGBA. If alpha is not kept,
            transparent pixels become black.
        resize: `"crop"` keeps the largest centered part that has the aspect of
            `image_size`; `"squash"` keeps the whole frame and changes its aspect;
            `"pad"` keeps the whole frame and its aspect, in the middle between two
            borders. All are antialiased.
        fill_value: What every channel is in the borders of `"pad"`, 0 to 255: 0 is
            black, and transparent where alpha is kept.
        layout: `"files"`: each file is a clip; `"frames"`: each folder of images is
            a clip; `"auto"` finds out.
        shuffle: Whether each pass over the data has a new order, with a new random
            window of each clip. Otherwise clips come in sorted order, and windows lie
            in the middle of the clip.
        horizontal_flip: Whether to mirror half of the clips.
        reverse: Whether to play half of the clips backwards.
        random_crop: Smallest part of the sides to keep, such as 0.8: a random part
            from there to 1, at a random place, is resized. 1 keeps the whole sides.
            With `"pad"` the borders stay as they are.
        cache: `"memory"`, or the path of a folder: at first use, whole clips are
            decoded, resized and kept there. `None` decodes each window when it is
            needed.
        deterministic: `False` lets other clips overtake a slow one, which gives up the
            order for some speed.
        seed: Integer from 0 to 2**31 - 1.
        repeat: `False` gives one pass, without the clips that do not fill a batch; each
            iteration over the data set is the next pass. `True` gives an endless
            stream, whose batches may span two passes.
        first_step: Batches to leave out at the start, because the model has seen them.
            With `repeat=False` a multiple of `steps_per_epoch`.
        shard: `(index, count)`: part `index` of `count` equal parts of every batch,
            for one of several processes that train one model. Only that part is read;
            the parts together, in this order, are what `(0, 1)` gives. With
            `keras.distribution.DataParallel(auto_shard_dataset=False)`, pass
            `keras_mocogan.processes.shard()`.
        on_error: `"skip"` skips unreadable clips as described above; `"raise"` stops at
            the first one and names it.
        engine: `"tf"` gives a `tf.data.Dataset`, whose batches are tensors. `"python"`
            gives an iterable whose batches are NumPy arrays; `fit` takes it on every
            backend. `"auto"` is `"tf"` where TensorFlow can be imported.

    Returns:
        A data set of `uint8` videos of shape `(rows, clip_frames, height, width,
        channels)`, `rows` being `batch_size` or the shard's part of it, or of tuples
        `(videos, labels)` with `int32` labels of shape `(rows,)`. It has an
        `element_spec` and the attributes `clip_names` (what messages call the clips, in
        the order that `indices` counts), `class_names` (list of the class folders'
        names; `None` without any, or if `labels` is a sequence), `num_classes` (0
        without labels), `num_clips` (clips in use), `steps_per_epoch` (full batches in
        one pass, at least 1), `skipped` (a dictionary of the clips skipped so far, from
        name to reason) and `clips_fingerprint` (a function; it returns a text that
        changes with the files, or with arguments that decide which clips the batches
        show, or how; labels do not count). What `take`, `map` and the like of a
        `tf.data.Dataset` return has them too, except the two that depend on batches,
        `steps_per_epoch` and `clips_fingerprint`.

    Raises:
        FileNotFoundError: If the path does not exist.
        ValueError: If an argument is out of its range, the source holds no video or
            cannot be recognized, no clip is long enough, labels do not fit, TensorFlow
            is asked for and cannot be imported, or there are fewer clips than
            `batch_size` without `repeat`. With `on_error="raise"` also if a clip cannot
            be opened, or while it is decoded: the iteration then stops with its name
            (with the engine `"tf"` in an error that is a `tf.errors.OpError` too).

    Example:

    ```python
    videos, labels = km.data.shape_motion(8, image_size=32)
    dataset = km.data.video_dataset((videos, labels), image_size=32, batch_size=4)
    clips, classes = next(iter(dataset))  # (4, 16, 32, 32, 3), (4,)
    ```
    """
    image_size = check_image_size(image_size)
    clip_frames = check_integer("clip_frames", clip_frames, 1)
    frame_stride = check_integer("frame_stride", frame_stride, 1)
    batch_size = check_integer("batch_size", batch_size, 1)
    seed = check_integer("seed", seed, 0, 2**31 - 1)
    first_step = check_integer("first_step", first_step, 0)
    check_choice("channels", channels, (1, 2, 3, 4))
    fill_value = check_resize(resize, fill_value)
    check_choice("layout", layout, ("auto", "files", "frames"))
    check_choice("on_error", on_error, ("skip", "raise"))
    _check_crop(random_crop, cache)
    check_choice("engine", engine, ENGINES)

    # Loaded here, because importing the package must not load TensorFlow, Pillow or
    # PyAV.
    from keras_mocogan.data.frames.skipped import Skipped
    from keras_mocogan.data.opening import choose_labels, open_source
    from keras_mocogan.data.pipeline.about import About
    from keras_mocogan.data.pipeline.clip_reader import ClipReader
    from keras_mocogan.data.pipeline.fingerprint import Fingerprint
    from keras_mocogan.data.pipeline.order import Order
    from keras_mocogan.data.pipeline.schedule import Schedule, check_shard
    from keras_mocogan.data.pipeline.selection import usable_clips
    from keras_mocogan.data.pipeline.windows import WindowReader
    from keras_mocogan.data.readers.cache import CachedSource

    shard = check_shard(shard, batch_size)
    skipped = Skipped(on_error)
    source = open_source(source, layout, channels, fps, skipped)
    labels, class_names = choose_labels(labels, source)
    clips = usable_clips(source, indices, clip_frames, frame_stride, skipped)
    frame = {"image_size": image_size, "channels": channels, "resize": resize}
    frame["fill_value"] = fill_value
    fingerprint = Fingerprint(
        source,
        clips,
        {
            **frame,
            "image_size": sides(image_size),
            "windows": (clip_frames, frame_stride, shuffle, seed),
            "changes": (horizontal_flip, reverse, random_crop),
            "batches": (batch_size, repeat, first_step, shard),
        },
    )
    if cache is not None:
        source = CachedSource(source, cache, **frame)
    windows = WindowReader(
        source,
        clips,
        skipped,
        clip_frames=clip_frames,
        frame_stride=frame_stride,
        random=shuffle,
        random_crop=random_crop,
        **frame,
    )
    order = Order(len(clips), seed, shuffle)
    about = About(
        clip_names=source.names,
        class_names=class_names,
        num_classes=_count_classes(labels, class_names),
        num_clips=len(clips),
        steps_per_epoch=max(1, len(clips) // batch_size),
        skipped=skipped,
        clips_fingerprint=fingerprint,
    )
    return make_dataset(
        engine,
        ClipReader(order, windows, labels, horizontal_flip, reverse),
        Schedule(len(clips), batch_size, repeat, first_step, shard),
        about,
        deterministic,
    )


def _check_crop(random_crop, cache):
    if not (isinstance(random_crop, numbers.Real) and 0 < random_crop <= 1):
        raise ValueError(
            "`random_crop` must be above 0 and at most 1: it is the smallest part of a "
            f"frame's side to keep. Received: random_crop={random_crop!r}."
        )
    if random_crop < 1 and cache is not None:
        raise ValueError(
            "`cache` must be None if `random_crop` is below 1: it keeps frames "
            "resized, but random crops need them at full size. Received: "
            f"cache={cache!r}, random_crop={random_crop!r}. Pass one of the two."
        )


def _count_classes(labels, class_names):
    if labels is None:
        return 0
    # Even a class whose last clip was too short keeps its number.
    return max(int(labels.max()) + 1, len(class_names or ()))
