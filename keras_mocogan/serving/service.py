"""A model with all that answering requests for it takes."""

import asyncio
import math
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from keras_mocogan.checks import check_integer
from keras_mocogan.serving.batching import Batcher
from keras_mocogan.serving.errors import RequestError
from keras_mocogan.serving.generation import Networks, VideoGenerator
from keras_mocogan.serving.limits import Limits
from keras_mocogan.serving.metrics import Metrics
from keras_mocogan.serving.requests import RequestReader, VideoRequest


class Service:
    """A model behind a queue.

    Args:
        networks: Of the model.
        name: The model's name in addresses.
        class_names: Names of the classes, in the order of the labels; None for none.
        limits: What is allowed.
        fps: Frames a second in answers, 1 to 50.

    Raises:
        ValueError: If `fps` is out of range, the number of names is not the number of
            classes, or the model's own number of frames is beyond the limit.
    """

    def __init__(
        self,
        networks: Networks,
        name: str = "mocogan",
        class_names: Sequence[str] | None = None,
        limits: Limits | None = None,
        fps: int = 8,
    ) -> None:
        check_integer("fps", fps, 1, 50)
        self.name, self.fps, self.limits = name, fps, limits or Limits()
        self.facts, self.metrics = networks.facts, Metrics()
        names = [str(name) for name in class_names or ()]
        if names and len(names) != self.facts.num_classes:
            raise ValueError(
                f"`class_names` must be {self.facts.num_classes} names, one for each "
                f"of the model's classes. Received: class_names={names!r}."
            )
        if self.facts.num_frames > self.limits.frames:
            # A request that names no number of frames would get more than are allowed.
            raise ValueError(
                f"`limits.frames`, or --max_frames, must be {self.facts.num_frames} or "
                "more, the frames that the model makes where none are asked for. "
                f"Received: {self.limits.frames}."
            )
        self.reader = RequestReader(self.facts, names, self.limits)
        self._generator = VideoGenerator(networks)
        frame_bytes = math.prod(self.facts.frame_shape)
        self.batcher = Batcher(
            self._generator.generate, self.limits, self.metrics, frame_bytes
        )

    def warm_up(self) -> None:
        """Generates a video, so that the first client need not wait for compiling."""
        self._generator.generate([self.reader.read({"seed": 0})])

    async def answers(
        self, requests: Sequence[VideoRequest], finish: Callable[[Any], Any]
    ) -> list[Any]:
        """Waits for the answers of requests.

        Args:
            requests: The requests.
            finish: From a request's `Videos` to its answer; runs in a thread.

        Returns:
            What `finish` returned for each.

        Raises:
            RequestError: With status 429 or 503 if the queue takes no more.
        """
        futures = []
        try:
            for request in requests:
                futures.append(self.batcher.submit(request, finish))
            return [await asyncio.wrap_future(future) for future in futures]
        finally:
            for future in futures:
                future.cancel()  # of no effect on those that have ended

    async def while_wanted(
        self, work: Coroutine[Any, Any, Any], hung_up: Coroutine[Any, Any, Any]
    ) -> Any:
        """What a coroutine gives, unless its client is gone before.

        Args:
            work: The coroutine; it is cancelled if the client hangs up.
            hung_up: Another one, which ends when the client hangs up.

        Raises:
            RequestError: With status 499, which no one reads but the log.
        """
        tasks = [asyncio.create_task(work), asyncio.create_task(hung_up)]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if tasks[0].done():
                return tasks[0].result()
            raise RequestError(499, "The client hung up.")
        finally:
            for task in tasks:
                task.cancel()  # of no effect on those that have ended

    async def in_time(self, work: Any) -> Any:
        """What an awaitable gives, if it does so within the time limit.

        Raises:
            RequestError: With status 504, if it does not.
        """
        try:
            async with asyncio.timeout(self.limits.seconds):
                return await work
        except TimeoutError:
            raise RequestError(
                504,
                f"The answer must be there within {self.limits.seconds:g} s, and was "
                "not. Ask for fewer videos, or for shorter ones.",
            ) from None
