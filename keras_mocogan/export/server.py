"""A server of JSON lines for an exported model.

This file needs TensorFlow, NumPy, PyAV and Pillow, but neither Keras nor the rest of
the package: examples/serve.py runs it alone.
"""

import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import av
import numpy as np
import tensorflow as tf
from PIL import Image

_DEFAULTS = {"seed": 0, "count": 1, "frames": 0, "class": -1, "format": "gif"}
_TYPES = {"seed": tf.int64, "count": tf.int32, "frames": tf.int32, "class": tf.int32}


class Limits(NamedTuple):
    """What a request may ask for.

    Attributes:
        count: Most videos in a request.
        frames: Most frames in a video.
    """

    count: int = 64
    frames: int = 1024


def serve(
    model: str, lines: Iterable[bytes], folder: str, limits: Limits, fps: int = 8
) -> None:
    """Answers lines of JSON with videos, and with lines of JSON on standard output.

    A request has `seed` (default 0), `count` (1), `frames` (the model's own), `class`
    (drawn) and `format` ("gif" or "mp4"). A bad request is answered with an error, and
    the next line is read.

    Args:
        model: Folder of the exported model.
        lines: The requests; bytes, because a line that is not text must not stop the
            reading.
        folder: Where the videos are written to. Those that are there already stay: the
            numbers of new files begin after theirs.
        limits: What a request may ask for.
        fps: Frames a second.
    """
    generate = tf.saved_model.load(model).signatures["serving_default"]
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    first = _first_free_number(folder)
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        started = time.perf_counter()
        try:
            request = parse(line, limits)
            stem = folder / f"{first + number:05d}"
            files = _answer(generate, request, stem, fps)
        except (ValueError, tf.errors.OpError, OSError, RecursionError) as error:
            result = {"error": _reason(error)}
        else:
            seconds = round(time.perf_counter() - started, 4)
            result = {"files": files, "seconds": seconds}
        print(json.dumps({"request": number, **result}), flush=True)


def parse(line: bytes, limits: Limits) -> dict[str, Any]:
    """The request in a line, with defaults filled in.

    Raises:
        ValueError: If it is not one.
    """
    request = json.loads(line)
    if not isinstance(request, dict) or not set(request) <= set(_DEFAULTS):
        raise ValueError(
            f"a request must be a JSON object of some of {list(_DEFAULTS)}"
        )
    request = _DEFAULTS | request
    bounds = {
        "seed": (0, 2**63 - 1),
        "count": (1, limits.count),
        "frames": (0, limits.frames),
        "class": (-1, 2**31 - 1),
    }
    for name, (low, high) in bounds.items():
        value = request[name]
        if type(value) is not int or not low <= value <= high:
            raise ValueError(
                f"{name} must be an integer from {low} to {high}. Received: "
                f"{name}={value!r}"
            )
    if request["format"] not in tuple(_WRITERS):  # a list or object has no hash
        raise ValueError(
            f"format must be 'gif' or 'mp4'. Received: format={request['format']!r}"
        )
    return request


def _first_free_number(folder):
    numbers = (path.name.partition("_")[0] for path in folder.glob("[0-9]*_*.*"))
    return 1 + max((int(n) for n in numbers if n.isdecimal()), default=-1)


def _answer(generate, request, stem, fps):
    """Writes the videos of a request; returns the files' names."""
    values = [tf.constant(request[name], dtype) for name, dtype in _TYPES.items()]
    seed, count, frames, label = values
    videos = generate(seed=seed, count=count, num_frames=frames, label=label)
    files, suffix = [], request["format"]
    for i, video in enumerate(_rgb(videos["videos"].numpy())):
        files.append(f"{stem}_{i:03d}.{suffix}")
        _WRITERS[suffix](files[-1], np.ascontiguousarray(video), fps)
    return files


def _write_gif(path, frames, fps):
    pictures = [Image.fromarray(frame).convert("RGB") for frame in frames]
    hold = 1000 // fps
    pictures[0].save(
        path, save_all=True, append_images=pictures[1:], duration=hold, loop=0
    )


def _write_mp4(path, frames, fps):
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "yuv420p"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame)))
        container.mux(stream.encode())


_WRITERS = {"gif": _write_gif, "mp4": _write_mp4}


def _rgb(videos):
    """Repeats a gray channel three times, and drops alpha."""
    channels = {1: [0, 0, 0], 2: [0, 0, 0], 3: [0, 1, 2], 4: [0, 1, 2]}
    return videos[..., channels[videos.shape[-1]]]


def _reason(error):
    """What a client should see of an error, without TensorFlow's trace."""
    text = getattr(error, "message", str(error))
    text = text.split("assertion failed: ")[-1].split("\n")[0]
    return text.replace("[", "").replace("]", "")
