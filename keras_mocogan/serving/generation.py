"""Videos of several requests in one call, each the same as if it were alone.

The networks only ever see arrays of one size: rows of all requests are cut into slices
of that size, the last one filled up with zeros. With other sizes a backend chooses
other kernels, which round differently, and a request's bytes would depend on who else
asked.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from keras_mocogan.export.model_facts import ModelFacts
from keras_mocogan.sampling import latents
from keras_mocogan.serving.requests import VideoRequest
from keras_mocogan.video import to_uint8

# Rows of a slice. A CPU gains little from larger ones, and a single short video pays
# for a whole slice. A GPU needs more to be busy.
_FRAMES, _CLIPS, _PATHS = {True: 16, False: 256}, {True: 2, False: 16}, 16


class Networks(Protocol):
    """`KerasNetworks` or `SavedNetworks`."""

    facts: ModelFacts

    def on_cpu(self) -> bool: ...

    def motion(self, path: dict[str, np.ndarray]) -> np.ndarray: ...

    def clips(self, codes: dict[str, np.ndarray]) -> np.ndarray: ...


class Videos(NamedTuple):
    """What a request is answered with.

    Attributes:
        videos: uint8 `(count, frames, height, width, channels)`.
        labels: Their classes, int32 `(count,)`; None without classes.
    """

    videos: np.ndarray
    labels: np.ndarray | None


class Abandoned(Exception):
    """No one waits for the videos any more."""


class VideoGenerator:
    """Generates the videos of requests.

    Args:
        networks: Of a model.
    """

    def __init__(self, networks: Networks) -> None:
        self.facts = networks.facts
        self._networks = networks
        cpu = networks.on_cpu()
        self._rows = _FRAMES[cpu] if self.facts.has_motion else _CLIPS[cpu]

    def generate(
        self,
        requests: Sequence[VideoRequest],
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> list[Videos]:
        """Videos of requests for the same number of frames.

        A seed gives the videos that the model's `generate` makes, to rounding.

        Args:
            requests: The requests.
            is_wanted: Asked before each slice; False stops the work.

        Returns:
            One `Videos` for each request.

        Raises:
            Abandoned: If `is_wanted` returned False.
        """
        drawn = [draw(self.facts, request) for request in requests]
        codes = {
            name: np.concatenate([each[name] for each in drawn]) for name in drawn[0]
        }
        if self.facts.has_motion:
            videos = self._decode_motion(codes, requests[0].frames, is_wanted)
        else:
            videos = self._in_slices(self._networks.clips, codes, is_wanted)
        ends = np.cumsum([request.count for request in requests])[:-1]
        labels = [each.get("label") for each in drawn]
        return list(map(Videos, np.split(videos, ends), labels))

    def _decode_motion(self, codes, frames, is_wanted):
        path = {name: codes.pop(name) for name in ("noise", "state")}
        if self.facts.category_input == "motion":
            path["label"] = codes.pop("label")
        motion = _sliced(self._networks.motion, path, _PATHS, is_wanted)
        rows = len(motion)
        # Every frame is a clip of its own.
        codes = {name: np.repeat(code, frames, axis=0) for name, code in codes.items()}
        codes["motion"] = motion[:, :frames].reshape(rows * frames, 1, -1)
        clips = self._in_slices(self._networks.clips, codes, is_wanted)
        return clips.reshape(rows, frames, *self.facts.frame_shape)

    def _in_slices(self, function, codes, is_wanted):
        def pixels(some):
            return to_uint8(function(some))

        return _sliced(pixels, codes, self._rows, is_wanted)


def draw(facts: ModelFacts, request: VideoRequest) -> dict[str, np.ndarray]:
    """Latents of a request, `count` rows each, as the model's `generate` draws them."""
    count, frames, label, seed = request
    codes, sizes = {}, facts.sizes
    if facts.has_motion:
        # Padded to powers of two, so that few lengths have to be compiled. A step of
        # R_M does not depend on later ones.
        steps = 1 << (frames - 1).bit_length()
        codes["content"] = latents.sample_content(count, sizes["content_dim"], seed)
        codes["noise"] = latents.sample_noise(count, steps, sizes["noise_dim"], seed)
        codes["state"] = latents.sample_state(count, sizes["motion_dim"], seed)
    elif facts.latent_distribution == "uniform":
        codes["latent"] = latents.sample_uniform(count, sizes["latent_dim"], seed)
    else:
        codes["latent"] = latents.sample_content(count, sizes["latent_dim"], seed)
    if facts.num_classes:
        given = np.full(count, label, "int32") if label is not None else None
        drawn = given is None
        codes["label"] = (
            latents.sample_labels(count, facts.num_classes, seed) if drawn else given
        )
    return codes


def _sliced(function, codes, size, is_wanted):
    """`function` of slices of `size` rows, joined; the last is padded with zeros."""
    total, parts = len(next(iter(codes.values()))), []
    for start in range(0, total, size):
        if not is_wanted():
            raise Abandoned
        rows = min(size, total - start)
        some = {
            name: np.pad(
                code[start : start + rows],
                [(0, size - rows), *[(0, 0)] * (code.ndim - 1)],
            )
            for name, code in codes.items()
        }
        parts.append(function(some)[:rows])
    return np.concatenate(parts)
