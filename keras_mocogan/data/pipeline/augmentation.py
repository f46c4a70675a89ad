"""Random changes that keep a clip plausible, the same for all of its frames."""


def changed(video, draws, horizontal_flip, reverse):
    """A view of a video: what is written to it appears flipped or reversed.

    Half of the clips are flipped, and half of them reversed.

    Args:
        video: Array of shape `(frames, height, width, channels)`.
        draws: `int64` random numbers for the clip; see `order`.
        horizontal_flip: Whether left and right may be exchanged.
        reverse: Whether time may run backward.

    Returns:
        A view of the same shape.
    """
    if horizontal_flip and draws[1] < 0:
        video = video[:, :, ::-1]
    if reverse and draws[2] < 0:
        video = video[::-1]
    return video
