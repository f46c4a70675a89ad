"""Scores of generated videos during training."""

from absl import app, flags

import keras_mocogan as km
from keras_mocogan.cli import clips

flags.DEFINE_integer(
    "scores_every", None, "Epochs between scores. Default: no scores.", 1
)
flags.DEFINE_string("classifier", None, "From `keras-mocogan classifier`.")
flags.DEFINE_string("i3d", None, "I3D's weights: TorchScript file or SavedModel.")
flags.DEFINE_bool("colors", False, "Score the color of one bright shape.")
flags.DEFINE_integer("score_count", 256, "Videos to score.", 2)
FLAGS = flags.FLAGS


def make_callbacks():
    """The callback that the flags ask for, in a list, or an empty list."""
    if FLAGS.scores_every is None:
        return []
    if not (FLAGS.classifier or FLAGS.i3d or FLAGS.colors):
        raise app.UsageError(
            "--scores_every needs something to measure: --classifier, --i3d or "
            "--colors."
        )
    judge = km.metrics.load_classifier(FLAGS.classifier) if FLAGS.classifier else None
    return [
        km.callbacks.MetricsCallback(
            clips.real_clips(FLAGS.score_count),
            judge,
            km.metrics.i3d(FLAGS.i3d) if FLAGS.i3d else None,
            FLAGS.colors,
            FLAGS.score_count,
            FLAGS.scores_every,
        )
    ]
