"""Trains image to video on filmed people, goes on later, and measures: same person?

    python tools/measure_animation.py --data_dir=actions --run_dir=runs/animation
    python tools/measure_animation.py --data_dir=actions --run_dir=runs/animation \\
        --steps=20000 --notrain    # measure what is there

The clips are strips in class folders, numbered in blocks, a person a block. For each
person but the last, the clips of one action are held out; of the last, all. Training is
that of `keras-mocogan train --image_encoder` and takes its flags; the same command goes
on with a run that was interrupted, and then measures. Images of held-out clips are
animated, once for each class, and every later frame is compared with frames of other
clips of all people, after the color of the wall was taken away:

- kept: the share of frames whose nearest real frame shows the person of the image;
- closer: that person's nearest frame in terms of the nearest one of other people;
- error: difference of the first frame and the image, in 0..255;
- change: difference of the first and the last frame. Of a still picture it is 0.

The same measures of real clips say how well this works at all. The table and
`animated.gif` go into the run directory.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when loaded

import keras_mocogan as km  # isort: skip  (readies TensorFlow before Keras loads it)
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
from absl import app, flags

from keras_mocogan.cli import resizing, training
from keras_mocogan.utils.remote.remote_path import as_path

for module in (training, *training.MODULES):
    flags.adopt_module_key_flags(module)
flags.DEFINE_bool("train", True, "Train first, up to --steps.")
flags.DEFINE_integer("block", 8, "Files of one person.", lower_bound=1)
flags.DEFINE_integer("images", 3, "Images of each held-out clip.", lower_bound=1)
FLAGS = flags.FLAGS
FLAGS.set_default("run_dir", "runs/animation")
FLAGS.set_default("image_size", 64)
FLAGS.set_default("clip_frames", 16)
FLAGS.set_default("frame_stride", 2)
FLAGS.set_default("image_encoder", True)
FLAGS.set_default("resume", True)

LENGTH, STRIDE = 48, 3  # of the part of each clip that is compared, and its frames
# Classes by place of which a person's clips may be held out; in the others some people
# wear something else.
HELD_OUT_CLASSES = (0, 1, 3)
PICTURES = 6  # columns of animated.gif


class Clips(NamedTuple):
    """Real clips in sorted order.

    Attributes:
        videos: uint8 `(n, LENGTH, height, width, channels)`.
        people, classes: int `(n,)`.
        held_out: bool `(n,)`.
    """

    videos: np.ndarray
    people: np.ndarray
    classes: np.ndarray
    held_out: np.ndarray


def read_clips():
    """All clips, and who is in them."""
    dataset = km.data.video_dataset(
        FLAGS.data_dir,
        image_size=FLAGS.image_size,
        clip_frames=LENGTH,
        channels=FLAGS.channels,
        layout=FLAGS.layout,
        fps=FLAGS.fps,
        batch_size=1,
        shuffle=False,
        on_error="raise",  # a clip's place among the files says who is in it
        **resizing.arguments(),
    )
    batches = [(np.asarray(v)[0], int(np.asarray(c)[0])) for v, c in dataset]
    videos, classes = map(np.array, zip(*batches, strict=True))
    numbers = [int(Path(name).stem) for name in dataset.clip_names]
    people = np.array(numbers) // FLAGS.block
    turn = np.array(HELD_OUT_CLASSES)[people % len(HELD_OUT_CLASSES)]
    held_out = (classes == turn) | (people == people.max())
    return Clips(videos, people, classes, held_out)


def appearance(frames):
    """float32 `(n, d)`: frames at half the size, without the color of the wall."""
    frames = frames.astype("float32")
    n, height, width, channels = frames.shape
    halves = frames.reshape(n, height // 2, 2, width // 2, 2, channels).mean((2, 4))
    return (halves - np.median(halves, axis=(1, 2), keepdims=True)).reshape(n, -1)


def nearest(frames, gallery):
    """Root mean squared difference to the nearest frame of each person, `(n, people)`.

    Args:
        frames: uint8 `(n, height, width, channels)`.
        gallery: Person -> `appearance` of frames.
    """
    found, columns = appearance(frames), []
    squares = (found**2).sum(1)[:, None]
    for others in gallery.values():
        distances = squares + (others**2).sum(1) - 2 * found @ others.T
        columns.append(np.sqrt(np.maximum(distances.min(1), 0) / found.shape[1]))
    return np.stack(columns, axis=1)


def compare(videos, person, gallery):
    """`(kept, closer)` of later frames of videos that should show a person."""
    frames = videos[:, 1:].reshape(-1, *videos.shape[2:])
    distances = nearest(frames, gallery)
    column = list(gallery).index(person)
    own = distances[:, column]
    others = np.delete(distances, column, axis=1).min(axis=1)
    return np.mean(own < others), np.median(own / others)


def difference(one, other):
    return np.abs(one.astype("float32") - other).mean()


def measure_clip(model, clips, number):
    """Measures of one clip, generated and real, and its animations."""
    person, real = clips.people[number], clips.videos[number]
    known = clips.classes != clips.classes[number]  # neither this clip nor its mirror
    frames = {
        who: clips.videos[known & (clips.people == who), ::STRIDE]
        for who in np.unique(clips.people)
    }
    gallery = {
        who: appearance(x.reshape(-1, *x.shape[2:])) for who, x in frames.items()
    }
    span = (model.num_frames - 1) * FLAGS.frame_stride + 1
    starts = np.linspace(0, LENGTH - min(span, LENGTH), FLAGS.images).astype(int)
    images, classes = real[starts], max(1, model.num_classes)
    labels = np.tile(np.arange(classes), len(images)) if model.num_classes else None
    repeated = np.repeat(images, classes, axis=0)
    videos = model.animate(repeated, labels=labels, seed=number)
    kept, closer = compare(videos, person, gallery)
    windows = np.stack([real[s : s + span : FLAGS.frame_stride] for s in starts])
    real_kept, real_closer = compare(windows, person, gallery)
    return {
        "kept": kept,
        "closer": closer,
        "error": difference(videos[:, 0], repeated),
        "change": difference(videos[:, 0], videos[:, -1]),
        "real_kept": real_kept,
        "real_closer": real_closer,
        "real_change": difference(windows[:, 0], windows[:, -1]),
    }, videos[:classes]


def load():
    """The newest model of the run, with averaged weights."""
    run_dir = as_path(FLAGS.run_dir)
    newest = km.callbacks.latest_checkpoint(run_dir / "checkpoints")
    return km.load_model(newest)


def measure(clips):
    """Group -> means of the measures, and a GIF of some animations."""
    model = load()
    last = clips.people == clips.people.max()
    groups = {
        "seen people, unseen clips": clips.held_out & ~last,
        "unseen person": last & np.isin(clips.classes, HELD_OUT_CLASSES),
        "clips of the training": ~clips.held_out & (clips.classes == 0),
    }
    rows, shown = {}, []
    with km.callbacks.ema_weights(model):
        for group, members in groups.items():
            numbers = np.flatnonzero(members)
            found = [measure_clip(model, clips, number) for number in numbers]
            names = found[0][0]
            rows[group] = {n: float(np.mean([f[0][n] for f in found])) for n in names}
            rows[group]["clips"] = len(numbers)
            shown += list(zip(numbers, (f[1] for f in found), strict=True))
    write_pictures(clips, shown[:: max(1, len(shown) // PICTURES)][:PICTURES])
    return {"step": model.global_step, "groups": rows}


def write_pictures(clips, shown):
    """The images in the first row, and a row for each class below."""
    videos = np.stack([animated for _, animated in shown], axis=1)
    images = np.stack([clips.videos[number, :1] for number, _ in shown])
    still = np.repeat(images, videos.shape[2], axis=1)
    path = as_path(FLAGS.run_dir) / "animated.gif"
    grid = np.concatenate([still[None], videos]).reshape(-1, *still.shape[1:])
    km.video.write_gif(path, grid, fps=8, columns=len(shown), scale=2)


def main(_):
    clips = read_clips()
    chosen = np.flatnonzero(~clips.held_out)
    FLAGS.clips = [str(number) for number in chosen]
    if FLAGS.train:
        training.train("mocogan")
    found = measure(clips)
    people = len(np.unique(clips.people))
    print(f"After {found['step']:,} steps. By chance, kept is {1 / people:.2f}.")
    for group, row in found["groups"].items():
        print(f"{group} ({row['clips']}): ", end="")
        print(
            f"kept {row['kept']:.2f} (real {row['real_kept']:.2f}), "
            f"closer {row['closer']:.2f} (real {row['real_closer']:.2f}), "
            f"error {row['error']:.1f}, "
            f"change {row['change']:.1f} (real {row['real_change']:.1f})"
        )
    path = as_path(FLAGS.run_dir) / "animation.json"
    path.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    app.run(main)
