"""Generates videos with a trained model and writes GIF or MP4 files.

    keras-mocogan generate --preset=shapes --grid
    keras-mocogan generate --preset=shapes --contents=8
    keras-mocogan generate --model=runs/mine/model.keras --count=16
    keras-mocogan generate --model=... --fixed_content --label=1 --seed=3
    keras-mocogan generate --model=... --num_frames=64 --speed=0.5 --grid

Any backend can use a model that another one trained, and one seed gives one result.
With MoCoGAN you can choose content, motion, length and speed. With VGAN, --parts writes
foreground, mask and background beside each video.
"""

import numpy as np
from absl import app, flags

import keras_mocogan as km
from keras_mocogan.cli import stored
from keras_mocogan.sampling.decoding import with_time
from keras_mocogan.utils.remote.remote_path import as_path

FIRST_FLAGS = (
    "model preset output_dir count num_frames label seed fixed_content speed grid "
    "contents format"
)

flags.DEFINE_string("output_dir", "videos", "Folder, or its URL, for the files.")
flags.DEFINE_integer("count", 8, "Number of videos.", lower_bound=1)
flags.DEFINE_integer(
    "num_frames", None, "Frames of each, before --speed; default: the model's."
)
flags.DEFINE_integer("label", None, "Class of all videos; default: drawn for each.")
flags.DEFINE_integer("seed", None, "One seed gives one result; default: a new one.")
flags.DEFINE_bool("fixed_content", False, "Give all videos the same content.")
flags.DEFINE_bool("fixed_motion", False, "Give all videos the same motion.")
flags.DEFINE_float("speed", 1.0, "Speed of the motion: 2 is twice as fast.")
flags.DEFINE_bool("parts", False, "VGAN: foreground, mask and background beside.")
flags.DEFINE_bool("grid", False, "Write one file with all videos side by side.")
flags.DEFINE_integer(
    "contents",
    None,
    "Write one file with this many columns, each of one content, and a row for each "
    "class of motion.",
    lower_bound=1,
)
flags.DEFINE_integer("columns", None, "Columns of the grid; default: about square.")
flags.DEFINE_integer("fps", 8, "Frames a second.", lower_bound=1)
flags.DEFINE_integer("scale", 1, "Enlarge pixels by this factor.", lower_bound=1)
flags.DEFINE_enum("format", "gif", ["gif", "mp4"], "Kind of file.")
flags.adopt_module_key_flags(stored)
FLAGS = flags.FLAGS
_NOT_FOR_GRIDS = "count label fixed_content fixed_motion speed parts columns".split()


def generate(model):
    """uint8 videos, as the flags ask for them."""
    if FLAGS.contents:
        return generate_grid(model)
    _refuse_without_effect(model)
    if not hasattr(model, "sample_motion"):
        return generate_of_latent(model)
    count, seed = FLAGS.count, FLAGS.seed
    motion_labels = frame_labels = FLAGS.label
    if model.category_input == "frame":
        motion_labels = None
        if model.num_classes and frame_labels is None:
            frame_labels = km.latents.sample_labels(count, model.num_classes, seed)
    else:
        frame_labels = None
    motion = model.sample_motion(
        1 if FLAGS.fixed_motion else count, FLAGS.num_frames, motion_labels, seed
    )
    return model.generate(
        count,
        labels=frame_labels,
        content=model.sample_content(1 if FLAGS.fixed_content else count, seed),
        motion=km.latents.change_speed(motion, FLAGS.speed),
    )


def _refuse_without_effect(model):
    if FLAGS.columns is not None and not FLAGS.grid:
        raise app.UsageError(
            "--columns is for --grid. Give --grid too, or leave it out."
        )
    if FLAGS.parts and not isinstance(model, km.VGAN):
        raise app.UsageError(
            "--parts is for a VGAN, which draws foreground and background. Received: a "
            f"{type(model).__name__}. Leave it out."
        )


def generate_grid(model):
    """uint8 videos row by row, and sets the flags that lay them out."""
    given = [f"--{name}" for name in _NOT_FOR_GRIDS if FLAGS[name].present]
    if given:
        raise app.UsageError(
            "--contents draws a row for each class, and a column for each content. "
            f"Leave out {', '.join(given)}."
        )
    FLAGS.grid, FLAGS.columns = True, FLAGS.contents
    return model.preview_videos(
        FLAGS.contents, max(model.num_classes, 4), FLAGS.seed, FLAGS.num_frames
    )


def generate_of_latent(model):
    """uint8 videos of a system whose one latent vector is content and motion."""
    if FLAGS.fixed_content or FLAGS.fixed_motion or FLAGS.speed != 1:
        raise app.UsageError(
            f"{type(model).__name__} does not separate content and motion: leave out "
            "--fixed_content, --fixed_motion and --speed."
        )
    wanted = {"num_frames": FLAGS.num_frames, "labels": FLAGS.label, "seed": FLAGS.seed}
    if not FLAGS.parts:
        return with_time(model.generate(FLAGS.count, **wanted))
    parts = model.generate(FLAGS.count, return_parts=True, **wanted)
    videos = parts["videos"]
    mask = np.broadcast_to(parts["mask"], videos.shape)
    background = np.broadcast_to(parts["background"][:, None], videos.shape)
    return np.concatenate([videos, parts["foreground"], mask, background], axis=3)


def write(videos):
    """Writes videos to files, and prints their names."""
    writer = {"gif": km.video.write_gif, "mp4": km.video.write_mp4}[FLAGS.format]
    folder, suffix = as_path(FLAGS.output_dir), FLAGS.format
    if FLAGS.grid:
        files = {folder / f"videos.{suffix}": videos}
    else:
        files = {folder / f"{i:04d}.{suffix}": clip for i, clip in enumerate(videos)}
    for path, clips in files.items():
        options = {"columns": FLAGS.columns} if np.ndim(clips) == 5 else {}
        writer(path, clips, fps=FLAGS.fps, scale=FLAGS.scale, **options)
        print(path)


def main(_):
    write(generate(stored.load()))
