"""Trains TGAN on a folder of videos or on synthetic moving shapes.

    python examples/train_tgan.py --dataset=shapes --run_dir=runs/tgan
    python examples/train_tgan.py --data_dir=my_videos --recipe=short

--recipe is "paper" or "short"; any other flag overrides it.
KERAS_BACKEND=tensorflow, jax or torch chooses the backend. See training.py for what
the run directory holds.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when loaded

import keras_mocogan as km  # isort: skip  (readies TensorFlow before Keras loads it)
import training
from absl import app, flags
from settings import judge_options, values

flags.DEFINE_integer("latent_dim", None, "Size of z_0, the clip's vector.")
flags.DEFINE_integer("motion_dim", None, "Size of z_1(t), a frame's vector.")
flags.DEFINE_integer("generator_filters", None, "Channels of the last hidden level.")
flags.adopt_module_key_flags(training)
FLAGS = flags.FLAGS
FLAGS.set_default("run_dir", "runs/tgan")


def main(_):
    filters = FLAGS.generator_filters
    generator = {"filters": filters} if filters else {}
    training.train(
        km.TGAN,
        temporal_generator=generator,
        image_generator=generator,
        video_discriminator=judge_options(),
        **values("latent_dim motion_dim"),
    )


if __name__ == "__main__":
    app.run(main)
