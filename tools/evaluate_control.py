"""Measures whether content and motion of a model decide what they should.

    python tools/evaluate_control.py --model=model.keras --training=training.npz \\
        --held_out=held_out.npz --grid=grid.npz --classifier=classifier.keras \\
        --attributes=attributes.keras --output=control.json

The model generates each of `--contents` contents under one motion of every class, and
as many clips as are held out. Real clips come from files: see tools/clip_arrays.py. The
file of `--grid` has the same characters in every class: its `videos` have the shape
`(contents, classes, frames, height, width, channels)`. The scores of real clips are
printed too, because they are the highest that the classifiers can find. The classifiers
come from tools/train_classifier.py and tools/train_attributes.py. docs/training.md
explains each score.
"""

import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when loaded

import keras_mocogan as km  # isort: skip  (readies TensorFlow before Keras loads it)
import clip_arrays
import keras
import numpy as np
from absl import app, flags

from keras_mocogan.metrics import control_report, report
from keras_mocogan.utils.files import replacing

flags.DEFINE_string("model", None, "A saved `MoCoGAN` with classes, `.keras`.")
flags.DEFINE_string("preset", None, "Or a preset's name.")
flags.DEFINE_string("training", None, "Clips it was trained on, `.npz`.", required=True)
flags.DEFINE_string("held_out", None, "Other real clips.", required=True)
flags.DEFINE_string("grid", None, "Real characters in every class, if you have them.")
flags.DEFINE_string("classifier", None, "Of classes, `.keras`.", required=True)
flags.DEFINE_string("attributes", None, "Of frames, `.keras`.", required=True)
flags.DEFINE_list(
    "class_names",
    None,
    "The model's classes, if it was trained on other numbers of them than the clips "
    "have, such as on folders, which are numbered in alphabetical order.",
)
flags.DEFINE_integer("contents", 64, "Contents of the grid.", lower_bound=2)
flags.DEFINE_integer("downsample", 4, "Side of averaged squares, to find copies.")
flags.DEFINE_integer("seed", 0, "Seed of the generated clips and of all draws.")
flags.DEFINE_string("output", "control.json", "Where scores and settings go.")
FLAGS = flags.FLAGS


def load_model():
    if (FLAGS.model is None) == (FLAGS.preset is None):
        raise app.UsageError("Give either --model=FILE or --preset=NAME.")
    if FLAGS.preset:
        model = km.MoCoGAN.from_preset(FLAGS.preset)
    else:
        model = keras.models.load_model(FLAGS.model)
    if not isinstance(model, km.MoCoGAN) or model.num_classes < 2:
        raise app.UsageError("The model must be a MoCoGAN with several classes.")
    return model


def model_labels(model, names):
    """The model's number of each class of the clips, which have these names or None."""
    own = FLAGS.class_names
    if own is None and FLAGS.preset and names:
        own = km.presets.about(FLAGS.preset).get("class_names")
    if own is None:
        return np.arange(model.num_classes)
    if sorted(own) != sorted(names or ()):
        raise app.UsageError(
            f"The model's classes must be those of the clips, {names}. Received: "
            f"{own}. Give --class_names in the model's order, and clips with names."
        )
    return np.array([own.index(name) for name in names])


def generate_grid(model, classes):
    """uint8 `(contents, classes, frames, height, width, channels)`."""
    in_motion = model.category_input == "motion"
    content = model.sample_content(FLAGS.contents, FLAGS.seed)
    motion = model.sample_motion(
        len(classes), model.clip_frames, classes if in_motion else None, FLAGS.seed
    )
    row, column = np.divmod(np.arange(FLAGS.contents * len(classes)), len(classes))
    videos = model.generate(
        len(row),
        labels=None if in_motion else classes[column],
        content=content[row],
        motion=motion[column],
    )
    return videos.reshape(FLAGS.contents, len(classes), *videos.shape[1:])


def measure(model, classifier, attributes):
    training, held_out = map(clip_arrays.read, (FLAGS.training, FLAGS.held_out))
    judges, seed = (classifier, attributes), FLAGS.seed
    real = clip_arrays.read(FLAGS.grid).videos if FLAGS.grid else None
    labels = model_labels(model, held_out.names.get("labels"))
    scores = control_report.grid_scores(
        generate_grid(model, labels), np.arange(len(labels)), *judges, real, seed
    )
    # Other contents than the grid's, in the classes of the real clips.
    generated = model.generate(
        len(held_out.videos),
        model.clip_frames,
        labels[held_out.labels],
        seed=seed + 1,
    )
    scores += control_report.clip_scores(generated, held_out.videos, *judges, seed)
    return scores + control_report.copy_scores(
        generated, training.videos, held_out.videos, FLAGS.downsample, seed
    )


def main(_):
    model = load_model()
    classifier = km.metrics.load_classifier(FLAGS.classifier)
    attributes = km.metrics.load_classifier(
        FLAGS.attributes, km.metrics.AttributeClassifier
    )
    scores = measure(model, classifier, attributes)
    print(report.to_table(scores))
    print(f"The classifier's score on held-out clips: {classifier.held_out}")
    for name, score in attributes.held_out.items():
        print(f"{name} in held-out frames: {score['accuracy']:.1%}")
    written = {
        "scores": [
            # JSON has no NaN, which means that there are no real clips to compare with.
            {name: None if v != v else v for name, v in score._asdict().items()}
            for score in scores
        ],
        "classifier": classifier.held_out,
        "attributes": attributes.held_out,
        "settings": {
            flag.name: flag.value
            for flag in FLAGS.get_key_flags_for_module(sys.argv[0])
        },
        "versions": {"keras_mocogan": km.__version__, "keras": keras.__version__},
    }
    with replacing(FLAGS.output) as part:
        part.write_text(json.dumps(written, indent=2) + "\n")


if __name__ == "__main__":
    app.run(main)
