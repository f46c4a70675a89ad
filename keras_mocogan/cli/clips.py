"""The clips to train on: where they are, and how they are cut and changed."""

import itertools

import numpy as np
from absl import app, flags

import keras_mocogan as km
from keras_mocogan.cli import resizing, sizes

flags.DEFINE_string("data_dir", None, "Folder of videos, strips, frames or records.")
flags.DEFINE_enum(
    "dataset", None, ["figures", "shapes"], "Synthetic data instead of a folder."
)
sizes.define(
    __name__,
    None,
    "Side of square frames, or height x width: 32 to 256, multiples of 16. Default: "
    "square, the clips' shorter side, at most 64.",
)
flags.DEFINE_integer("channels", 3, "1 (gray) to 4 (RGB and alpha).")
flags.DEFINE_integer(
    "clip_frames",
    None,
    "T, the frames that D_V judges. Default: 16, or fewer where clips are shorter.",
)
flags.DEFINE_integer("frame_stride", 1, "Take every n-th frame of the videos.")
flags.DEFINE_float("fps", None, "Frames a second that videos are brought to first.")
flags.DEFINE_integer(
    "num_classes", None, "Number of classes, 0 for none. Default: the data's."
)
flags.DEFINE_enum("layout", "auto", ["auto", "files", "frames"], "What a clip is.")
flags.DEFINE_list(
    "clips",
    None,
    "Numbers of the clips to use, in sorted order, such as 0-99,120; the last number "
    "of a range is part of it. Default: all.",
)
flags.DEFINE_bool("horizontal_flip", False, "Mirror half of the clips.")
flags.DEFINE_bool("reverse", False, "Play half of the clips backwards.")
flags.DEFINE_float(
    "random_crop", 1.0, "Smallest part of a frame's side to keep, at random.", 0.0, 1.0
)
flags.DEFINE_string(
    "cache", None, "Keep decoded clips: 'memory', or the path of a folder."
)
flags.DEFINE_enum(
    "engine",
    "auto",
    ["auto", "tf", "python"],
    "What reads clips ahead; auto is tf.data where TensorFlow is installed.",
)
flags.DEFINE_enum("on_error", "skip", ["skip", "raise"], "What to do at a broken clip.")
flags.DEFINE_bool(
    "deterministic", True, "Without: other clips may overtake a slow one."
)
flags.adopt_module_key_flags(resizing)
FLAGS = flags.FLAGS

_NUM_FIGURES = 2000
_CUTTING = "image_size channels clip_frames frame_stride fps layout on_error seed"
_CHANGING = "horizontal_flip reverse random_crop cache deterministic engine"


def check_source():
    """Refuses flags that name no source, or two."""
    if (FLAGS.data_dir is None) == (FLAGS.dataset is None):
        raise app.UsageError(
            "Give either --data_dir=FOLDER, or --dataset=shapes or figures."
        )


def make_dataset(batch_size, first_step=0):
    """The endless data set that the flags describe, from a step on."""
    return km.data.video_dataset(
        _source(),
        batch_size=batch_size,
        repeat=True,
        first_step=first_step,
        shard=km.processes.shard(),
        **_cutting(),
        **_values(_CHANGING),
    )


def real_clips(count):
    """Clips as they are: `(videos, labels or None)`, `count` of them at most."""
    dataset = km.data.video_dataset(_source(), batch_size=1, **_cutting())
    found = [
        batch if isinstance(batch, tuple) else (batch,)
        for batch in itertools.islice(dataset, count)
    ]
    parts = [np.concatenate(part) for part in zip(*found, strict=True)]
    return parts[0], (parts[1] if len(parts) > 1 else None)


def _source():
    check_source()
    if FLAGS.dataset is None:
        return FLAGS.data_dir
    size = {"num_frames": FLAGS.clip_frames, "image_size": FLAGS.image_size}
    if FLAGS.dataset == "shapes":
        return km.data.shape_motion(**size, seed=FLAGS.seed)
    figures = km.data.figures(_NUM_FIGURES, **size, seed=FLAGS.seed)
    return figures.videos, figures.labels


def _cutting():
    """Arguments of `video_dataset` that say which clips, and how they are cut."""
    return {
        "labels": None if FLAGS.num_classes == 0 else "folders",
        "indices": chosen(),
        **resizing.arguments(),
        **_values(_CUTTING),
    }


def _values(names):
    return {name: FLAGS[name].value for name in names.split()}


def chosen():
    """The numbers that `--clips` names, or None for all."""
    if not FLAGS.clips:
        return None
    numbers = []
    for part in FLAGS.clips:
        first, _, last = part.partition("-")
        if not first.isdigit() or not (last or first).isdigit():
            raise app.UsageError(
                "--clips must be numbers and ranges, such as 0-99,120. Received: "
                f"{part}."
            )
        if int(last or first) < int(first):
            raise app.UsageError(
                "A range of --clips must begin with its smaller number. Received: "
                f"{part}. Write {last}-{first}."
            )
        numbers += range(int(first), int(last or first) + 1)
    return np.unique(numbers)
