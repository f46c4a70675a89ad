"""`video_dataset`: clips from files or arrays as a `tf.data.Dataset`."""

import logging
import os

import numpy as np

from keras_mocogan.data.checks import check_choice, check_integer

_logger = logging.getLogger("keras_mocogan")


def video_dataset(
    source,
    image_size=64,
    clip_frames=16,
    every_nth=1,
    batch_size=8,
    labels="folders",
    channels=3,
    resize="crop",
    layout="auto",
    shuffle=True,
    seed=0,
    repeat=False,
    first_step=0,
    on_error="skip",
):
    """Makes a `tf.data.Dataset` of video clips from files or from an array.

    **Sources.** A folder may hold, as clips,

    - strips of frames: images whose square frames lie in a row or in a column;
    - video files, whatever FFmpeg reads, and animated GIF, WebP and PNG;
    - folders of numbered frames: each folder a clip, its images sorted by number.

    They lie in the folder itself, or in class folders: `CLASS/CLIP.png`,
    `CLASS/CLIP.mp4`, `CLASS/CLIP/001.png`. Class folders are numbered from 0 in the
    order of their names. Other files, hidden ones, and folders without any image or
    video are passed over. Suffixes decide which files are looked at; the content
    decides what they are, so a PNG named `.jpg` is read.

    An image is a strip if its long side is a whole multiple of its short one and at
    least three times as long, and a single frame else. If images are strips, videos
    or animations, each file is a clip; if they are single frames, each folder is one.
    15 files spread over all of them are looked at, and two thirds must agree.
    `layout` overrides that rule.

    **Order.** Batch `s` holds the clips at the positions `s * batch_size` and on. Each
    `num_clips` positions are one pass over the data. Order and windows are functions
    of `seed` and the position alone, so a stream may be taken up anywhere.

    **Failures.** Clips that cannot be opened are named in a warning, those that are
    too short are counted in another. A clip that fails later, while it is decoded, is
    named once and replaced by the next one in the sorted order, which depends on
    nothing but the files.

    Args:
        source: Path of a folder or of one file; or `uint8` array of shape
            `(clips, frames, height, width, channels)`; or a tuple of such an array
            and its labels.
        image_size: Height and width of the frames in pixels.
        clip_frames: Frames in a window.
        every_nth: Distance in the clip of two frames of a window: 2 takes every second
            frame. A clip needs `(clip_frames - 1) * every_nth + 1` frames.
        batch_size: Clips in a batch. All batches are full.
        labels: `"folders"` gives the numbers of the class folders, or the labels that
            come with an array, and videos alone where there are none; `None` gives
            videos alone; a sequence of integers gives its own, one for each clip in
            the sorted order of the paths, unreadable and short ones included.
        channels: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA. Where alpha is not kept,
            transparent pixels become black.
        resize: `"crop"` keeps the largest square about the centre; `"squash"` keeps
            all and changes the aspect. Both are antialiased.
        layout: `"files"`, each file is a clip; `"frames"`, each folder of images is
            one; `"auto"` finds out.
        shuffle: Whether each pass over the data has a new order and each clip a new
            random window in it. Otherwise clips come in sorted order, and windows lie
            in the middle of the clip.
        seed: Integer from 0 to 2**31 - 1.
        repeat: `False` gives one pass, without the clips that fill no batch; each
            iteration over the data set is the next pass. `True` gives an endless
            stream, whose batches may span two passes.
        first_step: Batches to leave out at the start: what was trained on already.
            With `repeat=False` a multiple of `steps_per_epoch`.
        on_error: `"skip"` passes over unreadable clips as told above; `"raise"` stops
            with the first one's name.

    Returns:
        A `tf.data.Dataset` of `uint8` videos of shape
        `(batch_size, clip_frames, image_size, image_size, channels)`, or of tuples
        `(videos, labels)` with `int32` labels of shape `(batch_size,)`. It has the
        attributes `class_names` (list of the class folders' names, or `None`),
        `num_classes` (0 without labels), `num_clips` (clips in use) and
        `steps_per_epoch` (full batches in one pass, at least 1).

    Raises:
        FileNotFoundError: If the path does not exist.
        ValueError: If an argument is out of its range, the source holds no video or
            cannot be recognised, no clip is long enough, labels do not fit, or there
            are fewer clips than `batch_size` without `repeat`. With
            `on_error="raise"` also if a clip cannot be opened; one that fails while
            it is decoded stops the iteration with a `tf.errors.OpError` that holds
            its name.
    """
    image_size = check_integer("image_size", image_size, 1)
    clip_frames = check_integer("clip_frames", clip_frames, 1)
    every_nth = check_integer("every_nth", every_nth, 1)
    batch_size = check_integer("batch_size", batch_size, 1)
    seed = check_integer("seed", seed, 0, 2**31 - 1)
    first_step = check_integer("first_step", first_step, 0)
    check_choice("channels", channels, (1, 2, 3, 4))
    check_choice("resize", resize, ("crop", "squash"))
    check_choice("layout", layout, ("auto", "files", "frames"))
    check_choice("on_error", on_error, ("skip", "raise"))

    # Loaded here, for nothing else in this package needs TensorFlow, Pillow or PyAV.
    import tensorflow as tf

    from keras_mocogan.data.windows import WindowReader

    source = _open_source(source, layout, channels)
    labels = _choose_labels(labels, source)
    clips = _usable_clips(source, clip_frames, every_nth, on_error)
    reader = WindowReader(
        source,
        clips,
        clip_frames=clip_frames,
        every_nth=every_nth,
        image_size=image_size,
        channels=channels,
        resize=resize,
        on_error=on_error,
        random=shuffle,
    )
    positions = _positions(len(clips), batch_size, repeat, first_step)
    dataset = _read_clips(positions, reader, len(clips), seed, shuffle, labels)
    dataset = dataset.batch(batch_size, drop_remainder=True)
    steps_per_epoch = len(clips) // batch_size
    if not repeat:
        # Keras shows the number of steps.
        dataset = dataset.apply(
            tf.data.experimental.assert_cardinality(steps_per_epoch)
        )
    dataset = dataset.prefetch(tf.data.AUTOTUNE)
    dataset.class_names = source.class_names
    dataset.num_classes = _count_classes(labels, source.class_names)
    dataset.num_clips = len(clips)
    dataset.steps_per_epoch = max(1, steps_per_epoch)
    return dataset


def _open_source(source, layout, channels):
    from keras_mocogan.data.sources import ArraySource, FileSource

    if isinstance(source, (str, os.PathLike)):
        return FileSource(source, layout, channels)
    labels = None
    if isinstance(source, tuple):
        if len(source) != 2:
            raise ValueError(
                "A tuple as the source must be `(videos, labels)`, received "
                f"{len(source)} elements."
            )
        source, labels = source
    source = ArraySource(np.asarray(source), channels)
    if labels is not None:
        source.labels = _check_labels(labels, len(source.names))
    return source


def _choose_labels(labels, source):
    """`int32` array of one label a clip of the source, or `None`."""
    if labels is None:
        return None
    if not isinstance(labels, str):
        return _check_labels(labels, len(source.names))
    if labels != "folders":
        raise ValueError(
            '`labels` must be "folders", None or a sequence of one integer for each '
            f"clip; received {labels!r}."
        )
    return None if source.labels is None else np.asarray(source.labels, np.int32)


def _count_classes(labels, class_names):
    if labels is None:
        return 0
    # A class may have lost its last clip as too short: its number stands all the same.
    return max(int(labels.max()) + 1, len(class_names or ()))


def _check_labels(labels, num_clips):
    labels = np.asarray(labels)
    if labels.shape != (num_clips,):
        raise ValueError(
            f"Labels must be one integer for each of the {num_clips} clips, received "
            f"shape {labels.shape}."
        )
    if labels.dtype.kind not in "iu":
        raise ValueError(f"Labels must be integers, received dtype {labels.dtype}.")
    if labels.min() < 0:
        raise ValueError(f"Labels count from 0, received {labels.min()}.")
    return labels.astype(np.int32)


def _usable_clips(source, clip_frames, every_nth, on_error):
    """Numbers of the clips that are long enough; tells of the others."""
    readable = np.ones(len(source.names), bool)
    readable[list(source.failures)] = False
    if source.failures:
        _tell_of_unreadable(source, on_error)
    if not readable.any():
        raise ValueError(
            f"None of the {len(readable)} clips can be read, such as "
            f"{source.names[0]}; the warning before says why."
        )
    needed = (clip_frames - 1) * every_nth + 1
    wanted = f"clip_frames={clip_frames} with every_nth={every_nth} takes {needed}"
    long_enough = readable & (source.num_frames >= needed)
    if not long_enough.any():
        lengths = source.num_frames[readable]
        raise ValueError(
            f"No clip is long enough: {wanted} frames, and the {len(lengths)} clips "
            f"have {lengths.min()} to {lengths.max()}. Lower one of the two."
        )
    short = np.flatnonzero(readable & ~long_enough)
    if len(short):
        _logger.warning(
            "Skipped %d of %d clips that are too short, such as %s: %s frames.",
            len(short),
            len(readable),
            source.names[short[0]],
            wanted,
        )
    return np.flatnonzero(long_enough)


def _tell_of_unreadable(source, on_error):
    from keras_mocogan.data.windows import describe

    failures = [
        f"{source.names[clip]}: {describe(error)}"
        for clip, error in source.failures.items()
    ]
    if on_error == "raise":
        raise ValueError(f"Cannot read {failures[0]}")
    _logger.warning(
        "Skipped %d of %d clips that cannot be read:\n  %s",
        len(failures),
        len(source.names),
        "\n  ".join(failures),
    )


def _positions(num_clips, batch_size, repeat, first_step):
    """Data set of the positions to read, from that of batch `first_step` on."""
    from keras_mocogan.data import order

    if repeat:
        return order.endless_positions(first_step * batch_size)
    steps = num_clips // batch_size
    if not steps:
        raise ValueError(
            f"{num_clips} clips do not fill one batch of batch_size={batch_size}. "
            "Lower batch_size, or pass repeat=True for an endless data set."
        )
    if first_step % steps:
        raise ValueError(
            "With repeat=False `first_step` must be a multiple of the "
            f"{steps} steps of an epoch, received {first_step}. Pass repeat=True to "
            "start in the middle."
        )
    return order.positions_of_one_pass(
        first_step // steps, num_clips, steps * batch_size
    )


def _read_clips(positions, reader, num_clips, seed, shuffle, labels):
    """Data set of `(video, label)`, or of videos where `labels` is `None`."""
    import tensorflow as tf

    from keras_mocogan.data.order import choose_clip

    def read(number, draw):
        video, clip = reader.read(number, draw)
        return video, np.int32(0) if labels is None else labels[clip]

    def load(position):
        # Decoding is a function of its arguments, hence not stateful.
        video, label = tf.numpy_function(
            read,
            choose_clip(position, num_clips, seed, shuffle),
            [tf.uint8, tf.int32],
            stateful=False,
        )
        video = tf.ensure_shape(video, reader.shape)
        label = tf.ensure_shape(label, [])
        return video if labels is None else (video, label)

    return positions.map(load, num_parallel_calls=tf.data.AUTOTUNE)
