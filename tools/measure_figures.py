"""Measures a model trained on drawn people: right motion, and clothes that stay on?

    python tools/measure_figures.py --model=runs/quickstart/model.keras

Two small classifiers learn from 3,000 drawn clips, about a minute on two cores: one the
motion of a clip, one the looks in a frame. They judge 64 contents of the model under
one motion of every class, and as many drawn clips, which show how good they are:

- class right: the share of clips that move as their class says;
- content kept: the share of clips with one look in all frames;
- content obeyed: the share of pairs of motions under which a content looks the same;
- change: the mean absolute difference of neighboring frames, of 255. It is too low if
  people stand still, and too high if they flicker.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when loaded

import keras_mocogan as km  # isort: skip  (readies TensorFlow before Keras loads it)
import keras
import numpy as np
from absl import app, flags

flags.DEFINE_string("model", None, "A saved `MoCoGAN`, `.keras`.", required=True)
flags.DEFINE_integer("contents", 64, "Contents of the grid.", lower_bound=2)
flags.DEFINE_integer("clips", 3000, "Drawn clips to learn from.", lower_bound=12)
flags.DEFINE_integer("epochs", 4, "How often the classifiers see each.", lower_bound=1)
flags.DEFINE_integer("seed", 0, "Seed of all draws.")
FLAGS = flags.FLAGS

LOOKS = ("hair_color", "top_color", "legs_color", "background")
FILTERS, BATCH, RATE = 12, 32, 4e-3


def train(model, inputs, targets):
    steps = FLAGS.epochs * -(-len(inputs) // BATCH)
    decay = keras.optimizers.schedules.CosineDecay(RATE, steps)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(decay), dict.fromkeys(targets, loss))
    model.fit(inputs, targets, batch_size=BATCH, epochs=FLAGS.epochs, verbose=0)
    return model


def train_judges(clips):
    """A classifier of motions, and one of looks."""
    count, frames, size, _, channels = clips.videos.shape
    of_clips = km.metrics.VideoClassifier(
        len(clips.class_names), size, channels, frames, FILTERS
    )
    train(of_clips, clips.videos, {"logits": clips.labels})
    values = {name: len(clips.attribute_names[name]) for name in LOOKS}
    of_frames = km.metrics.AttributeClassifier(values, size, channels, FILTERS)
    some = clips.videos[:, ::2]  # neighbors look alike
    targets = {name: np.repeat(clips.attributes[name], some.shape[1]) for name in LOOKS}
    train(of_frames, some.reshape(-1, *some.shape[2:]), targets)
    return of_clips, of_frames


def judge(grid, classes, of_clips, of_frames):
    """Shares `(class right, {look: kept}, {look: obeyed})` of a grid of videos."""
    videos = grid.reshape(-1, *grid.shape[2:])
    _, odds = of_clips.classify(videos)
    right = np.mean(odds.argmax(axis=1) == np.tile(classes, len(grid)))
    _, looks = of_frames.classify(videos)
    kept = km.metrics.content_kept(looks).shares
    looks = {name: seen.reshape(grid.shape[:3]) for name, seen in looks.items()}
    return right, kept, km.metrics.content_obeyed(looks).pairs


def generate(model, classes):
    """`(contents, classes, frames, height, width, channels)`."""
    column = np.tile(np.arange(len(classes)), FLAGS.contents)
    content = model.sample_content(FLAGS.contents, FLAGS.seed)
    in_motion = model.category_input == "motion"
    motion = model.sample_motion(
        len(classes), labels=classes if in_motion else None, seed=FLAGS.seed
    )
    videos = model.generate(
        len(column),
        labels=None if in_motion else classes[column],
        content=np.repeat(content, len(classes), axis=0),
        motion=motion[column],
    )
    return videos.reshape(FLAGS.contents, len(classes), *videos.shape[1:])


def change(videos):
    """Mean absolute difference of neighboring frames, on 0..255."""
    return np.abs(np.diff(videos.astype("float32"), axis=-4)).mean()


def draw(count, model, seed):
    return km.data.figures(count, model.clip_frames, model.image_size, seed=seed)


def main(_):
    keras.utils.set_random_seed(FLAGS.seed)
    model = keras.models.load_model(FLAGS.model)
    judges = train_judges(draw(FLAGS.clips, model, FLAGS.seed + 1))
    classes = np.arange(model.num_classes)
    grid = generate(model, classes)
    right, kept, obeyed = judge(grid, classes, *judges)

    drawn = draw(len(classes) * FLAGS.contents, model, FLAGS.seed + 2)
    order = np.argsort(drawn.labels, kind="stable")
    real, labels = drawn.videos[order], drawn.labels[order]
    _, odds = judges[0].classify(real)
    _, looks = judges[1].classify(real)
    kept_real = km.metrics.content_kept(looks).shares
    print(f"{FLAGS.contents} contents under {len(classes)} motions: generated, drawn")
    right_real = np.mean(odds.argmax(axis=1) == labels)
    print(f"{'class right':<28}{right:>8.1%}{right_real:>8.1%}")
    for name in LOOKS:
        print(f"{'content kept, ' + name:<28}{kept[name]:>8.1%}{kept_real[name]:>8.1%}")
    for name in LOOKS:
        print(f"{'content obeyed, ' + name:<28}{obeyed[name]:>8.1%}")
    print(f"{'change':<28}{change(grid):>8.2f}{change(real):>8.2f}")


if __name__ == "__main__":
    app.run(main)
