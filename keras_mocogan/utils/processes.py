"""The part of one process in a `keras.distribution` that spans several."""

import contextlib
from collections.abc import Iterator

import keras


def shard() -> tuple[int, int]:
    """This process's part of every batch, `(index, count)`; `(0, 1)` if it is alone.

    Pass it to `keras_mocogan.data.video_dataset` as `shard`.
    """
    distribution = keras.distribution.distribution()
    if distribution is None:
        return 0, 1
    return distribution.data_shard_id, distribution.num_processes


def is_primary() -> bool:
    """Whether this is the process that writes files and messages."""
    return shard()[0] == 0


@contextlib.contextmanager
def single_process_scope() -> Iterator[None]:
    """Lets this process make Keras variables without the others, in a `with` block.

    Keras makes some when it saves a model. If they were placed on the devices of all
    processes, this one would wait until every process makes the same variables.
    """
    distribution = keras.distribution.distribution()
    keras.distribution.set_distribution(None)
    try:
        yield
    finally:
        keras.distribution.set_distribution(distribution)
