"""Trains the classifier of clips behind MCS, inception score and distances.

    keras-mocogan classifier --data_dir=clips --output=classifier.keras
    keras-mocogan classifier --data_dir=clips --model=runs/mine/model.keras
    keras-mocogan classifier --dataset=shapes --image_size=32 --clip_frames=8
    keras-mocogan classifier --data_dir=actions --group_size=8 --folds=9
    keras-mocogan classifier --arrays=clips.npz --clip_frames=8

The clips are divided into `--parts` parts. One part is held out, and a classifier that
is trained on the others judges it; this is repeated for `--folds` parts. The accuracy
over all of them and its 95 % interval are printed and stored in the file, which holds
the classifier of the last fold. With `--model` or `--preset` the frames have that
model's size, and a clip its number of frames, so that the classifier can judge what the
model generates.
"""

import re
from pathlib import Path

import keras
import numpy as np
from absl import app, flags

import keras_mocogan as km
from keras_mocogan.cli import clip_arrays, resizing, sizes, stored
from keras_mocogan.utils.remote.remote_path import as_path

FIRST_FLAGS = (
    "data_dir dataset output model image_size clip_frames frame_stride steps filters "
    "folds group_size seed"
)

flags.DEFINE_string("data_dir", None, "Class folders of videos or strips, or records.")
flags.DEFINE_string("arrays", None, "Or videos and labels: `.npz`.")
flags.DEFINE_enum("dataset", None, ["shapes"], "Synthetic data instead of a folder.")
flags.DEFINE_string("output", "classifier.keras", "Where the classifier goes.")
sizes.define(__name__, 64, "Side of square frames, or height x width.")
flags.DEFINE_integer("channels", 3, "1 (gray) to 4 (RGB and alpha).")
flags.DEFINE_integer("clip_frames", 16, "Frames of a clip.")
flags.DEFINE_integer("frame_stride", 1, "Take every n-th frame of the videos.")
flags.DEFINE_integer("filters", 16, "Channels of the first level.", 1)
flags.DEFINE_integer("batch_size", 16, "Clips in a step.", 1)
flags.DEFINE_integer("steps", 400, "Training steps for each fold.", 1)
flags.DEFINE_float("rate", 2e-3, "Adam's learning rate, with a cosine decay to 0.", 0.0)
flags.DEFINE_integer("parts", 9, "Parts; one of them is held out.", 2)
flags.DEFINE_integer("folds", 1, "How many of the parts are held out in turn.", 1)
flags.DEFINE_integer(
    "group_size",
    None,
    "Clips whose names end in numbers with the same number // group_size are one part, "
    "such as all clips of one person.",
    1,
)
flags.DEFINE_integer("seed", 0, "Seed of weights, parts, order of clips and windows.")
flags.adopt_module_key_flags(resizing)
flags.adopt_module_key_flags(stored)
FLAGS = flags.FLAGS


def check_output():
    """Refuses a name that Keras cannot save by, before anything is trained."""
    if as_path(FLAGS.output).suffix != ".keras":
        raise app.UsageError(
            "--output must be the name of a file that ends in .keras. Received: "
            f"{FLAGS.output}."
        )


def check_parts():
    """Refuses a number of parts where each group is one."""
    if FLAGS.group_size is not None and FLAGS["parts"].present:
        raise app.UsageError(
            "With --group_size each group is a part. Leave out --parts, or make "
            "--group_size larger for fewer parts."
        )


def take_sizes():
    """Takes the sizes of clips from a model, if one is given and no flag says them."""
    if FLAGS.model is None and FLAGS.preset is None:
        return
    model = stored.load()
    for name in "image_size channels clip_frames".split():
        if not FLAGS[name].present:
            setattr(FLAGS, name, getattr(model, name))


def make_dataset(source, **arguments):
    names = "image_size channels clip_frames frame_stride seed"
    settings = {name: FLAGS[name].value for name in names.split()}
    settings |= resizing.arguments()
    return km.data.video_dataset(source, **settings, **arguments)


def deinterleave(names):
    """The part of each clip."""
    if FLAGS.group_size is None:
        order = np.random.default_rng(FLAGS.seed).permutation(len(names))
        return order % FLAGS.parts
    # Records are shuffled: their numbers mean nothing.
    found = [
        None if ", record " in name else re.search(r"(\d+)$", Path(name).stem)
        for name in names
    ]
    if not all(found):
        raise app.UsageError(
            "--group_size needs clips whose names end in numbers, such as 0012.mp4. "
            f"Received: {names[found.index(None)]}."
        )
    groups = np.array([int(match[1]) for match in found]) // FLAGS.group_size
    _, parts = np.unique(groups, return_inverse=True)
    if parts.max() < 1:
        raise app.UsageError(
            f"--group_size={FLAGS.group_size} makes one group of all clips. Make it "
            "smaller."
        )
    return parts


def load():
    """A source for `video_dataset`, and names of the classes if the source has none."""
    given = [FLAGS.data_dir, FLAGS.arrays, FLAGS.dataset]
    if sum(source is not None for source in given) != 1:
        raise app.UsageError(
            "Give one of --data_dir=FOLDER, --arrays=FILE and --dataset=shapes."
        )
    if FLAGS.dataset == "shapes":
        return km.data.shape_motion(2000, FLAGS.clip_frames, FLAGS.image_size), None
    if FLAGS.arrays:
        clips = clip_arrays.read(FLAGS.arrays)
        return clips[:2], clips.names.get("labels")
    return FLAGS.data_dir, None


def train(source, clips, everything, class_names):
    """A classifier of a source's classes that has seen the clips of these numbers."""
    keras.utils.set_random_seed(FLAGS.seed)
    model = km.metrics.VideoClassifier(
        everything.num_classes,
        FLAGS.image_size,
        FLAGS.channels,
        FLAGS.clip_frames,
        FLAGS.filters,
        class_names=class_names or everything.class_names,
    )
    decay = keras.optimizers.schedules.CosineDecay(FLAGS.rate, FLAGS.steps)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(decay), {"logits": loss})
    dataset = make_dataset(
        source, indices=clips, batch_size=FLAGS.batch_size, repeat=True
    )
    batches = ((videos, {"logits": labels}) for videos, labels in dataset)
    model.fit(batches, steps_per_epoch=FLAGS.steps, verbose=0, shuffle=False)
    return model


def count_hits(model, source, clips):
    held_out = make_dataset(source, indices=clips, batch_size=1, shuffle=False)
    videos, labels = zip(*held_out, strict=True)
    _, probabilities = model.classify(np.concatenate(videos))
    hits = probabilities.argmax(axis=1) == np.concatenate(labels)
    return int(hits.sum()), len(hits)


def main(_):
    """Trains the classifier that the flags describe, and saves it."""
    check_output()
    check_parts()
    take_sizes()
    source, class_names = load()
    everything = make_dataset(source, batch_size=1)
    if everything.num_classes < 2:
        raise app.UsageError("There must be at least two classes to learn from.")
    parts = deinterleave(everything.clip_names)
    hits = count = 0
    for fold in range(min(FLAGS.folds, parts.max() + 1)):
        model = train(source, np.flatnonzero(parts != fold), everything, class_names)
        found = count_hits(model, source, np.flatnonzero(parts == fold))
        print(f"fold {fold}: {found[0]} of {found[1]} held-out clips right", flush=True)
        hits, count = hits + found[0], count + found[1]
    low, high = km.metrics.accuracy_interval(hits, count)
    model.held_out = {"accuracy": hits / count, "interval": [low, high], "clips": count}
    km.callbacks.save_atomically(model, FLAGS.output)
    print(f"accuracy {hits / count:.1%} ({low:.1%} to {high:.1%}), {FLAGS.output}")
