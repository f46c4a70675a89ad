"""Which positions the batches hold, in one process's part of them."""

import itertools

from keras_mocogan.checks import check_integer


class Schedule:
    """Positions (see `order`) of this process's rows in each batch.

    Args:
        num_clips: Number of clips in one pass.
        batch_size: Clips in a batch.
        repeat, first_step: See `video_dataset`.
        shard: What `check_shard` gives.

    Attributes:
        batch_size: As given.
        rows: This process's rows of a batch.
        num_batches: Batches of one iteration, or `None` if it never ends.

    Raises:
        ValueError: If a pass without `repeat` does not fill a batch, or `first_step`
            is in the middle of one.
    """

    def __init__(self, num_clips, batch_size, repeat, first_step, shard):
        index, count = shard
        self.batch_size = batch_size
        self.rows = batch_size // count
        self._first_row = index * self.rows
        if repeat:
            self.num_batches = None
            self._starts = itertools.repeat(first_step * batch_size)
        else:
            self.num_batches = num_clips // batch_size
            first_pass = _first_pass(num_clips, batch_size, first_step)
            self._starts = itertools.count(first_pass * num_clips, num_clips)

    def next_start(self):
        """The position of the first row of the next iteration.

        Row r of its batch s is at `start + s * batch_size + r`. Without `repeat`, each
        iteration is the next pass.
        """
        return next(self._starts) + self._first_row


def check_shard(shard, batch_size):
    """The index and the count of a shard; raises `ValueError` if they do not fit."""
    try:
        index, count = shard
    except (TypeError, ValueError):
        raise ValueError(
            "`shard` must be a pair, `(index, count)`, such as (0, 1) for all. "
            f"Received: shard={shard!r}."
        ) from None
    count = check_integer("shard[1]", count, 1)
    index = check_integer("shard[0]", index, 0, count - 1)
    if batch_size % count:
        raise ValueError(
            f"`batch_size` must be a multiple of {count}, to be shared evenly by the "
            f"{count} parts of `shard`. Received: batch_size={batch_size}, "
            f"shard={shard!r}."
        )
    return index, count


def _first_pass(num_clips, batch_size, first_step):
    steps = num_clips // batch_size
    if not steps:
        raise ValueError(
            f"`batch_size` must be at most {num_clips}, the number of clips, to fill "
            f"one batch. Received: batch_size={batch_size}. Lower it, or pass "
            "repeat=True for an endless data set."
        )
    if first_step % steps:
        raise ValueError(
            f"`first_step` must be a multiple of the {steps} steps of an epoch with "
            f"repeat=False. Received: first_step={first_step}. Pass repeat=True to "
            "start in the middle."
        )
    return first_step // steps
