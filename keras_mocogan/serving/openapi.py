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
    500: "The server failed; its log says why.",
    503: "The server is being stopped.",
    504: "The time limit was reached.",
}
_SEED = {
    "X-Seed": {
        "description": "Seed of the videos; several are separated by commas.",
        "schema": {"type": "string"},
    }
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
    return {200: {"description": "The file.", "content": content, "headers": _SEED}}


def prediction() -> dict[int | str, Any]:
    """FastAPI's `responses` for pixels in TensorFlow Serving's form."""
    videos = {"type": "array", "description": "Nested lists of pixels, 0 to 255."}
    forms = ("outputs", "predictions")
    schema = {
        "oneOf": [_object({form: videos}) | {"required": [form]} for form in forms]
    }
    content = {"application/json": {"schema": schema}}
    return {200: {"description": "Pixels.", "content": content, "headers": _SEED}}


def health() -> dict[int | str, Any]:
    """FastAPI's `responses` of /healthz."""
    schema = _object({"ok": {"type": "boolean"}}) | {"required": ["ok"]}
    content = {"application/json": {"schema": schema}}
    reasons = {200: "It generates.", 503: "Its generator has ended."}
    return {s: {"description": r, "content": content} for s, r in reasons.items()}


def text(media_type: str) -> dict[int | str, Any]:
    """FastAPI's `responses` for an answer that is text."""
    content = {media_type: {"schema": {"type": "string"}}}
    return {200: {"description": "The text.", "content": content}}


def model_name(name: str) -> dict[str, Any]:
    """The parameter of addresses that name the model."""
    schema = {"type": "string", "enum": [name]}
    parameter = {"name": "name", "in": "path", "required": True, "schema": schema}
    return {"parameters": [parameter]}


def video_body(reader: RequestReader) -> dict[str, Any]:
    """The body of /v1/generate."""
    known = _properties(reader, "frames", "class")
    known["format"] = {"enum": [*FORMATS, None], "default": FORMATS[0]}
    return _body(_object(known))


def prediction_body(reader: RequestReader) -> dict[str, Any]:
    """The body of TensorFlow Serving's predict."""
    one = _object(_properties(reader, "num_frames", "label"))
    names = {"signature_name": {"enum": ["serving_default", None]}}
    rows = {"type": "array", "items": one, "minItems": 1, "maxItems": reader.most_rows}
    forms = {"inputs": one, "instances": rows}
    required = [
        _object(names | {form: schema}) | {"required": [form]}
        for form, schema in forms.items()
    ]
    return _body({"oneOf": required}, required=True)


def _properties(reader, frames, label):
    limits, classes = reader.limits, reader.facts.num_classes
    about = "0 means the model's own number."
    drawn = "-1, or nothing, draws one for each video."
    named = [{"enum": reader.class_names}] if reader.class_names else []
    number = _integer(-1, classes - 1)
    return {
        "count": _integer(1, limits.count, 1),
        frames: _integer(0, limits.frames, 0) | {"description": about},
        label: {"anyOf": [number, *named], "description": drawn},
        "seed": _integer(0, MOST_SEED)
        | {"description": "Drawn if left out; the header X-Seed tells it."},
    }


def _integer(low, high, default=None):
    # null is as good as nothing.
    schema = {"type": ["integer", "null"], "minimum": low, "maximum": high}
    return schema if default is None else schema | {"default": default}


def _object(properties):
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _body(schema, required=False):
    content = {"application/json": {"schema": schema}}
    return {"requestBody": {"required": required, "content": content}}
