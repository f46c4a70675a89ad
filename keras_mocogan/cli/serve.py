"""Serves a model over HTTP, or answers lines of JSON.

    keras-mocogan serve --preset=shapes
    keras-mocogan serve --model=exported --port=8000
    keras-mocogan serve --model=m.keras --host=0.0.0.0 --token=SECRET
    curl localhost:8000/v1/generate -d '{"count": 4, "seed": 1}' -o videos.gif

A model is a folder that `export` wrote, or a `.keras` file. /docs describes all
addresses. The small form needs TensorFlow and an exported folder, but no network:

    echo '{"seed": 1, "count": 2, "frames": 32, "class": 0}' |
        keras-mocogan serve --model=exported --requests=- --output_dir=served

There a request has `seed` (default 0), `count` (1), `frames` (the model's own), `class`
(drawn) and `format` ("gif" or "mp4"). A bad request is answered with an error, and the
next line is read.
"""

import os
import sys
from pathlib import Path

from absl import app, flags

from keras_mocogan.cli import stored
from keras_mocogan.utils.remote.remote_path import as_path, is_url

FIRST_FLAGS = "model preset port host token requests output_dir"

flags.DEFINE_integer("port", 8000, "Port to listen at.", 1, 65535)
flags.DEFINE_string("host", "127.0.0.1", "Address to listen at; 0.0.0.0 for all.")
flags.DEFINE_string(
    "token",
    None,
    "What clients must send as `Authorization: Bearer TOKEN`; the environment variable "
    "KERAS_MOCOGAN_TOKEN does the same, and other users cannot see it.",
)
flags.DEFINE_string("name", None, "Model's name in addresses; default: its file's.")
flags.DEFINE_list("class_names", None, "Names of the classes; default: a preset's.")
flags.DEFINE_integer("max_waiting", 128, "Most requests that may wait.", 1)
flags.DEFINE_integer("max_batch", 64, "Most videos generated in one call.", 1)
flags.DEFINE_float("max_seconds", 60, "Seconds in which an answer must be there.", 0.01)
flags.DEFINE_string(
    "requests", None, "File of JSON lines to answer, - for standard input; no HTTP."
)
flags.DEFINE_string("output_dir", "served", "Folder for the videos of JSON lines.")
flags.DEFINE_integer("max_count", 64, "Most videos in a request.", 1)
flags.DEFINE_integer("max_frames", 1024, "Most frames in a video.", 1)
flags.DEFINE_integer("fps", 8, "Frames a second.", 1)
flags.adopt_module_key_flags(stored)
FLAGS = flags.FLAGS
_OF_HTTP = "port host token name class_names max_waiting max_batch max_seconds".split()


def main(_):
    # --output_dir alone is how lines were asked for before there was HTTP.
    if FLAGS["requests"].present or FLAGS["output_dir"].present:
        _answer_lines()
    else:
        _serve_http()


def _answer_lines():
    for name in (*_OF_HTTP, "preset"):
        if FLAGS[name].present:
            raise app.UsageError(
                f"--{name} is for HTTP. Received: --{name} with --requests or "
                "--output_dir, for lines of JSON. Leave one of them out."
            )
    if FLAGS.model is None:
        raise app.UsageError("Give --model=FOLDER, which `export` wrote.")
    is_here = not is_url(FLAGS.model)
    model = str(as_path(FLAGS.model))
    if is_here and not (Path(model) / "saved_model.pb").is_file():
        raise app.UsageError(
            "For lines of JSON, --model must be a folder that `export` wrote as a "
            f"SavedModel. Received: {FLAGS.model}. Make one: keras-mocogan export "
            f"--model={FLAGS.model} --output=exported"
        )
    from keras_mocogan.export import server  # which needs TensorFlow

    from_console = FLAGS.requests in (None, "-")
    requests = os.path.expanduser(FLAGS.requests or "")
    lines = sys.stdin.buffer if from_console else open(requests, "rb")
    limits = server.Limits(FLAGS.max_count, FLAGS.max_frames)
    server.serve(model, lines, as_path(FLAGS.output_dir), limits, FLAGS.fps)


def _serve_http():
    from keras_mocogan.serving import run
    from keras_mocogan.serving.limits import Limits

    name = FLAGS.name or Path(FLAGS.preset or FLAGS.model or "").stem or "model"
    if "/" in name:
        raise app.UsageError(
            f"--name must be one part of an address, without /. Received: {name}."
        )
    run.check_installed()
    about = stored.about()
    names = FLAGS.class_names or about.get("class_names")
    limits = Limits(
        count=FLAGS.max_count,
        frames=FLAGS.max_frames,
        waiting=FLAGS.max_waiting,
        batch=FLAGS.max_batch,
        seconds=FLAGS.max_seconds,
    )
    options = run.Options(
        name,
        names,
        limits,
        FLAGS.fps,
        FLAGS.host,
        FLAGS.port,
        FLAGS.token or os.environ.get("KERAS_MOCOGAN_TOKEN"),
        about.get("credits"),
    )
    run.run(_load, options)


def _load():
    from keras_mocogan.serving import run

    if FLAGS.model and not FLAGS.preset:
        folder = str(as_path(FLAGS.model))
        if run.is_folder(folder):
            return folder
    return stored.load()
