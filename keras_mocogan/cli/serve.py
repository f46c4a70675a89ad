"""Serves an exported model: JSON lines in, GIF or MP4 files and JSON lines out.

    echo '{"seed": 1, "count": 2, "frames": 32, "class": 0}' |
        keras-mocogan serve --model=exported --output_dir=served

A request has `seed` (default 0), `count` (1), `frames` (the model's own), `class`
(drawn) and `format` ("gif" or "mp4"). A bad request is answered with an error, and the
next line is read.
"""

import sys

from absl import flags

FIRST_FLAGS = "model requests output_dir max_count max_frames fps"

flags.DEFINE_string("model", None, "Folder of the exported model.", required=True)
flags.DEFINE_string("requests", "-", "File of JSON lines; - is standard input.")
flags.DEFINE_string("output_dir", "served", "Folder that the videos are written to.")
flags.DEFINE_integer("max_count", 64, "Most videos in a request.", 1)
flags.DEFINE_integer("max_frames", 1024, "Most frames in a video.", 1)
flags.DEFINE_integer("fps", 8, "Frames a second.", 1)
FLAGS = flags.FLAGS


def main(_):
    from keras_mocogan.export import server  # which needs TensorFlow

    lines = sys.stdin.buffer if FLAGS.requests == "-" else open(FLAGS.requests, "rb")
    limits = server.Limits(FLAGS.max_count, FLAGS.max_frames)
    server.serve(FLAGS.model, lines, FLAGS.output_dir, limits, FLAGS.fps)
