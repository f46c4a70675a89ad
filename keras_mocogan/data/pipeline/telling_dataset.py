"""A `tf.data.Dataset` that describes its clips, and raises errors in plain words."""

import functools
import inspect

import tensorflow as tf

# All other attributes are of the clips; these are of the batches.
_OF_BATCHES = ("steps_per_epoch", "clips_fingerprint")


def tell(dataset, about):
    """Gives a data set its attributes, and errors that begin with the file's name.

    Args:
        dataset: A `tf.data.Dataset`.
        about: `About` its clips.

    Returns:
        The same data set.
    """
    dataset = _make_telling(dataset, about)
    for name in _OF_BATCHES:
        setattr(dataset, name, getattr(about, name))
    return dataset


def messages_of(dataset):
    """List of the messages with which the reading ended, which grows with them.

    Args:
        dataset: Any `tf.data.Dataset`; the list of one that does not tell stays empty.
    """
    about = getattr(dataset, "_about", None)
    return [] if about is None else about.skipped.stopped_by


# TensorFlow constructs its data sets itself, and others from them, so they cannot be
# constructed from a class of ours. Instead, a finished data set becomes an instance of
# a subclass of its own class.


def _make_telling(dataset, about):
    """Changes the class of a data set, and of all that will be made from it."""
    if not hasattr(dataset, "_about"):
        dataset.__class__ = _telling_class(type(dataset))
    dataset._about = about
    for name, value in about._asdict().items():
        if name not in _OF_BATCHES:
            setattr(dataset, name, value)
    return dataset


@functools.cache
def _telling_class(kind):
    names = inspect.getmembers(tf.data.Dataset, inspect.isfunction)
    methods = {
        name: _telling_method(getattr(kind, name))
        for name, _ in names
        if not name.startswith("_")
    }

    def iterate(self):
        iterator = kind.__iter__(self)
        iterator.__class__ = _plain_iterator_class(type(iterator))
        iterator._messages = messages_of(self)
        return iterator

    methods |= {"__iter__": iterate, "__getattr__": _explain_missing}
    return type(kind.__name__, (kind,), methods)


def _telling_method(method):
    @functools.wraps(method)
    def make(self, *args, **kwargs):
        made = method(self, *args, **kwargs)
        if isinstance(made, tf.data.Dataset):
            return _make_telling(made, self._about)
        return made

    return make


def _explain_missing(self, name):
    if name in _OF_BATCHES:
        raise AttributeError(
            "This data set was made from the one that `video_dataset` returned. Only "
            f"that one has `{name}`: keep it in a variable, and ask it."
        )
    raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


@functools.cache
def _plain_iterator_class(kind):
    def next_element(self):
        with _Plainly(self._messages):
            return kind.__next__(self)

    def get_next(self):
        with _Plainly(self._messages):
            return kind.get_next(self)

    methods = {"__next__": next_element, "get_next": get_next}
    return type(kind.__name__, (kind,), methods)


class _Plainly:
    """Raises TensorFlow's errors with only our message, if there is one.

    TensorFlow puts it between lines about nodes and devices and a stack trace.
    """

    def __init__(self, messages):
        self._messages = messages

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if not isinstance(error, tf.errors.OpError):
            return
        for message in self._messages:
            if message in error.message:
                raise _both(kind)(error.node_def, error.op, message) from None


@functools.cache
def _both(kind):
    """A class for TensorFlow's error that is also the `ValueError` of the reader.

    So `except ValueError` does for both engines.
    """
    return type(kind.__name__, (kind, ValueError), {})
