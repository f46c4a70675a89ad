"""Trains TGAN on a folder of videos or on synthetic moving shapes.

    python examples/train_tgan.py --dataset=shapes --run_dir=runs/tgan
    python examples/train_tgan.py --data_dir=my_videos --run_dir=runs/mine

The flags' defaults are the paper's: RMSProp, Wasserstein loss, singular value clipping.

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

flags.DEFINE_integer("latent_dim", 100, "Size of z_0, the clip's vector.")
flags.DEFINE_integer("motion_dim", 100, "Size of z_1(t), a frame's vector.")
flags.DEFINE_integer("generator_filters", 32, "Channels of the last hidden level.")
flags.adopt_module_key_flags(training)
FLAGS = flags.FLAGS
PAPER = {
    "batch_size": 32,
    "optimizer": "rmsprop",
    "generator_rate": 5e-5,
    "video_discriminator_rate": 5e-5,
    "loss": "wasserstein",
    "weight_constraint": "singular_value_clipping",
}
for name, value in {"run_dir": "runs/tgan", **PAPER}.items():
    FLAGS.set_default(name, value)


def make_model(num_classes):
    return km.TGAN(
        num_classes=num_classes,
        dtype=game.dtype(),
        **values(
            "image_size channels clip_frames latent_dim motion_dim seed "
            "generator_filters discriminator_filters instance_noise "
            "discriminator_normalization"
        ),
    )


if __name__ == "__main__":
    app.run(lambda _: training.train(make_model))
