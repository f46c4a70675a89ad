"""Trains a classifier of frames, which recognizes what the content of clips looks like.

    python tools/train_attributes.py --training=training.npz --held_out=held_out.npz \\
        --output=attributes.keras

The files hold clips and their attributes: see tools/clip_arrays.py. The accuracy for
each attribute in single frames of the held-out clips is printed, with its 95 %
interval, and stored in the file. Attributes with only one class are left out. 6,000
clips of 8 frames of 64 pixels take about three minutes on two cores.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when loaded

import keras_mocogan as km  # isort: skip  (readies TensorFlow before Keras loads it)
import clip_arrays
import keras
import numpy as np
from absl import app, flags

flags.DEFINE_string("training", None, "Clips to learn from, `.npz`.", required=True)
flags.DEFINE_string("held_out", None, "Clips to test with.", required=True)
flags.DEFINE_string("output", "attributes.keras", "Where the classifier goes.")
flags.DEFINE_integer("filters", 24, "Channels of the first level.")
flags.DEFINE_integer("batch_size", 64, "Frames in a step.")
flags.DEFINE_integer("epochs", 4, "How often each frame is seen.")
flags.DEFINE_float("rate", 2e-3, "Adam's learning rate, with a cosine decay to 0.")
flags.DEFINE_integer("seed", 0, "Seed of weights and of the order of frames.")
FLAGS = flags.FLAGS


def make_model(clips):
    counts = {name: int(v.max()) + 1 for name, v in clips.attributes.items()}
    counts = {name: count for name, count in counts.items() if count > 1}
    if not counts:
        raise app.UsageError(
            f"{FLAGS.training} must have an attribute with several classes."
        )
    names = {name: clips.names.get(name) for name in counts}
    return km.metrics.AttributeClassifier(
        counts, *clips.videos.shape[3:], filters=FLAGS.filters, class_names=names
    )


def train(model, clips):
    count, frames = clips.videos.shape[:2]
    decay = keras.optimizers.schedules.CosineDecay(
        FLAGS.rate, FLAGS.epochs * -(-count * frames // FLAGS.batch_size)
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    names = list(model.attributes)
    model.compile(keras.optimizers.Adam(decay), dict.fromkeys(names, loss))
    model.fit(
        clips.videos.reshape(-1, *clips.videos.shape[2:]),
        {name: np.repeat(clips.attributes[name], frames) for name in names},
        batch_size=FLAGS.batch_size,
        epochs=FLAGS.epochs,
        verbose=2,
    )


def accuracies(model, clips):
    """Attribute -> accuracy for single frames."""
    _, predictions = model.classify(clips.videos)
    found = {}
    for name, predicted in predictions.items():
        hits = predicted == clips.attributes[name][:, None]
        # Frames of a clip are right or wrong together: the interval is that of clips.
        low, high = km.metrics.accuracy_interval(hits.mean(axis=1).sum(), len(hits))
        found[name] = {
            "accuracy": float(hits.mean()),
            "interval": [low, high],
            "clips": len(hits),
        }
    return found


def main(_):
    clips, held_out = map(clip_arrays.read, (FLAGS.training, FLAGS.held_out))
    keras.utils.set_random_seed(FLAGS.seed)
    model = make_model(clips)
    train(model, clips)
    model.held_out = accuracies(model, held_out)
    model.save(FLAGS.output)
    for name, score in model.held_out.items():
        low, high = score["interval"]
        print(f"{name:<20}{score['accuracy']:>8.1%} ({low:.1%} to {high:.1%})")


if __name__ == "__main__":
    app.run(main)
