"""The engine "python": threads of this process read batches ahead."""

import collections
import concurrent.futures
import dataclasses
import itertools
import os
from collections.abc import Iterator
from typing import Any

import keras

# Batches that are read while one is used.
_BATCHES_AHEAD = 2
# Decoders let other threads run, but the Python around them does not.
_MOST_THREADS = 16


class PythonDataset:
    """Batches of clips: an iterable of `uint8` videos or of `(videos, labels)`.

    `video_dataset` makes it with `engine="python"`, and says what it holds. It has the
    same attributes as the `tf.data.Dataset` of the other engine, `element_spec`,
    `cardinality()` and, if it ends, `len()` among them. Batches are NumPy arrays.

    Args:
        reader: `ClipReader`.
        schedule: `Schedule` of the batches.
        about: `About` the clips.
        deterministic: See `video_dataset`; whole batches overtake each other.
    """

    def __init__(
        self, reader: Any, schedule: Any, about: Any, deterministic: bool
    ) -> None:
        self._reader = reader
        self._schedule = schedule
        self._deterministic = deterministic
        for name, value in about._asdict().items():
            setattr(self, name, value)

    @property
    def element_spec(self) -> Any:
        """Shapes and data types of a batch, as `keras.KerasTensor`s."""
        rows, shape = self._schedule.rows, self._reader.shape
        videos = keras.KerasTensor((rows, *shape), "uint8")
        if not self._reader.has_labels:
            return videos
        return videos, keras.KerasTensor((rows,), "int32")

    def cardinality(self) -> int:
        """Batches of one iteration; -1 if it never ends, as for a `tf.data.Dataset`."""
        return -1 if self._schedule.num_batches is None else len(self)

    def __len__(self) -> int:
        if self._schedule.num_batches is None:
            raise TypeError("The data set never ends, and has no length.")
        return self._schedule.num_batches

    def __iter__(self) -> Iterator[Any]:
        step, number = self._schedule.batch_size, self._schedule.num_batches
        firsts = itertools.count(self._schedule.next_start(), step)
        return self._read(itertools.islice(firsts, number))

    def _read(self, firsts):
        """Yields the batches whose first rows are at these positions."""
        threads = _count_threads()
        tasks = min(threads, self._schedule.rows)
        # Small batches are few tasks, and all threads want one.
        ahead = max(_BATCHES_AHEAD, -(-threads // tasks))
        pool = concurrent.futures.ThreadPoolExecutor(threads, "read clips")
        under_way = collections.deque()
        try:
            for first in firsts:
                under_way.append(self._begin(pool, first, tasks))
                if len(under_way) > ahead:
                    yield self._take(under_way)
            while under_way:
                yield self._take(under_way)
        finally:  # also when the iterator is thrown away
            pool.shutdown(wait=False, cancel_futures=True)

    def _begin(self, pool, first, tasks):
        """Begins to read a batch, divided into tasks."""
        rows = self._schedule.rows
        arrays = self._reader.make_room(rows)
        bounds = [rows * task // tasks for task in range(tasks + 1)]
        futures = []
        for begin, end in itertools.pairwise(bounds):
            parts = [array[begin:end] for array in arrays]
            futures.append(pool.submit(self._reader.read_into, parts, first + begin))
        return _Batch(futures, arrays)

    def _take(self, under_way):
        """The next batch, or whichever is ready, as soon as it is whole."""
        batch = under_way[0] if self._deterministic else _first_ready(under_way)
        under_way.remove(batch)
        for future in batch.futures:
            future.result()
        return batch.arrays if self._reader.has_labels else batch.arrays[0]


@dataclasses.dataclass(eq=False)
class _Batch:
    """A batch that is being read: the tasks' futures and what they fill."""

    futures: list
    arrays: tuple

    def unfinished(self):
        return [future for future in self.futures if not future.done()]


def _first_ready(batches):
    while True:
        futures = []
        for batch in batches:
            unfinished = batch.unfinished()
            if not unfinished:
                return batch
            futures += unfinished
        concurrent.futures.wait(futures, return_when=concurrent.futures.FIRST_COMPLETED)


def _count_threads():
    if hasattr(os, "sched_getaffinity"):  # of the processors some may be forbidden
        processors = len(os.sched_getaffinity(0))
    else:
        processors = os.cpu_count() or 1
    return min(processors, _MOST_THREADS)
