"""Random changes that keep a clip plausible, the same for all of its frames."""

import tensorflow as tf


def augment(videos, draws, horizontal_flip, reverse):
    """Flips half of the clips, and reverses half of them.

    Args:
        videos: `uint8` tensor of shape `(clips, frames, height, width, channels)`.
        draws: `int64` random numbers for the clips; see `order`.
        horizontal_flip: Whether left and right may be exchanged.
        reverse: Whether time may run backward.

    Returns:
        A tensor of the same shape.
    """
    draws = draws[:, :, None, None, None, None]
    if horizontal_flip:
        videos = tf.where(draws[:, 1] < 0, tf.reverse(videos, [3]), videos)
    if reverse:
        videos = tf.where(draws[:, 2] < 0, tf.reverse(videos, [1]), videos)
    return videos
