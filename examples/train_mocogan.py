"""Trains MoCoGAN on a folder of videos or on synthetic moving shapes.

    python examples/train_mocogan.py --dataset=shapes --run_dir=runs/shapes
    python examples/train_mocogan.py --data_dir=my_videos --run_dir=runs/mine
    python examples/train_mocogan.py --flagfile=runs/mine/flags.txt --resume

KERAS_BACKEND=tensorflow, jax or torch chooses the backend. See training.py for what
the run directory holds.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when loaded

import keras_mocogan as km  # isort: skip  (readies TensorFlow before Keras loads it)
import game
import training
from absl import app, flags
from game import values

flags.DEFINE_integer("num_frames", None, "K >= T, the frames generated; default: T.")
flags.DEFINE_integer("content_dim", 50, "d_C, size of the content vector.")
flags.DEFINE_integer("motion_dim", 10, "d_M, size of a motion vector.")
flags.DEFINE_integer("noise_dim", None, "Size of R_M's noise; default: motion_dim.")
flags.DEFINE_enum("category_input", "motion", ["motion", "frame"], "To R_M or to G_I.")
flags.DEFINE_enum(
    "content_input",
    "concatenation",
    ["concatenation", "modulation"],
    "To G_I's first layer, or to scale and shift its channels.",
)
flags.DEFINE_integer("palette_size", 0, "Colours of a content; wants 'modulation'.")
flags.DEFINE_integer("generator_filters", 64, "Channels of G_I's last hidden level.")
flags.DEFINE_enum("generator_normalization", "batch", ["batch", "group"], "Of G_I.")
flags.DEFINE_bool("image_discriminator", True, "Without: the paper's ablation.")
flags.DEFINE_integer("image_frames", 1, "Frames of each clip that D_I judges.")
flags.DEFINE_integer("video_discriminator_levels", 4, "3 is the paper's table 6.")
flags.adopt_module_key_flags(training)
FLAGS = flags.FLAGS
FLAGS.set_default("instance_noise", 0.1)


def make_model(num_classes):
    return km.MoCoGAN(
        num_classes=num_classes,
        dtype=game.dtype(),
        **values(
            "image_size channels clip_frames num_frames content_dim motion_dim "
            "noise_dim category_input content_input palette_size generator_filters "
            "generator_normalization discriminator_filters image_discriminator "
            "image_frames video_discriminator_levels instance_noise "
            "discriminator_normalization seed"
        ),
    )


if __name__ == "__main__":
    app.run(lambda _: training.train(make_model))
