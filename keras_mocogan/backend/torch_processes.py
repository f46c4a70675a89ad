"""PyTorch in several processes: how they are joined, and what they compute together.

`torchrun` starts the processes. If `torch.distributed` has a process group, its members
train one model: each has all weights and its part of every batch.
"""

import contextlib
import datetime
import os
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import keras
import torch
from torch import distributed
from torch.nn import functional

from keras_mocogan.utils import processes

# The others wait while the first process writes a checkpoint or a preview.
_PATIENCE = datetime.timedelta(minutes=10)


def start(
    coordinator: str | None = None, count: int | None = None, index: int | None = None
) -> None:
    """Joins this process to the others.

    Args:
        coordinator: `"host:port"` of process 0. None reads `torchrun`'s environment.
        count, index: Number of processes, and this one's, with a coordinator.
    """
    backend = "gloo"
    if torch.cuda.is_available():
        place = os.environ.get("LOCAL_RANK", (index or 0) % torch.cuda.device_count())
        torch.cuda.set_device(int(place))
        # Small numbers stay on the host: reading them does not wait for the GPU.
        backend = "cpu:gloo,cuda:nccl"
    where = {} if coordinator is None else {"init_method": f"tcp://{coordinator}"}
    with _told("be there within ten minutes of each other"):
        distributed.init_process_group(
            backend,
            timeout=_PATIENCE,
            world_size=-1 if count is None else count,
            rank=-1 if index is None else index,
            **where,
        )


def average(values: Any) -> Any:
    """The means over all processes.

    Args:
        values: A structure of float tensors and numbers, alike in all processes.

    Returns:
        The same structure of tensors without gradients.
    """
    count = processes.shard()[1]
    if count == 1:
        return values
    parts = [
        keras.ops.convert_to_tensor(part).detach()
        for part in keras.tree.flatten(values)
    ]
    total = torch.cat([part.reshape(-1).float() for part in parts])
    with _told():
        distributed.all_reduce(total)
    means = total.div_(count).split([part.numel() for part in parts])
    return keras.tree.pack_sequence_as(
        values,
        [
            mean.view(part.shape).to(part.dtype)
            for mean, part in zip(means, parts, strict=True)
        ],
    )


def make_same(variables: Iterable[keras.Variable]) -> None:
    """Gives all processes the first one's values."""
    if processes.shard()[1] == 1:
        return
    for variable in variables:
        with _told():
            distributed.broadcast(variable.value.detach(), src=0)


def draw_rows(draw: Callable[[tuple[int, ...]], Any], shape: tuple[int, ...]) -> Any:
    """This process's rows of what is drawn for the batch of all processes."""
    index, count = processes.shard()
    rows, *rest = shape
    return draw((rows * count, *rest))[index * rows : (index + 1) * rows]


def moments(mean: torch.Tensor, variance: torch.Tensor) -> Any:
    """Mean and variance of all processes' values, from those of each.

    They can be differentiated: the gradient of what one process computes with them
    reaches the values of all.
    """
    index, count = processes.shard()
    own = torch.stack([mean, variance])[None]
    known = _Sum.apply(functional.pad(own, (0, 0, 0, 0, index, count - 1 - index)))
    means, variances = known.unbind(1)
    mean = means.mean(0)
    return mean, (variances + (means - mean).square()).mean(0)


class _Sum(torch.autograd.Function):
    """The sum over all processes; its gradient is the sum of their gradients."""

    @staticmethod
    def forward(ctx, x):
        total = x.clone(memory_format=torch.contiguous_format)
        with _told():
            distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx, gradient):
        return _Sum.apply(gradient)


class Largest:
    """The largest of all processes' numbers; `int` waits for it.

    Args:
        number: This process's.
    """

    def __init__(self, number: int) -> None:
        self._number = torch.tensor(number)
        with _told():
            self._work = distributed.all_reduce(
                self._number, distributed.ReduceOp.MAX, async_op=True
            )

    def __int__(self) -> int:
        with _told():
            self._work.wait()
        return int(self._number)


@contextlib.contextmanager
def _told(duty: str = "go on until the training is over") -> Iterator[None]:
    """Says in one sentence what a lost process means for the others."""
    try:
        yield
    except RuntimeError as error:
        # Without the place in PyTorch's source, and what follows the first sentence.
        reason = re.sub(r"^\[\S+\] ", "", str(error)).splitlines()[0].split(". ")[0]
        raise ConnectionError(
            f"All processes must {duty}. Received: no answer from at least one of them "
            f"({reason}). If it was killed or had an error, start all of them again, "
            "with --resume from the newest checkpoint."
        ) from error
