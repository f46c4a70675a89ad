"""Trains MoCoGAN on a folder of videos or on synthetic moving shapes.

    python examples/train_mocogan.py --dataset=shapes --run_dir=runs/shapes
    python examples/train_mocogan.py --data_dir=my_videos --recipe=short
    python examples/train_mocogan.py --flagfile=runs/mine/flags.txt --resume

--recipe is "paper", "published" or "short"; any other flag overrides it.
KERAS_BACKEND=tensorflow, jax or torch chooses the backend. See training.py for what
the run directory holds.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when loaded

import keras_mocogan as km  # isort: skip  (readies TensorFlow before Keras loads it)
import training
from absl import app, flags
from settings import judge_options, values

flags.DEFINE_integer("num_frames", None, "K >= T, frames to generate; default: T.")
flags.DEFINE_integer("content_dim", None, "d_C, size of the content vector.")
flags.DEFINE_integer("motion_dim", None, "d_M, size of a motion vector.")
flags.DEFINE_integer("noise_dim", None, "Size of R_M's noise; default: motion_dim.")
flags.DEFINE_enum("category_input", None, ["motion", "frame"], "Into R_M or into G_I.")
flags.DEFINE_enum(
    "content_input",
    None,
    ["concatenation", "modulation"],
    "Into G_I's first layer, or to scale and shift its channels.",
)
flags.DEFINE_integer("palette_size", None, "Colors of a content; needs 'modulation'.")
flags.DEFINE_integer("generator_filters", None, "Channels of G_I's last hidden level.")
flags.DEFINE_enum("generator_normalization", None, ["batch", "group"], "For G_I.")
flags.DEFINE_bool("image_discriminator", True, "Without: the paper's ablation.")
flags.DEFINE_integer("image_frames", None, "Frames of each clip that D_I judges.")
flags.DEFINE_integer("video_discriminator_levels", None, "3 is the paper's table 6.")
flags.adopt_module_key_flags(training)
FLAGS = flags.FLAGS


def image_generator():
    names = {
        "generator_filters": "filters",
        "generator_normalization": "normalization",
        "palette_size": "palette_size",
    }
    options = {names[k]: value for k, value in values(" ".join(names)).items()}
    if FLAGS.content_input is not None:
        is_modulating = FLAGS.content_input == "modulation"
        options["modulation_dim"] = "content" if is_modulating else 0
    return options


def main(_):
    levels = FLAGS.video_discriminator_levels
    names = "num_frames content_dim motion_dim noise_dim category_input image_frames"
    training.train(
        km.MoCoGAN,
        image_generator=image_generator(),
        image_discriminator=FLAGS.image_discriminator and judge_options(),
        video_discriminator=judge_options() | ({"levels": levels} if levels else {}),
        **values(names),
    )


if __name__ == "__main__":
    app.run(main)
