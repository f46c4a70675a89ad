"""Requests for videos: from a client's JSON to checked values."""

import json
import math
import secrets
from collections.abc import Sequence
from typing import Any, NamedTuple

from keras_mocogan.export.model_facts import ModelFacts
from keras_mocogan.serving.errors import RequestError, shown
from keras_mocogan.serving.limits import Limits

# A round number below 2**63, because /openapi.json holds its bounds as doubles.
MOST_SEED = 9 * 10**18


class VideoRequest(NamedTuple):
    """Checked values of a request.

    Attributes:
        count: Number of videos.
        frames: Frames of each.
        label: Class of all videos; None draws one for each.
        seed: One seed gives one result.
    """

    count: int
    frames: int
    label: int | None
    seed: int


class RequestReader:
    """Makes `VideoRequest`s for one model.

    Args:
        facts: Of the model.
        class_names: Names of its classes, in the order of the labels.
        limits: What a request may ask for.
    """

    def __init__(
        self, facts: ModelFacts, class_names: Sequence[str], limits: Limits
    ) -> None:
        self.facts = facts
        self.class_names = list(class_names)
        self.limits = limits
        # More would never find room in the queue.
        self.most_rows = min(limits.count, limits.waiting)

    def read(
        self, values: dict[str, Any], frames: str = "frames", label: str = "class"
    ) -> VideoRequest:
        """The request in a JSON object.

        Args:
            values: The object: `count`, `seed`, and what the next two name.
            frames: Its name for the number of frames.
            label: Its name for the class.

        Raises:
            RequestError: With status 422, if a value does not fit.
        """
        limits = self.limits
        count = _integer(values, "count", 1, limits.count, 1)
        seed = _integer(values, "seed", 0, MOST_SEED, None)
        length = _integer(values, frames, 0, limits.frames, 0)
        request = VideoRequest(
            count,
            length or self.facts.num_frames,
            self._label(values.get(label), label),
            secrets.randbits(32) if seed is None else seed,
        )
        self._check_size(request, frames)
        return request

    def _label(self, value, name):
        classes, value = self.facts.num_classes, _whole(value)
        if value is None or (value == -1 and _is_integer(value)):
            return None
        if not classes:
            raise RequestError(
                422,
                f"`{name}` must be left out: this model has no classes. Received: "
                f"{name}={shown(value)}.",
            )
        if isinstance(value, str) and value in self.class_names:
            return self.class_names.index(value)
        if _is_integer(value) and 0 <= value < classes:
            return value
        named = f", or one of {', '.join(self.class_names)}" if self.class_names else ""
        raise RequestError(
            422,
            f"`{name}` must be an integer from 0 to {classes - 1}{named}; -1 draws it. "
            f"Received: {name}={shown(value)}.",
        )

    def _check_size(self, request, frames):
        facts, most = self.facts, self.limits.video_bytes
        if not facts.has_motion and request.frames != facts.num_frames:
            raise RequestError(
                422,
                f"`{frames}` must be {facts.num_frames}, or left out: this model makes "
                f"clips of that length only. Received: {frames}={request.frames}.",
            )
        size = request.count * request.frames * math.prod(facts.frame_shape)
        if size > most:
            raise RequestError(
                422,
                f"`count` and `{frames}` must make at most {most} bytes of pixels. "
                f"Received: {size}. Ask for fewer videos, or for shorter ones.",
            )


def read_object(body: bytes, names: Sequence[str]) -> dict[str, Any]:
    """The JSON object in a body; an empty body is an empty object.

    Args:
        body: The bytes.
        names: Names that the object may have.

    Raises:
        RequestError: With status 400 if it is no JSON, with 422 if it is another JSON.
    """
    try:
        values = json.loads(body) if body.strip() else {}
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, json.JSONDecodeError) else "not JSON"
        raise RequestError(400, f"The body must be JSON: {reason}.") from None
    return check_names(values, names)


def check_names(values: Any, names: Sequence[str]) -> dict[str, Any]:
    """Returns `values` if it is an object with these names and no others.

    Raises:
        RequestError: With status 422, if it is not.
    """
    known = ", ".join(names)
    if not isinstance(values, dict):
        raise RequestError(
            422,
            f"It must be a JSON object of any of {known}. Received: an array "
            "or a single value.",
        )
    for name in values:
        if name not in names:
            raise RequestError(
                422, f"The names must be of {known}. Received: {shown(name)}."
            )
    return values


def _integer(values, name, low, high, default):
    value = _whole(values.get(name))
    if value is None:
        return default
    if not _is_integer(value) or not low <= value <= high:
        raise RequestError(
            422,
            f"`{name}` must be an integer from {low} to {high}. Received: "
            f"{name}={shown(value)}.",
        )
    return value


def _whole(value):
    """2 for 2.0, which is an integer in JSON, as in the schema of /openapi.json."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _is_integer(value):
    return type(value) is int
