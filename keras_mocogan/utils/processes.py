"""The part of one process where several train one model."""

import contextlib
from collections.abc import Iterator

import keras


def shard() -> tuple[int, int]:
    """This process's part of every batch, `(index, count)`; `(0, 1)` if it is alone.

    Pass it to `keras_mocogan.data.video_dataset` as `shard`. On JAX the processes are
    those of `keras.distribution`, on PyTorch those of `torch.distributed`'s default
    group.
    """
    if keras.config.backend() == "torch":
        return _torch_shard()
    distribution = keras.distribution.distribution()
    if distribution is None:
        return 0, 1
    return distribution.data_shard_id, distribution.num_processes


def _torch_shard():
    from torch import distributed

    if not (distributed.is_available() and distributed.is_initialized()):
        return 0, 1
    return distributed.get_rank(), distributed.get_world_size()


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
