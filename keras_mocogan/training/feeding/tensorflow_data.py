"""`tf.data` on its way into `fit`: checks its spec, then each batch as it passes."""

from collections.abc import Callable, Iterator
from typing import Any

from keras_mocogan.backend.tensorflow_beside import reading_tensorflow
from keras_mocogan.data.pipeline.telling_dataset import messages_of
from keras_mocogan.training import inputs

tf = reading_tensorflow()


def checked(data: Any, check: Any) -> Any:
    """A data set of the same batches, checked as they pass, with known shapes.

    Args:
        data: A `tf.data.Dataset`. Data that a strategy has already distributed is
            returned as it is: nothing can be appended to it.
        check: Its `BatchCheck`.

    Raises:
        ValueError: If the data set's spec shows that its batches do not fit.
    """
    if not isinstance(data, tf.data.Dataset):
        return data
    check.messages = messages_of(data)
    with check.noting():
        videos, labels = _check_spec(data.element_spec, check)
    is_open = videos.shape.rank is None or None in videos.shape[1:]
    is_float = videos.dtype.is_floating
    if not (is_open or is_float or (labels is not None and check.with_labels)):
        return data
    if is_float:
        numbered = data.enumerate()
        return numbered.map(lambda i, batch: _check_batch(batch, check, i == 0))
    return data.map(lambda *batch: _check_batch(_one(batch), check))


def _check_spec(batch, check):
    spec = check.spec
    videos, labels = check.unpack(batch)
    inputs.check_dense(videos, spec)
    is_open = videos.shape.rank is None
    spec.check_videos(spec.shape if is_open else videos.shape, videos.dtype.name)
    if labels is not None and check.with_labels:
        inputs.check_dense(labels, spec)
        is_open = labels.shape.rank is None
        spec.check_labels((None,) if is_open else labels.shape, labels.dtype.name)
    return videos, labels


def _one(parts):
    # `map` unpacks tuples.
    return parts if len(parts) > 1 else parts[0]


def _check_batch(batch, check, is_primary=False):
    """The batch, if it fits; checked in TensorFlow, because calling Python is slow."""
    videos, labels = check.unpack(batch)
    fits = _videos_fit(videos, check.spec)
    if videos.dtype.is_floating:
        fits &= tf.cond(is_primary, lambda: _is_in_range(videos), lambda: True)
    parts = (videos,)
    if labels is not None and check.with_labels:
        fits &= _labels_fit(labels, videos, check.spec)
        parts = (videos, labels)

    def refuse():
        # Finds the same in NumPy and raises it; or warns, and lets the batch pass.
        return tf.numpy_function(
            lambda *parts: check(parts, is_primary=True) is not None, parts, tf.bool
        )

    with tf.control_dependencies([tf.cond(fits, lambda: True, refuse)]):
        videos = tf.identity(videos)
    videos = tf.ensure_shape(videos, check.spec.shape)
    if labels is None:
        return videos
    return videos, tf.ensure_shape(labels, (None,)) if check.with_labels else labels


def _videos_fit(videos, spec):
    shape = tf.shape(videos)

    def sizes_fit():
        sizes = tf.reduce_all(shape[2:] == spec.shape[2:])
        return sizes & (shape[0] > 0) & (shape[1] >= spec.clip_frames)

    return tf.cond(tf.rank(videos) == 5, sizes_fit, lambda: False)


def _is_in_range(videos):
    # False for NaN, and for values from 0 on, which need a warning.
    low, high = tf.reduce_min(videos), tf.reduce_max(videos)
    return (low >= -1.001) & (low < 0) & (high <= 1.001)


def _labels_fit(labels, videos, spec):
    labels = tf.cast(labels, tf.int64)
    return (
        (tf.rank(labels) == 1)
        & (tf.size(labels) == tf.shape(videos)[0])
        & tf.reduce_all((labels >= 0) & (labels < spec.num_classes))
    )


def open_spec(
    batch: tuple[Any, ...], spec: inputs.ClipSpec
) -> "tuple[tf.TensorSpec, ...]":
    """The spec of batches like this one, with any number of clips and frames."""
    videos, *labels = (tf.as_dtype(inputs.dtype_name(part)) for part in batch)
    return (
        tf.TensorSpec(spec.shape, videos),
        *(tf.TensorSpec((None,), dtype) for dtype in labels),
    )


def from_batches(iterate: Callable[[], Iterator[Any]], spec: Any) -> "tf.data.Dataset":
    """A data set of what `iterate()` yields."""
    data = tf.data.Dataset.from_generator(iterate, output_signature=spec)
    return data.prefetch(tf.data.AUTOTUNE)
