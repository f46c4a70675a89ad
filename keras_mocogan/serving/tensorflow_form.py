"""The form of requests and answers that TensorFlow Serving has over REST."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from keras_mocogan.export.model_facts import ModelFacts
from keras_mocogan.serving.errors import RequestError, shown
from keras_mocogan.serving.requests import (
    RequestReader,
    VideoRequest,
    check_names,
    read_object,
)

_SIGNATURE = "serving_default"
_INPUTS = {
    "seed": "DT_INT64",
    "count": "DT_INT32",
    "num_frames": "DT_INT32",
    "label": "DT_INT32",
}
_NAMES = ("signature_name", "inputs", "instances")
# Numbers in an answer: as JSON they take four bytes each, and much more on the way.
_MOST_NUMBERS = 2**22


class Prediction(NamedTuple):
    """A request in TensorFlow Serving's form.

    Attributes:
        requests: What is to be generated.
        by_rows: Whether it came as `instances`, and not as `inputs`.
    """

    requests: list[VideoRequest]
    by_rows: bool


def read_prediction(body: bytes, reader: RequestReader) -> Prediction:
    """The request in a body.

    Args:
        body: JSON with `inputs`, an object, or with `instances`, an array of such
            objects. An object may leave inputs out.
        reader: Reads and checks the objects.

    Raises:
        RequestError: If it does not fit.
    """
    values = read_object(body, _NAMES)
    if values.get("signature_name") not in (None, _SIGNATURE):
        raise RequestError(
            422,
            f"`signature_name` must be {_SIGNATURE}, or left out. Received: "
            f"{shown(values['signature_name'])}.",
        )
    by_rows = "instances" in values
    if by_rows == ("inputs" in values):
        raise RequestError(
            422, "Exactly one of `inputs` and `instances` must be given."
        )
    objects = values["instances"] if by_rows else [values["inputs"]]
    if not isinstance(objects, list) or not 1 <= len(objects) <= reader.most_rows:
        raise RequestError(
            422,
            f"`instances` must be an array of 1 to {reader.most_rows} objects. "
            f"Received: {shown(objects)}.",
        )
    requests = [
        reader.read(check_names(each, tuple(_INPUTS)), "num_frames", "label")
        for each in objects
    ]
    _check_together(requests, reader)
    return Prediction(requests, by_rows)


def _check_together(requests, reader):
    height, width, channels = reader.facts.frame_shape
    pixels = height * width * channels
    size = sum(request.count * request.frames * pixels for request in requests)
    if size > _MOST_NUMBERS:
        raise RequestError(
            422,
            f"`count` and `num_frames` must make at most {_MOST_NUMBERS} numbers. "
            f"Received: {size}. Ask for less, or for a file from /v1/generate.",
        )


def answer(videos: Sequence[Any], by_rows: bool) -> bytes:
    """The JSON of an answer.

    Args:
        videos: Nested lists of pixels, one for each request.
        by_rows: As in `Prediction`.
    """
    content = {"predictions": videos} if by_rows else {"outputs": videos[0]}
    return json.dumps(content, separators=(",", ":")).encode()


def status() -> dict[str, Any]:
    """What `GET /v1/models/NAME` answers."""
    well = {"error_code": "OK", "error_message": ""}
    state = {"version": "1", "state": "AVAILABLE", "status": well}
    return {"model_version_status": [state]}


def metadata(name: str, facts: ModelFacts) -> dict[str, Any]:
    """What `GET /v1/models/NAME/metadata` answers."""
    inputs = {key: _tensor(key, dtype, ()) for key, dtype in _INPUTS.items()}
    frames = -1 if facts.has_motion else facts.num_frames
    videos = _tensor("videos", "DT_UINT8", (-1, frames, *facts.frame_shape))
    signature = {
        "inputs": inputs,
        "outputs": {"videos": videos},
        "method_name": "tensorflow/serving/predict",
    }
    signatures = {"signature_def": {_SIGNATURE: signature}}
    return {
        "model_spec": {"name": name, "signature_name": "", "version": "1"},
        "metadata": {"signature_def": signatures},
    }


def _tensor(name, dtype, shape):
    sizes = [{"size": str(size), "name": ""} for size in shape]
    return {
        "name": name,
        "dtype": dtype,
        "tensor_shape": {"dim": sizes, "unknown_rank": False},
    }
