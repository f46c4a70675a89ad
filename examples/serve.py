"""Serves an exported model: JSON lines in, GIF or MP4 files and JSON lines out.

    echo '{"seed": 1, "count": 2, "frames": 32, "class": 0}' |
        python examples/serve.py --model=exported --output_dir=served

A request has `seed` (default 0), `count` (1), `frames` (the model's own), `class`
(drawn) and `format` ("gif" or "mp4"). A bad request is answered with an error, and the
next line is read. `keras-mocogan serve` does the same; this script needs TensorFlow,
NumPy, PyAV, Pillow and absl, but neither Keras nor keras_mocogan. It reads one file of
the package, and a machine that only serves needs no more than a copy of that.
"""

import os
import runpy
import sys
from pathlib import Path
from types import SimpleNamespace

from absl import app, flags

flags.DEFINE_string("model", None, "Folder of the exported model.", required=True)
flags.DEFINE_string("requests", "-", "File of JSON lines; - is standard input.")
flags.DEFINE_string("output_dir", "served", "Folder that the videos are written to.")
flags.DEFINE_integer("max_count", 64, "Most videos in a request.", 1)
flags.DEFINE_integer("max_frames", 1024, "Most frames in a video.", 1)
flags.DEFINE_integer("fps", 8, "Frames a second.", 1)
FLAGS = flags.FLAGS

SERVER = Path(__file__).resolve().parents[1] / "keras_mocogan" / "export" / "server.py"


def main(_):
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # read when TensorFlow loads
    server = SimpleNamespace(**runpy.run_path(str(SERVER)))
    lines = sys.stdin.buffer if FLAGS.requests == "-" else open(FLAGS.requests, "rb")
    limits = server.Limits(FLAGS.max_count, FLAGS.max_frames)
    server.serve(FLAGS.model, lines, FLAGS.output_dir, limits, FLAGS.fps)


if __name__ == "__main__":
    app.run(main)
