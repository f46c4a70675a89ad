"""Which part a process has in a `keras.distribution` that spans several of them."""

import contextlib
from collections.abc import Iterator

import keras


def shard() -> tuple[int, int]:
    """This process's part of every batch: `(index, count)`, `(0, 1)` where it is alone.

    It is what `keras_mocogan.data.video_dataset` takes as `shard`.
    """
    distribution = keras.distribution.distribution()
    if distribution is None:
        return 0, 1
    return distribution.data_shard_id, distribution.num_processes


def is_primary() -> bool:
    """Whether this process is the one that writes files and messages."""
    return shard()[0] == 0


@contextlib.contextmanager
def single_process_scope() -> Iterator[None]:
    """Lets this process make Keras variables without the others, in a `with` block.

    Keras makes some when it saves a model. Placed on the devices of all processes, they
    would have to wait until each process makes the same.
    """
    distribution = keras.distribution.distribution()
    keras.distribution.set_distribution(None)
    try:
        yield
    finally:
        keras.distribution.set_distribution(distribution)
