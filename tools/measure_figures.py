"""Measures a model trained on drawn people: right motion, and clothes that stay on?

    python tools/measure_figures.py --model=runs/quickstart/model.keras

Three small classifiers learn from 3,000 drawn clips, about a minute on two cores: one
the motion of a clip, one the looks in a frame, and one whether frames are in order, in
random order, or all the same. They judge 64 contents of the model under one motion of
every class, and as many drawn clips, which show how good they are:

- class right: the share of clips that move as their class says;
- content kept: the share of clips with one look in all frames;
- content obeyed: the share of pairs of motions under which a content looks the same;
- in order, still: the shares of clips whose frames are found in order, or all the same.
  The others flicker, or jump from pose to pose.
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
ORDERS = ("in order", "shuffled", "still")
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


def train_judge_of_order(videos):
    """A classifier of `ORDERS`."""
    count, frames, size, _, channels = videos.shape
    random = np.random.default_rng(FLAGS.seed)
    shuffled = random.permuted(np.tile(np.arange(frames), (count, 1)), axis=1)
    still = np.repeat(random.integers(frames, size=(count, 1)), frames, axis=1)
    clips = [videos, *(videos[np.arange(count)[:, None], i] for i in (shuffled, still))]
    judge = km.metrics.VideoClassifier(len(ORDERS), size, channels, frames, FILTERS)
    labels = np.repeat(np.arange(len(ORDERS)), count)
    return train(judge, np.concatenate(clips), {"logits": labels})


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


def orders(videos, judge):
    """The shares of clips of each of `ORDERS`."""
    _, odds = judge.classify(videos.reshape(-1, *videos.shape[-4:]))
    found = odds.argmax(axis=1)
    return {name: np.mean(found == i) for i, name in enumerate(ORDERS)}


def draw(count, model, seed):
    return km.data.figures(count, model.clip_frames, model.image_size, seed=seed)


def main(_):
    keras.utils.set_random_seed(FLAGS.seed)
    model = keras.models.load_model(FLAGS.model)
    clips = draw(FLAGS.clips, model, FLAGS.seed + 1)
    judges, judge_of_order = train_judges(clips), train_judge_of_order(clips.videos)
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
    found, found_real = (orders(videos, judge_of_order) for videos in (grid, real))
    for name in ("in order", "still"):
        print(f"{name:<28}{found[name]:>8.1%}{found_real[name]:>8.1%}")


if __name__ == "__main__":
    app.run(main)
