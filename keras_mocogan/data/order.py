"""Which clip comes when: a pure function of the seed and the position.

Positions count clips from the start of training, `position // num_clips` is the pass
over the data. Nothing is held in memory, and a stream may start anywhere.
"""

import tensorflow as tf


def choose_clip(position, num_clips, seed, shuffle):
    """The clip at a position, and a random number that places its window.

    Args:
        position: Scalar `int64` tensor.
        num_clips: Number of clips in one pass.
        seed: Non-negative integer.
        shuffle: Whether each pass has an order of its own, or that of the numbers.

    Returns:
        Two scalar `int64` tensors: the clip in 0 to `num_clips - 1`, and a draw from
        all of `int64`.
    """
    clip = position % num_clips
    if shuffle:
        # The shuffle uses few bits of its seed, the lowest, when there are few clips:
        # mixed before, seeds and passes give orders that are not soon repeated.
        # Negative numbers keep these draws apart from those of the windows.
        clip = tf.random.experimental.index_shuffle(
            clip,
            seed=_draw([2], seed, -1 - position // num_clips),
            max_index=tf.constant(num_clips - 1, tf.int64),
        )
    return clip, _draw([], seed, position)


def _draw(shape, seed, number):
    return tf.random.stateless_uniform(
        shape, tf.stack([seed, number]), minval=None, maxval=None, dtype=tf.int64
    )


def endless_positions(first):
    """All positions from `first` on."""
    return tf.data.Dataset.counter(first, dtype=tf.int64)


def positions_of_one_pass(first_pass, num_clips, length):
    """The first `length` positions of a pass: the next pass at each iteration."""
    passes = iter(range(first_pass, 2**31))

    def next_pass():
        return next(passes)

    def positions(_):
        number = tf.numpy_function(next_pass, [], tf.int64)
        first = number * num_clips
        return tf.data.Dataset.range(first, first + length)

    return tf.data.Dataset.range(1).flat_map(positions)
