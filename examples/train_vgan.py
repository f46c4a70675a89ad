"""Trains VGAN on a folder of videos or on synthetic moving shapes.

    python examples/train_vgan.py --dataset=shapes --run_dir=runs/vgan
    python examples/train_vgan.py --data_dir=my_videos --run_dir=runs/mine

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

flags.DEFINE_integer("latent_dim", 100, "Size of the latent vector z.")
flags.DEFINE_float("mask_sparsity", 0.1, "Weight of the mask's mean in the loss.")
flags.DEFINE_integer("generator_filters", 64, "Channels of the last hidden levels.")
flags.adopt_module_key_flags(training)
FLAGS = flags.FLAGS
FLAGS.set_default("clip_frames", 32)
FLAGS.set_default("batch_size", 64)
FLAGS.set_default("run_dir", "runs/vgan")


def make_model(num_classes):
    return km.VGAN(
        num_classes=num_classes,
        dtype=game.dtype(),
        **values(
            "image_size channels clip_frames latent_dim mask_sparsity seed "
            "generator_filters discriminator_filters instance_noise "
            "discriminator_normalization"
        ),
    )


if __name__ == "__main__":
    app.run(lambda _: training.train(make_model))
