"""What /openapi.json says of bodies and answers, which FastAPI cannot see."""

from typing import Any

from keras_mocogan.serving.encoding import FORMATS, MEDIA_TYPES
from keras_mocogan.serving.requests import MOST_SEED, RequestReader

_REASONS = {
    400: "The body is not JSON.",
    401: "The token is missing or wrong.",
    404: "There is no such model.",
    413: "The body is too large.",
    422: "A value does not fit.",
    429: "Too many requests wait; the header Retry-After says when to try again.",
    504: "The time limit was reached.",
}
_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {"error": {"type": "string", "description": "What must hold."}},
}


def errors(*statuses: int) -> dict[int | str, Any]:
    """FastAPI's `responses` for statuses of errors."""
    content = {"application/json": {"schema": _ERROR}}
    return {s: {"description": _REASONS[s], "content": content} for s in statuses}


def files() -> dict[int | str, Any]:
    """FastAPI's `responses` for an answer that is a file."""
    file = {"schema": {"type": "string", "format": "binary"}}
    content = {media_type: file for media_type in MEDIA_TYPES.values()}
    return {200: {"description": "The file.", "content": content}}


def video_body(reader: RequestReader) -> dict[str, Any]:
    """The body of /v1/generate."""
    known = _properties(reader, "frames", "class")
    known["format"] = {"enum": list(FORMATS), "default": FORMATS[0]}
    return _body({"type": "object", "properties": known, "additionalProperties": False})


def prediction_body(reader: RequestReader) -> dict[str, Any]:
    """The body of TensorFlow Serving's predict."""
    one = {
        "type": "object",
        "properties": _properties(reader, "num_frames", "label"),
        "additionalProperties": False,
    }
    names = {"signature_name": {"const": "serving_default"}}
    forms = {"inputs": one, "instances": {"type": "array", "items": one}}
    return _body(
        {
            "oneOf": [
                {
                    "type": "object",
                    "required": [form],
                    "properties": names | {form: schema},
                }
                for form, schema in forms.items()
            ]
        }
    )


def _properties(reader, frames, label):
    limits, classes = reader.limits, reader.facts.num_classes
    about = "0 means the model's own number."
    drawn = "-1, or nothing, draws one for each video."
    named = [{"enum": reader.class_names}] if reader.class_names else []
    number = {"type": "integer", "minimum": -1, "maximum": max(classes, 0) - 1}
    return {
        "count": _integer(1, limits.count, 1),
        frames: _integer(0, limits.frames, 0) | {"description": about},
        label: {"anyOf": [number, *named], "description": drawn},
        "seed": _integer(0, MOST_SEED)
        | {"description": "Drawn if left out; the header X-Seed tells it."},
    }


def _integer(low, high, default=None):
    schema = {"type": "integer", "minimum": low, "maximum": high}
    return schema if default is None else schema | {"default": default}


def _body(schema):
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}}
