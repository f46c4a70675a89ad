"""The queue: requests that wait together are generated together."""

import collections
import math
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple

from keras_mocogan.serving.errors import RequestError
from keras_mocogan.serving.limits import Limits
from keras_mocogan.serving.metrics import Metrics
from keras_mocogan.serving.requests import VideoRequest

# Answers are encoded beside the generator. FFmpeg and zlib release Python's lock.
_ENCODERS = 2


class Job(NamedTuple):
    """A request in the queue.

    Attributes:
        request: What is to be generated.
        finish: From the request's videos to its answer; runs beside the generator.
        future: Takes the answer. Whoever gives up cancels it, and a job that still
            waits then leaves the queue.
    """

    request: VideoRequest
    finish: Callable[[Any], Any]
    future: Future


class Batcher:
    """A bounded queue, and a thread that generates what waits in it.

    Args:
        generate: From requests for one number of frames, and a function that says
            whether anyone still waits for them, to a list of their videos.
        limits: How many may wait, and how much is generated in one call.
        metrics: Counts batches and videos.
        frame_bytes: Bytes of a frame.
    """

    def __init__(
        self,
        generate: Callable[[Sequence[VideoRequest], Callable[[], bool]], list[Any]],
        limits: Limits,
        metrics: Metrics,
        frame_bytes: int,
    ) -> None:
        self._generate, self._limits, self._metrics = generate, limits, metrics
        self._frame_bytes = frame_bytes
        self._waiting: collections.deque[Job] = collections.deque()
        # Answers that are being encoded count too, for they hold memory.
        self._places = self._unencoded_bytes = 0
        self._stopping = False
        self._last_seconds = 0.0
        self._changed = threading.Condition()
        self._encoders = ThreadPoolExecutor(_ENCODERS, "encoder")
        self._worker = threading.Thread(target=self._work, name="generator")
        self._worker.daemon = True
        self._worker.start()

    def submit(self, request: VideoRequest, finish: Callable[[Any], Any]) -> Future:
        """Puts a request into the queue.

        Args:
            request: The request.
            finish: See `Job`.

        Returns:
            A future of what `finish` returns.

        Raises:
            RequestError: With status 429 if the queue is full, 503 after `stop`.
        """
        job = Job(request, finish, Future())
        with self._changed:
            if self._stopping:
                raise RequestError(503, "The server is being stopped.")
            if self._places >= self._limits.waiting:
                after = max(1, math.ceil(self._last_seconds))
                raise RequestError(
                    429,
                    f"At most {self._limits.waiting} requests may wait at a time. Try "
                    f"again in {after} s.",
                    {"Retry-After": str(after)},
                )
            self._places += 1
            self._waiting.append(job)
            self._changed.notify_all()
        job.future.add_done_callback(lambda _: self._leave(job))
        return job.future

    def pending(self) -> int:
        """Requests that have not been answered yet."""
        return self._places

    def is_alive(self) -> bool:
        """Whether the thread runs."""
        return self._worker.is_alive()

    def stop(self) -> None:
        """Answers what waits, and ends the threads."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._worker.join()
        self._encoders.shutdown()

    def _leave(self, job):
        """Frees the place of a job that still waits, because it was cancelled."""
        with self._changed:
            left = [other for other in self._waiting if other is not job]
            self._places -= len(self._waiting) - len(left)
            self._waiting = collections.deque(left)

    def _work(self):
        while True:
            with self._changed:
                self._changed.wait_for(self._may_go_on)
                if not self._waiting:
                    return
                jobs = self._take()
            self._run(jobs)

    def _may_go_on(self):
        """Whether there is work, and the encoders are not far behind."""
        if self._waiting:
            return self._unencoded_bytes < self._limits.video_bytes
        return self._stopping

    def _bytes(self, request):
        return request.count * request.frames * self._frame_bytes

    def _take(self):
        """The oldest job, and others of as many frames for as long as they fit."""
        frames, taken = None, []
        room, room_bytes = self._limits.batch, self._limits.video_bytes
        left: collections.deque[Job] = collections.deque()
        for job in self._waiting:
            frames = frames or job.request.frames
            count, size = job.request.count, self._bytes(job.request)
            fits = job.request.frames == frames and count <= room
            if (fits and size <= room_bytes) or not taken:
                taken.append(job)
                room, room_bytes = room - count, room_bytes - size
            else:
                left.append(job)
        self._waiting = left
        return taken

    def _run(self, jobs):
        # Each is asked once: between two looks a client may give up, and a job that
        # neither look counts would keep its place for ever.
        wanted = [job for job in jobs if not job.future.cancelled()]
        self._free(len(jobs) - len(wanted))
        jobs = wanted
        if not jobs:
            return
        started = time.perf_counter()
        try:
            results = self._generate(
                [job.request for job in jobs],
                lambda: not all(job.future.cancelled() for job in jobs),
            )
        except Exception as error:  # the thread has to survive whatever went wrong
            self._free(len(jobs))
            for job in jobs:
                _give(job.future, error=error)
            return
        self._last_seconds = time.perf_counter() - started
        self._metrics.count_batch([job.request for job in jobs], self._last_seconds)
        self._free(0, -sum(self._bytes(job.request) for job in jobs))
        for job, result in zip(jobs, results, strict=True):
            self._encoders.submit(self._finish, job, result)

    def _finish(self, job, result):
        answer = error = None
        try:
            if not job.future.cancelled():
                answer = job.finish(result)
        except Exception as raised:
            error = raised
        # First, so that whoever has an answer finds room for the next request.
        self._free(1, self._bytes(job.request))
        _give(job.future, answer, error)

    def _free(self, places, unencoded_bytes=0):
        with self._changed:
            self._places -= places
            self._unencoded_bytes -= unencoded_bytes
            self._changed.notify_all()


def _give(future, result=None, error=None):
    """Sets a result or an error, unless the future has been cancelled."""
    if not future.set_running_or_notify_cancel():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
