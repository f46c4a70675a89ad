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

_DISTANCES = "frechet_distance", "kernel_distance"


def check():
    """Refuses flags that measure nothing."""
    measures = [name for name in ("classifier", "i3d", "colors") if FLAGS[name].value]
    if FLAGS.scores_every is not None and not measures:
        raise app.UsageError(
            "--scores_every needs something to measure: --classifier, --i3d or "
            "--colors."
        )
    if FLAGS.scores_every is None and measures:
        raise app.UsageError(
            f"--{measures[0]} is for --scores_every, and there are no scores without "
            f"it. Give --scores_every=1 too, or leave --{measures[0]} out."
        )


def names():
    """Names of the scores that the flags ask for, as epochs log them."""
    found = []
    if FLAGS.colors:
        found += ["acd", "acd_unit", "color_coverage", "square_share"]
    if FLAGS.classifier:
        found += ["mcs", "inception_score", *_DISTANCES]
    if FLAGS.i3d:
        found += [f"extractor_{name}" for name in _DISTANCES]
    return found


def make_callbacks():
    """The callback that the flags ask for, in a list, or an empty list."""
    if FLAGS.scores_every is None:
        return []
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
