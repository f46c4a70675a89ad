"""What a server allows."""

from typing import NamedTuple


class Limits(NamedTuple):
    """Bounds of requests, of the queue and of time.

    Attributes:
        count: Most videos in a request.
        frames: Most frames in a video.
        body_bytes: Most bytes in a request's body.
        video_bytes: Most bytes of pixels in an answer, before they are encoded; also in
            a batch.
        waiting: Most requests that have not been answered yet.
        batch: Most videos that are generated in one call; a larger request has a call
            of its own.
        seconds: Seconds until a request has to be answered.
    """

    count: int = 64
    frames: int = 1024
    body_bytes: int = 2**16
    video_bytes: int = 2**26
    waiting: int = 128
    batch: int = 64
    seconds: float = 60.0
