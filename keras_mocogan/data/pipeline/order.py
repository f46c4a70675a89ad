"""Which clip comes when: a pure function of the seed and the position.

Positions count clips from the start of training; `position // num_clips` is the pass
over the data. Nothing is kept in memory, and a stream may start anywhere.
"""

import tensorflow as tf

# Positions whose choices are drawn at once: one by one, they took a sixth of the time
# in which records of 16 JPEG frames were read.
_BLOCK = 64
# For the window, the flip, the reversal, and the crop's size and two coordinates.
DRAWS = 6


def choices(num_clips, seed, shuffle, first, last=None):
    """Data set of what to read at the positions from `first` to before `last`.

    Args:
        num_clips: Number of clips in one pass.
        seed: Non-negative integer.
        shuffle: Whether each pass has a new order, or the clips' own.
        first, last: Scalar `int64` tensors or integers; without `last` there is no end.

    Returns:
        A `tf.data.Dataset` of `(clip, draws)`: a scalar `int64` in 0 to
        `num_clips - 1`, and `DRAWS` random numbers from all of `int64`.
    """
    first = tf.cast(first, tf.int64)
    block = first // _BLOCK
    if last is None:
        blocks = tf.data.Dataset.counter(block, dtype=tf.int64)
    else:
        blocks = tf.data.Dataset.range(block, -(-last // _BLOCK))
    dataset = blocks.map(lambda block: _choose(block, num_clips, seed, shuffle))
    dataset = dataset.unbatch().skip(first % _BLOCK)
    return dataset if last is None else dataset.take(last - first)


def choices_of_one_pass(num_clips, seed, shuffle, first_pass, length):
    """`choices` at the first `length` positions of a pass; each iteration is the next.

    Args:
        first_pass: Number of the pass in the first iteration.
    """
    passes = iter(range(first_pass, 2**31))

    def next_pass():
        return next(passes)

    def of_pass(_):
        first = tf.numpy_function(next_pass, [], tf.int64) * num_clips
        return choices(num_clips, seed, shuffle, first, first + length)

    return tf.data.Dataset.range(1).flat_map(of_pass)


def rows_of_batches(dataset, batch_size, index, count):
    """Keeps part `index` of `count` equal parts of each `batch_size` elements."""
    if count == 1:
        return dataset
    rows = batch_size // count
    part = slice(index * rows, (index + 1) * rows)
    batches = dataset.batch(batch_size, drop_remainder=True)
    return batches.map(lambda *batch: tuple(b[part] for b in batch)).unbatch()


def _choose(block, num_clips, seed, shuffle):
    """Clips `(_BLOCK,)` and draws `(_BLOCK, DRAWS)` of one block of positions."""
    position = block * _BLOCK + tf.range(_BLOCK, dtype=tf.int64)
    clip = position % num_clips
    if shuffle:
        clip = _shuffle(clip, position // num_clips, num_clips, seed)
    return clip, _draw([_BLOCK, DRAWS], seed, block)


def _shuffle(clip, passes, num_clips, seed):
    # A block may hold the end of one pass and the start of the next, and for small data
    # sets many whole passes.
    number, of = tf.unique(passes)
    # With few clips the shuffle uses only the lowest bits of its seed. Seeds and passes
    # are mixed first, so that orders do not soon repeat. Negative numbers keep these
    # draws separate from those of the windows.
    seeds = tf.map_fn(lambda n: _draw([3], seed, -1 - n), number)
    # `tf.random.experimental.index_shuffle` takes one seed only.
    return tf.raw_ops.RandomIndexShuffle(
        index=clip,
        seed=tf.gather(seeds, of),
        max_index=tf.fill(tf.shape(clip), tf.constant(num_clips - 1, tf.int64)),
        rounds=4,
    )


def _draw(shape, seed, number):
    return tf.random.stateless_uniform(
        shape, tf.stack([seed, number]), minval=None, maxval=None, dtype=tf.int64
    )
