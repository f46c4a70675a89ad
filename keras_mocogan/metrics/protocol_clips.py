"""Clips as a protocol wants them, out of arrays or of batches that come one by one."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from keras_mocogan.metrics.checks import check_videos, to_numpy
from keras_mocogan.metrics.protocols import Protocol

# Clips that the extractor is given at once.
_ROWS = 16


class Clips:
    """Clips of a protocol, one from each video, in runs.

    Args:
        videos: uint8 array `(n, frames, height, width, channels)`, or an iterable of
            such batches or of `(videos, labels)`.
        protocol: `Protocol`; videos must have at least its `span` of frames.
        name: What to call the videos in a message.
        random: None takes the first frames of each video, and the videos in their
            order: run after run goes on where the one before ended. A NumPy generator
            draws windows, and each run begins anew: of an array it draws the videos,
            too; an iterable is iterated over again.

    Attributes:
        size: `(height, width)` of the frames, known when they have been read.
    """

    def __init__(
        self,
        videos: npt.ArrayLike | Iterable[Any],
        protocol: Protocol,
        name: str,
        random: np.random.Generator | None = None,
    ) -> None:
        if len(getattr(videos, "shape", ())) == 5:  # an array of any framework
            videos = to_numpy(videos)
        self._videos, self._protocol = videos, protocol
        self._name, self._random = name, random
        self._batches = None
        self._read = 0
        self.size = None

    def features(
        self, extractor: Callable[[np.ndarray], np.ndarray], count: int
    ) -> np.ndarray:
        """Features of the clips of the next run.

        Args:
            extractor: Function of uint8 clips that returns features.
            count: Clips of the run; without `random` exactly, with it at most.

        Returns:
            float64 `(clips, dimensions)`.

        Raises:
            ValueError: If there are too few clips, or videos or features do not fit.
        """
        parts = [
            self._checked(extractor(clips), len(clips))
            for clips in _regroup(self._next_run(count))
        ]
        found = sum(map(len, parts))
        self._read += found
        if self._random is None and found < count:
            self._refuse_too_few()
        if not parts:
            raise ValueError(
                f"`{self._name}` must hold clips for each of the protocol's "
                f"{self._protocol.runs} runs. Received: nothing for one of them. If it "
                "is an iterator, pass something that can be iterated over again, such "
                "as a data set."
            )
        return np.concatenate(parts).astype("float64")

    def _checked(self, features, count):
        features = to_numpy(features)
        if features.ndim != 2 or len(features) != count:
            raise ValueError(
                f"The features of `{self._name}` must have the shape (clips, "
                f"dimensions). Received: shape {features.shape} for {count} clips. "
                "Pass a function that returns one vector for each clip."
            )
        return features

    def _refuse_too_few(self):
        protocol, enough = self._protocol, self._read // self._protocol.runs
        advice = "Generate more."
        if enough >= 2:  # as `with_clips` wants it
            advice = (
                "Generate more, or pass `km.metrics.get_protocol(name).with_clips("
                f"{enough})`, whose name says that it is another protocol."
            )
        raise ValueError(
            f"`{self._name}` must hold {protocol.generated} videos for each of the "
            f"{protocol.runs} runs of {protocol.name}. Received: {self._read} in all. "
            f"{advice}"
        )

    def _next_run(self, count: int) -> Iterator[np.ndarray]:
        if self._random is not None or self._batches is None:
            self._batches = self._all_batches()
        for batch in self._batches:
            used, rest = batch[:count], batch[count:]
            count -= len(used)
            yield used
            if not count:
                self._batches = _put_back(rest, self._batches)
                return

    def _all_batches(self) -> Iterator[np.ndarray]:
        for videos in self._parts():
            videos = check_videos(videos)
            self.size = videos.shape[2:4]
            yield self._cut(videos)

    def _parts(self):
        if not isinstance(self._videos, np.ndarray):
            for batch in self._videos:
                yield to_numpy(batch[0] if isinstance(batch, tuple | list) else batch)
            return
        order = np.arange(len(self._videos))
        if self._random is not None:
            order = self._random.permutation(order)
        for start in range(0, len(order), _ROWS):
            yield self._videos[order[start : start + _ROWS]]

    def _cut(self, videos):
        protocol, frames = self._protocol, videos.shape[1]
        if frames < protocol.span:
            raise ValueError(
                f"`{self._name}` must have at least {protocol.span} consecutive frames "
                f"for the protocol {protocol.name} ({protocol.frames} frames, stride "
                f"{protocol.stride}). Received: {frames} frames. Generate or read "
                "longer clips, or choose another protocol."
            )
        starts = np.zeros(len(videos), int)
        if self._random is not None:
            starts = self._random.integers(0, frames - protocol.span + 1, len(videos))
        offsets = protocol.stride * np.arange(protocol.frames)
        return videos[np.arange(len(videos))[:, None], starts[:, None] + offsets]


def _regroup(batches):
    """The same clips in batches that suit a network: data sets may give single ones."""
    waiting = []
    for batch in batches:
        waiting.append(batch)
        if sum(map(len, waiting)) >= _ROWS:
            yield np.concatenate(waiting)
            waiting = []
    if waiting:
        yield np.concatenate(waiting)


def _put_back(batch, batches):
    if len(batch):
        yield batch
    yield from batches
