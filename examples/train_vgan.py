"""Trains VGAN on a folder of videos or on synthetic moving shapes.

    python examples/train_vgan.py --dataset=shapes --run_dir=runs/vgan
    python examples/train_vgan.py --data_dir=my_videos --recipe=short

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

flags.DEFINE_integer("latent_dim", None, "Size of the latent vector z.")
flags.DEFINE_float("mask_sparsity", None, "Weight of the mask's mean in the loss.")
flags.DEFINE_integer("generator_filters", None, "Channels of the last hidden levels.")
flags.adopt_module_key_flags(training)
FLAGS = flags.FLAGS
FLAGS.set_default("clip_frames", 32)
FLAGS.set_default("run_dir", "runs/vgan")


def main(_):
    filters = FLAGS.generator_filters
    stream = {"filters": filters} if filters else {}
    training.train(
        km.VGAN,
        foreground_generator=stream,
        background_generator=stream,
        video_discriminator=judge_options(),
        **values("latent_dim mask_sparsity"),
    )


if __name__ == "__main__":
    app.run(main)
