"""Random changes that leave a clip plausible: the same for all of its frames."""

import tensorflow as tf


def augment(video, draws, horizontal_flip, reverse):
    """Flips and reverses half of the clips each.

    Args:
        video: `uint8` tensor of shape `(frames, height, width, channels)`.
        draws: `int64` random numbers of the clip; see `order`.
        horizontal_flip: Whether left and right may be exchanged.
        reverse: Whether time may run backwards.

    Returns:
        A tensor of the same shape.
    """
    if horizontal_flip:
        video = tf.where(draws[1] < 0, tf.reverse(video, [2]), video)
    if reverse:
        video = tf.where(draws[2] < 0, tf.reverse(video, [0]), video)
    return video
