"""Finds the content and the motion of real clips, and swaps them.

    keras-mocogan project --preset=shapes --dataset=shapes --count=4 --swap
    keras-mocogan project --model=runs/mine/model.keras --data_dir=clips
    keras-mocogan project --model=... --data_dir=clips --motion=reachable --label=1

For a MoCoGAN. Writes `projection.gif`, real clips above what the model makes of them;
with --swap `swap.gif`, in which each column has the content of the clip above it and
each row the motion of the clip beside it; and the latents, `projection.npz`.
"""

import itertools

import numpy as np
from absl import app, flags

import keras_mocogan as km
from keras_mocogan.cli import resizing, stored
from keras_mocogan.utils.files import replacing
from keras_mocogan.utils.remote.remote_path import as_path

FIRST_FLAGS = "model preset data_dir dataset output_dir count steps motion label swap"
UNSEEN = 10**6  # a seed for synthetic clips that no training uses

flags.DEFINE_string("data_dir", None, "Real clips: folder, strips or records.")
flags.DEFINE_enum("dataset", None, ["shapes"], "Synthetic clips instead of a folder.")
flags.DEFINE_string("output_dir", "projection", "Folder, or its URL, for the files.")
flags.DEFINE_integer("count", 4, "Number of clips, at most.", lower_bound=1)
flags.DEFINE_integer("frame_stride", 1, "Take every n-th frame of the clips.")
flags.DEFINE_integer("steps", 200, "Steps of the search.", lower_bound=4)
flags.DEFINE_integer("starts", 8, "Random starts for each clip.", lower_bound=1)
flags.DEFINE_enum(
    "motion",
    "free",
    ["free", "reachable"],
    "Any path of motion vectors, or one that the model could draw.",
)
flags.DEFINE_integer("label", None, "Class of all clips; default: chosen for each.")
flags.DEFINE_float(
    "feature_weight", 0.0, "Weight of the trained discriminators' features."
)
flags.DEFINE_bool("swap", False, "Draw every content with every motion, too.")
flags.DEFINE_integer("seed", 0, "Seed of the clips' order and of the starts.")
flags.DEFINE_integer("fps", 8, "Frames a second.", lower_bound=1)
flags.DEFINE_integer("scale", 1, "Enlarge pixels by this factor.", lower_bound=1)
flags.adopt_module_key_flags(resizing)
flags.adopt_module_key_flags(stored)
FLAGS = flags.FLAGS


def real_clips(model):
    """uint8 clips as the model takes them, `count` at most."""
    if (FLAGS.data_dir is None) == (FLAGS.dataset is None):
        raise app.UsageError("Give either --data_dir=FOLDER or --dataset=shapes.")
    if FLAGS.dataset == "shapes":
        return km.data.shape_motion(
            FLAGS.count, model.clip_frames, model.image_size, seed=UNSEEN
        )[0]
    dataset = km.data.video_dataset(
        FLAGS.data_dir,
        image_size=model.image_size,
        clip_frames=model.clip_frames,
        frame_stride=FLAGS.frame_stride,
        channels=model.channels,
        batch_size=1,
        labels=None,
        seed=FLAGS.seed,
        **resizing.arguments(),
    )
    return np.concatenate(list(itertools.islice(dataset, FLAGS.count)))


def with_real(clips, swapped):
    """Videos of a grid: real clips above and beside what `km.swap` gives."""
    top = [np.full_like(clips[0], 255), *clips]
    rows = [[real, *row] for real, row in zip(clips, swapped, strict=True)]
    return np.stack([*top, *itertools.chain(*rows)])


def main(_):
    """Draws what a model finds nearest to real clips."""
    model = stored.load()
    clips = real_clips(model)
    found = km.project(
        model,
        clips,
        steps=FLAGS.steps,
        labels=FLAGS.label,
        motion=FLAGS.motion,
        starts=FLAGS.starts,
        feature_weight=FLAGS.feature_weight,
        seed=FLAGS.seed,
    )
    folder, n = as_path(FLAGS.output_dir), len(clips)
    figures = {"projection.gif": (np.concatenate([clips, found.videos]), n)}
    if FLAGS.swap:
        figures["swap.gif"] = with_real(clips, km.swap(model, found)), n + 1
    for name, (videos, columns) in figures.items():
        path = folder / name
        km.video.write_gif(path, videos, FLAGS.fps, columns, FLAGS.scale)
        print(path)
    path = folder / "projection.npz"
    arrays = {k: x for k, x in found._asdict().items() if x is not None}
    with replacing(path) as part:
        np.savez_compressed(part, **arrays)
    print(path)
    mean = ", ".join(f"{x:.2f}" for x in found.distances.mean(axis=1))
    print(f"Mean difference of pixels in 0..255, clip by clip: {mean}")
