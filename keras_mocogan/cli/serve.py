"""Serves an exported model: JSON lines in, GIF or MP4 files and JSON lines out.

    echo '{"seed": 1, "count": 2, "frames": 32, "class": 0}' |
        keras-mocogan serve --model=exported --output_dir=served

A request has `seed` (default 0), `count` (1), `frames` (the model's own), `class`
(drawn) and `format` ("gif" or "mp4"). A bad request is answered with an error, and the
next line is read. This file alone, run as a script, needs TensorFlow, NumPy, PyAV and
Pillow, but neither Keras nor keras_mocogan.
"""

import json
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when loaded

import av
import numpy as np
import tensorflow as tf
from absl import app, flags
from PIL import Image

FIRST_FLAGS = "model requests output_dir max_count max_frames fps"
flags.DEFINE_string("model", None, "Folder of the exported model.", required=True)
flags.DEFINE_string("requests", "-", "File of JSON lines; - is standard input.")
flags.DEFINE_string("output_dir", "served", "Folder that the videos are written to.")
flags.DEFINE_integer("max_count", 64, "Most videos in a request.", 1)
flags.DEFINE_integer("max_frames", 1024, "Most frames in a video.", 1)
flags.DEFINE_integer("fps", 8, "Frames a second.", 1)
FLAGS = flags.FLAGS

DEFAULTS = {"seed": 0, "count": 1, "frames": 0, "class": -1, "format": "gif"}
TYPES = {"seed": tf.int64, "count": tf.int32, "frames": tf.int32, "class": tf.int32}


def parse(line):
    """The request in a line, with defaults; `ValueError` if it is not one."""
    request = json.loads(line)
    if not isinstance(request, dict) or not set(request) <= set(DEFAULTS):
        raise ValueError(f"a request must be a JSON object of some of {list(DEFAULTS)}")
    request = DEFAULTS | request
    bounds = {
        "seed": (0, 2**63 - 1),
        "count": (1, FLAGS.max_count),
        "frames": (0, FLAGS.max_frames),
        "class": (-1, 2**31 - 1),
    }
    for name, (low, high) in bounds.items():
        value = request[name]
        if type(value) is not int or not low <= value <= high:
            raise ValueError(
                f"{name} must be an integer from {low} to {high}. Received: "
                f"{name}={value!r}"
            )
    if request["format"] not in WRITERS:
        raise ValueError(
            f"format must be 'gif' or 'mp4'. Received: format={request['format']!r}"
        )
    return request


def write_gif(path, frames):
    pictures = [Image.fromarray(frame).convert("RGB") for frame in frames]
    hold = 1000 // FLAGS.fps
    pictures[0].save(
        path, save_all=True, append_images=pictures[1:], duration=hold, loop=0
    )


def write_mp4(path, frames):
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FLAGS.fps)
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "yuv420p"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame)))
        container.mux(stream.encode())


WRITERS = {"gif": write_gif, "mp4": write_mp4}


def rgb(videos):
    """Repeats a gray channel three times, and drops alpha."""
    channels = {1: [0, 0, 0], 2: [0, 0, 0], 3: [0, 1, 2], 4: [0, 1, 2]}
    return videos[..., channels[videos.shape[-1]]]


def answer(generate, number, line):
    started = time.perf_counter()
    request = parse(line)
    values = [tf.constant(request[name], dtype) for name, dtype in TYPES.items()]
    seed, count, frames, label = values
    videos = generate(seed=seed, count=count, num_frames=frames, label=label)
    folder, files = Path(FLAGS.output_dir), []
    for i, video in enumerate(rgb(videos["videos"].numpy())):
        files.append(str(folder / f"{number:05d}_{i:03d}.{request['format']}"))
        WRITERS[request["format"]](files[-1], np.ascontiguousarray(video))
    return {"files": files, "seconds": round(time.perf_counter() - started, 4)}


def reason(error):
    """What a client should see of an error, without TensorFlow's trace."""
    text = getattr(error, "message", str(error))
    text = text.split("assertion failed: ")[-1].split("\n")[0]
    return text.replace("[", "").replace("]", "")


def main(_):
    generate = tf.saved_model.load(FLAGS.model).signatures["serving_default"]
    Path(FLAGS.output_dir).mkdir(parents=True, exist_ok=True)
    # Bytes: a line that is not text must not stop the reading.
    lines = sys.stdin.buffer if FLAGS.requests == "-" else open(FLAGS.requests, "rb")
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        try:
            result = answer(generate, number, line)
        except (ValueError, tf.errors.OpError, OSError, RecursionError) as error:
            result = {"error": reason(error)}
        print(json.dumps({"request": number, **result}), flush=True)


if __name__ == "__main__":
    app.run(main)
