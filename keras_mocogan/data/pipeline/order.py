"""Which clip comes when: a pure function of the seed and the position.

Positions count clips from the start of training; `position // num_clips` is the pass
over the data. A stream may start anywhere.
"""

import functools
import threading

import numpy as np

# For the window, the flip, the reversal, and the crop's size and two coordinates.
_DRAWS = 6
# Positions whose numbers are drawn at once, which takes as long as drawing one's.
_BLOCK = 64
# More blocks than are read at any time.
_BLOCKS_KEPT = 64
# While one pass ends, the next begins.
_PASSES_KEPT = 2
# What random numbers are for, part of their key.
_FOR_CLIPS, _FOR_ORDER = 0, 1


class Order:
    """The clip at each position, and the random numbers that go with it.

    NumPy promises the numbers of its `Philox` generator for good: they are the same
    with every release, on every machine.

    Args:
        num_clips: Number of clips in one pass.
        seed: Non-negative integer.
        shuffle: Whether each pass has a new order, or the clips' own.
    """

    def __init__(self, num_clips, seed, shuffle):
        self._num_clips = num_clips
        self._seed = seed
        self._shuffle = shuffle
        self._draw_block = functools.lru_cache(_BLOCKS_KEPT)(self._draw_block)
        self._sort_pass = functools.lru_cache(_PASSES_KEPT)(self._sort_pass)
        self._sorting = threading.Lock()

    def clip(self, position):
        """The number of the clip at a position, from 0 to `num_clips - 1`."""
        number, place = divmod(position, self._num_clips)
        if not self._shuffle:
            return place
        with self._sorting:  # or several threads would sort the same pass
            return int(self._sort_pass(number)[place])

    def draws(self, position):
        """Random numbers from all of `int64` for a position: array of shape `(6,)`."""
        block, place = divmod(position, _BLOCK)
        return self._draw_block(block)[place]

    def _draw_block(self, block):
        numbers = self._draw(_FOR_CLIPS, block, _BLOCK * _DRAWS)
        return numbers.view(np.int64).reshape(_BLOCK, _DRAWS)

    def _sort_pass(self, number):
        """The order of one pass: the places of random numbers among each other."""
        numbers = self._draw(_FOR_ORDER, number, self._num_clips)
        return np.argsort(numbers, kind="stable").astype(np.int32)

    def _draw(self, purpose, number, count):
        key = [self._seed, purpose]
        # The generator itself counts in the first of these words.
        counter = [0, number, 0, 0]
        return np.random.Philox(key=key, counter=counter).random_raw(count)
